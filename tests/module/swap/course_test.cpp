// A swap that goes well: nothing lost, doubled or reordered, and the old module gone.
#include "swap_helpers.h"

using namespace host_stub;
using namespace host_stub::testing;

TEST_CASE("a swap to a newer version and back keeps the count and every event") {
  SwapHost host("counter_1", "later");
  host.begin_publishing();
  host.let_pass();
  const SwapReport up = host.swap(host.request("counter_2", "later"));
  REQUIRE_MESSAGE(up.outcome == SwapOutcome::swapped, up.reason);
  CHECK(host.version() == "2.0.0");
  host.let_pass();
  const SwapReport down = host.swap(host.request("counter_1"));
  REQUIRE_MESSAGE(down.outcome == SwapOutcome::swapped, down.reason);
  CHECK(host.version() == "1.0.0");
  host.let_pass();
  host.settle();
  CHECK(host.ledger.by_version()["2.0.0"] > 0);
  for (const SwapReport& report : {up, down}) {
    CHECK_MESSAGE(report.unmapped == true, report.why_mapped);
    CHECK(report.deposits == 1);
    CHECK(report.deposits_released == 0);
    CHECK(report.handles == "taken over");
    CHECK(report.state_bytes > 0);
    CHECK(report.pause_ms > 0);
    CHECK(report.began_us > 0);
  }
  CHECK(up.from.version == "1.0.0");
  CHECK(up.to.version == "2.0.0");
  CHECK(up.running == "2.0.0");
}

TEST_CASE("the steps come in their order, each with its time") {
  SwapHost host;
  const SwapReport report = host.swap(host.request("counter_2"));
  std::string names;
  double last = 0;
  for (const SwapStep& each : report.steps) {
    names += (names.empty() ? "" : " ") + each.name;
    CHECK(each.at_ms >= last);
    CHECK(each.outcome != StepOutcome::running);
    last = each.at_ms;
  }
  CHECK(names ==
        "copy validate load create configure prepare quiesce flip save routes load_state start release resume "
        "probation destroy unload");
  CHECK(step(report, "validate")->outcome == StepOutcome::skipped);
  CHECK(contains(step(report, "prepare")->detail, "revision 1"));
}

TEST_CASE("without a path the same file is loaded again, with the new configuration") {
  SwapHost host("counter_1");
  host.begin_publishing();
  const SwapReport report = host.swap(host.request("", "later"));
  CHECK_MESSAGE(report.outcome == SwapOutcome::swapped, report.reason);
  CHECK(report.to.path == counter("counter_1").string());
  host.let_pass();
  host.settle();
}

TEST_CASE("a plugin without agent.handover begins anew behind the same hold") {
  SwapHost host("counter_plain", "later");
  host.begin_publishing();
  host.let_pass();
  const auto before = host.ledger.by_version()["0.9.0"];
  host.end_publishing();
  host.ledger.expect_new_count();
  const SwapReport report = host.swap(host.request("counter_1"));
  CHECK_MESSAGE(report.outcome == SwapOutcome::swapped, report.reason);
  CHECK(contains(report.reason, "begins anew"));
  CHECK(step(report, "quiesce")->outcome == StepOutcome::skipped);
  CHECK(report.handles == "none");
  CHECK(before > 0);
  for (std::uint64_t number = 1; number <= 10; ++number) host.publish_for(9, number);
  host.settle();
  CHECK(host.ledger.count() == 10);
}

TEST_CASE("close_connections hands nothing over as it is") {
  SwapHost host("counter_1");
  SwapRequest request = host.request("counter_2");
  request.close_connections = true;
  const SwapReport report = host.swap(request);
  CHECK(report.outcome == SwapOutcome::swapped);
  CHECK(report.deposits == 0);
  CHECK(report.handles == "made anew");
}

TEST_CASE("versions that share no revision of the state are refused with both ranges") {
  SwapHost host("counter_2");
  const SwapReport report = host.swap(host.request("counter_3"));
  CHECK(report.outcome == SwapOutcome::refused);
  CHECK(contains(report.reason, "the running one has 1 to 2, the new one 3 to 4"));
  CHECK(host.version() == "2.0.0");
  CHECK(report.unmapped == true);
}

TEST_CASE("what cannot be swapped is said at once") {
  SwapHost host;
  SwapRequest request = host.request("counter_2");
  request.plugin = "nobody";
  CHECK(host.plugins.swap(request).error().status == AGENT_E_NOT_FOUND);
  REQUIRE(host.plugins.stop_all().ok());
  CHECK(host.plugins.swap(host.request("counter_2")).error().status == AGENT_E_STATE);
}

TEST_CASE("while one swap is under way another one is refused, and its report can be read") {
  SwapHost host;
  SwapRequest request = host.request("counter_2");
  request.probation.length = 60s;
  const auto id = host.plugins.swap(request);
  REQUIRE(id.ok());
  const auto active = host.plugins.wait_for_swap(id.value(), false, Clock::now() + 20s);
  REQUIRE(active);
  CHECK(active->outcome == SwapOutcome::probation);
  CHECK(host.version() == "2.0.0");
  const auto second = host.plugins.swap(host.request("counter_1"));
  REQUIRE_FALSE(second.ok());
  CHECK(second.error().status == AGENT_E_BUSY);
  REQUIRE(host.plugins.swaps("counter").size() == 1);
  CHECK(host.plugins.swaps("counter").front().outcome == SwapOutcome::probation);
  // The end of the host ends the probation: nobody waits a minute.
  const auto before = Clock::now();
  (void)host.plugins.drain_all(1s);
  CHECK(Clock::now() - before < 20s);
  CHECK(host.plugins.swaps("counter").front().outcome == SwapOutcome::swapped);
}

TEST_CASE("the last sixteen reports are kept, newest first") {
  SwapHost host;
  for (int round = 0; round < 18; ++round) {
    CHECK(host.swap(host.request(round % 2 == 0 ? "counter_2" : "counter_1")).outcome == SwapOutcome::swapped);
  }
  const auto reports = host.plugins.swaps("counter");
  REQUIRE(reports.size() == 16);
  CHECK(reports.front().id == 18);
  CHECK(reports.back().id == 3);
  CHECK(host.plugins.swap_counts().at(0).swapped == 18);
}
