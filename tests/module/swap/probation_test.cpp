// A new version that works, but not well, is taken back within its probation, with what it had done meanwhile.
#include "swap_helpers.h"

using namespace host_stub;
using namespace host_stub::testing;

namespace {

SwapReport swap_into(SwapHost& host, const std::string& words, const std::function<void(ProbationRules&)>& rules = {}) {
  SwapRequest request = host.request("counter_2", words);
  request.timeout = 500ms;
  request.probation.length = 10s;
  request.probation.poll = 5ms;
  request.probation.health_timeout = 200ms;
  request.probation.not_ready = 100ms;
  if (rules) rules(request.probation);
  return host.swap(request);
}

void is_taken_back(SwapHost& host, const SwapReport& report, std::string_view why) {
  CHECK(report.outcome == SwapOutcome::rolled_back);
  CHECK_MESSAGE(contains(report.reason, why), report.reason);
  CHECK(host.version() == "1.0.0");
  CHECK(report.running == "1.0.0");
  host.let_pass();
}

}  // namespace

TEST_CASE("a version that is not alive is taken back, and nothing is lost on the way") {
  SwapHost host("counter_1", "later");
  host.begin_publishing();
  host.let_pass();
  const SwapReport report = swap_into(host, "later fail=health:error");
  is_taken_back(host, report, "not alive on purpose");
  CHECK(step(report, "quiesce", SwapDirection::back)->outcome == StepOutcome::done);
  CHECK(step(report, "save", SwapDirection::back)->outcome == StepOutcome::done);
  CHECK_MESSAGE(report.unmapped == true, report.why_mapped);
  host.settle();
}

TEST_CASE("a version whose health throws, or is not ready though the old one was, is taken back") {
  for (const char* words : {"fail=health:throw", "slow_ready"}) {
    CAPTURE(words);
    SwapHost host;
    host.begin_publishing();
    is_taken_back(host, swap_into(host, words), "");
    host.settle();
  }
}

TEST_CASE("a version that hangs in its health call is taken back; the old one goes on from its own last state") {
  SwapHost host;
  host.begin_publishing(1);
  host.let_pass();
  host.end_publishing();
  const SwapReport report = swap_into(host, "fail=health:hang");
  CHECK(report.outcome == SwapOutcome::rolled_back);
  CHECK(contains(report.reason, "did not return"));
  CHECK(report.unmapped == false);
  CHECK(host.version() == "1.0.0");
  const std::uint64_t count = host.ledger.count();
  host.publish_for(1, count + 1);
  CHECK(host.ledger.count() == count + 1);
  host.settle();
}

TEST_CASE("a version with too many errors is taken back; with few it stays") {
  SwapHost host;
  host.begin_publishing();
  is_taken_back(host, swap_into(host, "fail=errors:error"), "errors of the new version within a second");
  const SwapReport tolerated = swap_into(host, "fail=errors:error", [](ProbationRules& rules) {
    rules.length = 50ms;
    rules.max_errors_per_second = 1000;
  });
  CHECK(tolerated.outcome == SwapOutcome::swapped);
  host.let_pass();
  host.settle();
}

TEST_CASE("a version that cannot give up in its turn is stopped, and the old one goes on") {
  SwapHost host;
  const SwapReport report = swap_into(host, "fail=health:error fail=save:error");
  CHECK(report.outcome == SwapOutcome::rolled_back);
  CHECK(host.version() == "1.0.0");
  CHECK(host.state() == PluginState::active);
}
