// What is known of a swap while it runs and afterwards, and the rule about errors within a second.
#include "plugins/swap_record.h"

#include <doctest/doctest.h>

#include "plugins/error_rate.h"

using namespace host_stub;
using namespace std::chrono_literals;

TEST_CASE("a running step has a time, and the outcome ends the wait") {
  SwapRecord record(7, "counter");
  record.begin("copy", SwapDirection::forward);
  CHECK(record.report().steps.at(0).outcome == StepOutcome::running);
  record.end(StepOutcome::failed, "no room");
  CHECK(record.report().steps.at(0).detail == "no room");
  CHECK(record.wait(false, std::chrono::steady_clock::now()).outcome == SwapOutcome::running);
  record.settle(SwapOutcome::probation);
  CHECK(record.wait(false, std::chrono::steady_clock::now() + 10s).outcome == SwapOutcome::probation);
}

TEST_CASE("whoever waits for the end is told once, and not of the probation") {
  SwapRecord record(1, "counter");
  int active = 0;
  int ended = 0;
  record.when_settled(false, [&](const SwapReport&) { ++active; });
  record.when_settled(true, [&](const SwapReport&) { ++ended; });
  record.settle(SwapOutcome::probation);
  CHECK(active == 1);
  CHECK(ended == 0);
  record.settle(SwapOutcome::running);  // the way back
  record.settle(SwapOutcome::rolled_back);
  CHECK(active == 1);
  CHECK(ended == 1);
  record.when_settled(true, [&](const SwapReport& report) { ended += report.id == 1 ? 1 : 0; });
  CHECK(ended == 2);
}

TEST_CASE("sixteen records of each plugin are kept, newest first, and all are counted") {
  SwapHistory history;
  for (std::uint64_t id = 1; id <= 20; ++id) {
    const auto record = std::make_shared<SwapRecord>(id, id % 2 == 0 ? "even" : "odd");
    history.add(record);
    record->settle(SwapOutcome::swapped);
    history.count(record->report());
  }
  for (std::uint64_t id = 21; id <= 30; ++id) history.add(std::make_shared<SwapRecord>(id, "even"));
  CHECK(history.of("even").size() == 16);
  CHECK(history.of("even").front().id == 30);
  CHECK(history.last("odd")->id == 19);
  CHECK(history.find(2) == nullptr);
  CHECK(history.find(19) != nullptr);
  CHECK(history.counts().at(0).swapped == 10);
  CHECK_FALSE(history.last("nobody"));
}

TEST_CASE("more errors than allowed within a second are too many, however many there were before") {
  const ErrorRate::Time start{};
  ErrorRate rate(50, start);
  CHECK_FALSE(rate.judge(50, start + 100ms));
  CHECK_FALSE(rate.judge(90, start + 1200ms));
  CHECK_FALSE(rate.judge(100, start + 1900ms));
  CHECK(rate.judge(141, start + 2000ms));
}
