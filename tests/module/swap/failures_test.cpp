// Versions that fail on purpose, at every step and in every way: the old one goes on, with its state and every event.
#include "swap_helpers.h"

using namespace host_stub;
using namespace host_stub::testing;

namespace {

/// Where the new version fails, and whether the old one had given anything up by then.
struct Failing {
  const char* at;
  const char* how;
  SwapOutcome outcome;
  const char* step;  // the one that failed
};

SwapRequest impatient(SwapRequest request) {
  request.timeout = std::chrono::milliseconds(300);
  return request;
}

void old_version_goes_on(SwapHost& host) {
  CHECK(host.version() == "1.0.0");
  CHECK(host.state() == PluginState::active);
  host.let_pass();
  host.settle();
}

}  // namespace

TEST_CASE("a new version that fails leaves the old one at work") {
  constexpr auto refused = SwapOutcome::refused;
  constexpr auto rolled_back = SwapOutcome::rolled_back;
  const std::vector<Failing> all{
      {"configure", "error", refused, "configure"}, {"configure", "throw", refused, "configure"},
      {"configure", "hang", refused, "configure"},  {"describe", "error", refused, "prepare"},
      {"describe", "throw", refused, "prepare"},    {"describe", "hang", refused, "prepare"},
      {"prepare", "error", refused, "prepare"},     {"prepare", "throw", refused, "prepare"},
      {"prepare", "hang", refused, "prepare"},      {"load", "error", rolled_back, "load_state"},
      {"load", "throw", rolled_back, "load_state"}, {"load", "hang", rolled_back, "load_state"},
      {"start", "error", rolled_back, "start"},     {"start", "throw", rolled_back, "start"},
      {"start", "hang", rolled_back, "start"},
  };
  for (const Failing& each : all) {
    const std::string words = std::string("later fail=") + each.at + ":" + each.how;
    CAPTURE(words);
    SwapHost host("counter_1", "later");
    host.begin_publishing();
    host.let_pass();
    const SwapReport report = host.swap(impatient(host.request("counter_2", words)));
    CHECK(report.outcome == each.outcome);
    CHECK(report.running == "1.0.0");
    CHECK_FALSE(report.reason.empty());
    REQUIRE(step(report, each.step) != nullptr);
    CHECK(step(report, each.step)->outcome == StepOutcome::failed);
    CHECK(report.unmapped == (std::string(each.how) != "hang"));
    old_version_goes_on(host);
  }
}

TEST_CASE("create() that fails, or hangs, leaves the old version at work") {
  for (const char* module : {"counter_create_error", "counter_create_hang"}) {
    CAPTURE(module);
    SwapHost host;
    host.begin_publishing();
    const SwapReport report = host.swap(impatient(host.request(module)));
    CHECK(report.outcome == SwapOutcome::refused);
    CHECK(step(report, "create")->outcome == StepOutcome::failed);
    old_version_goes_on(host);
  }
}

TEST_CASE("an old version that does not give up goes on") {
  for (const char* at : {"describe", "quiesce", "save"}) {
    for (const char* how : {"error", "throw"}) {
      const std::string words = std::string("later fail=") + at + ":" + how;
      CAPTURE(words);
      SwapHost host("counter_1", words);
      host.begin_publishing();
      host.let_pass();
      const SwapReport report = host.swap(impatient(host.request("counter_2", "later")));
      CHECK(report.outcome == (std::string(at) == "save" ? SwapOutcome::rolled_back : SwapOutcome::refused));
      CHECK(report.unmapped == true);
      old_version_goes_on(host);
    }
  }
}

TEST_CASE("an old version that hangs before it gave anything up goes on handling events") {
  for (const char* at : {"describe", "quiesce"}) {
    CAPTURE(at);
    SwapHost host("counter_1", std::string("later fail=") + at + ":hang");
    host.begin_publishing();
    const SwapReport report = host.swap(impatient(host.request("counter_2")));
    CHECK(report.outcome == SwapOutcome::refused);
    CHECK(report.running == "1.0.0");
    CHECK(contains(host.plugins.health().at(0).reason, "has not returned"));
    host.let_pass();
    host.settle();
    PluginManagerOptions ignored;  // the end gives it up: its call never returns
  }
}

TEST_CASE("an old version that hangs in save() is given up, and the new one begins anew") {
  SwapHost host("counter_1", "later fail=save:hang");
  host.begin_publishing(1);
  host.let_pass();
  host.end_publishing();
  const auto before = Clock::now();
  while (!host.ledger.problems().empty() && Clock::now() < before + 5s) std::this_thread::sleep_for(1ms);
  host.ledger.expect_new_count();
  const SwapReport report = host.swap(impatient(host.request("counter_2")));
  CHECK(report.outcome == SwapOutcome::swapped);
  CHECK(contains(report.reason, "begins anew"));
  CHECK(report.unmapped == false);
  CHECK(host.version() == "2.0.0");
  for (std::uint64_t number = 1; number <= 10; ++number) host.publish_for(9, number);
  CHECK(host.ledger.count() == 10);
}

TEST_CASE("a new version whose handler hangs on a held event is taken back") {
  SwapHost host("counter_1");
  host.begin_publishing(1);
  host.let_pass();
  const SwapReport report = host.swap(impatient(host.request("counter_2", "fail=handler:hang")));
  CHECK((report.outcome == SwapOutcome::rolled_back || report.outcome == SwapOutcome::swapped));
  if (report.outcome == SwapOutcome::rolled_back) CHECK(host.version() == "1.0.0");
  host.publishing = false;
  for (std::thread& publisher : host.publishers) publisher.detach();  // one may hang in the handler for ever
  host.publishers.clear();
}

TEST_CASE("when neither version can be started the report says stuck, and so does the health") {
  SwapHost host("counter_1");
  SwapRequest request = impatient(host.request("counter_2", "fail=start:error"));
  // The old one starts well once, and never again: its configuration stays, so it takes a version made for this.
  SwapHost other("counter_start_once");
  const SwapReport report = other.swap(impatient(other.request("counter_2", "fail=start:error")));
  CHECK(report.outcome == SwapOutcome::stuck);
  CHECK(report.running.empty());
  CHECK_FALSE(other.plugins.health().at(0).live);
  CHECK(contains(other.plugins.health().at(0).reason, "stuck"));
  CHECK(host.swap(request).outcome == SwapOutcome::rolled_back);
}

TEST_CASE("a version that hangs in destroy(), or leaves a thread, stays in memory and the swap is done") {
  for (const char* how : {"hang", "leak"}) {
    CAPTURE(how);
    SwapHost host("counter_1", std::string("fail=destroy:") + how);
    host.begin_publishing();
    host.let_pass();
    const SwapReport report = host.swap(impatient(host.request("counter_2")));
    CHECK(report.outcome == SwapOutcome::swapped);
    CHECK(report.unmapped == false);
    CHECK_FALSE(report.why_mapped.empty());
    if (std::string(how) == "leak") CHECK(contains(report.why_mapped, "threads"));
    CHECK(host.plugins.swap_counts().at(0).modules_left_mapped == 1);
    CHECK(host.version() == "2.0.0");
    host.let_pass();
    host.settle();
  }
}
