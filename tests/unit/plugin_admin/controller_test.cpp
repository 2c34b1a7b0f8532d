// The state machine of start and stop.
#include "admin/controller.h"

#include <doctest/doctest.h>
#include <future>
#include <thread>
#include <vector>

#include "fakes.h"

namespace {

using namespace kafka_events;
using namespace kafka_events::admin;
using namespace std::chrono_literals;

Controller::Deadline soon() { return std::chrono::steady_clock::now() + 10s; }

struct Fixture {
  test::FakeBridge bridge;
  test::QuietLog log;
  Controller controller{bridge, log};
};

}  // namespace

TEST_CASE("start and stop are idempotent") {
  Fixture f;
  REQUIRE(f.controller.open());
  CHECK(f.controller.state() == BridgeState::stopped);
  CHECK(f.controller.run(Command::stop, soon()));
  CHECK(f.bridge.stops == 0);
  for (int i = 0; i < 3; ++i) CHECK(f.controller.run(Command::start, soon()));
  CHECK(f.controller.state() == BridgeState::running);
  CHECK(f.bridge.starts == 1);
  for (int i = 0; i < 3; ++i) CHECK(f.controller.run(Command::stop, soon()));
  CHECK(f.controller.state() == BridgeState::stopped);
  CHECK(f.bridge.stops == 1);
}

TEST_CASE("a stop reports what became of the records in flight") {
  Fixture f;
  REQUIRE(f.controller.open());
  REQUIRE(f.controller.run(Command::start, soon()));
  const auto deadline = soon();
  const Result<StopCounts> stopped = f.controller.run(Command::stop, deadline);
  REQUIRE(stopped);
  CHECK(stopped.value().delivered == 1);
  CHECK(stopped.value().undelivered == 2);
  CHECK(f.bridge.last_deadline == deadline);
}

TEST_CASE("a start that fails leaves the state failed, with the reason, and can be tried again") {
  Fixture f;
  f.bridge.on_start = [] { return Error(ErrorCode::failed, "no thread"); };
  REQUIRE(f.controller.open());
  const Result<StopCounts> started = f.controller.run(Command::start, soon());
  REQUIRE_FALSE(started);
  CHECK(started.error().message == "no thread");
  CHECK(f.controller.state() == BridgeState::failed);
  CHECK(f.controller.reason() == "no thread");
  f.bridge.on_start = nullptr;
  CHECK(f.controller.run(Command::start, soon()));
  CHECK(f.controller.state() == BridgeState::running);
  CHECK(f.controller.reason().empty());
}

TEST_CASE("an exception of the bridge is a failure, not the end of the thread") {
  Fixture f;
  f.bridge.on_start = []() -> Result<void> { throw std::runtime_error("out of luck"); };
  REQUIRE(f.controller.open());
  CHECK(f.controller.run(Command::start, soon()).error().message == "out of luck");
  f.bridge.on_start = nullptr;
  CHECK(f.controller.run(Command::start, soon()));
}

TEST_CASE("the states in between are visible from other threads") {
  Fixture f;
  std::promise<void> go_on;
  std::promise<void> inside;
  f.bridge.on_start = [&]() -> Result<void> {
    inside.set_value();
    go_on.get_future().wait();
    return {};
  };
  REQUIRE(f.controller.open());
  std::promise<void> done;
  REQUIRE(f.controller.submit(Command::start, soon(), [&](const auto&) { done.set_value(); }));
  inside.get_future().wait();
  CHECK(f.controller.state() == BridgeState::starting);
  go_on.set_value();
  done.get_future().wait();
  CHECK(f.controller.state() == BridgeState::running);
}

TEST_CASE("the queue is bounded, and what waits at close() is answered") {
  Fixture f;
  std::promise<void> go_on;
  std::promise<void> inside;
  f.bridge.on_start = [&]() -> Result<void> {
    inside.set_value();
    go_on.get_future().wait();
    return {};
  };
  REQUIRE(f.controller.open());
  std::atomic<int> done{0};
  std::atomic<int> refused{0};
  const auto count = [&](const Result<StopCounts>& result) { ++(result ? done : refused); };
  REQUIRE(f.controller.submit(Command::start, soon(), count));
  inside.get_future().wait();
  for (std::size_t i = 0; i < Controller::max_waiting; ++i) CHECK(f.controller.submit(Command::stop, soon(), count));
  const Result<void> over = f.controller.submit(Command::stop, soon(), count);
  REQUIRE_FALSE(over);
  CHECK(over.error().code == ErrorCode::busy);
  std::thread closing([&] { f.controller.close(); });
  while (f.controller.submit(Command::stop, soon(), count).error().code != ErrorCode::state) std::this_thread::yield();
  go_on.set_value();
  closing.join();
  CHECK(done == 1);
  CHECK(refused == static_cast<int>(Controller::max_waiting));
}

TEST_CASE("a command whose deadline has passed is not begun") {
  Fixture f;
  REQUIRE(f.controller.open());
  const Result<StopCounts> late = f.controller.run(Command::start, std::chrono::steady_clock::now() - 1ms);
  REQUIRE_FALSE(late);
  CHECK(late.error().code == ErrorCode::timeout);
  CHECK(f.bridge.starts == 0);
}

TEST_CASE("a closed controller refuses, and can be opened again") {
  Fixture f;
  CHECK(f.controller.run(Command::start, soon()).error().code == ErrorCode::state);
  REQUIRE(f.controller.open());
  REQUIRE(f.controller.run(Command::start, soon()));
  f.controller.close();
  CHECK(f.controller.run(Command::stop, soon()).error().code == ErrorCode::state);
  CHECK(f.controller.state() == BridgeState::running);
  REQUIRE(f.controller.open());
  CHECK(f.controller.run(Command::stop, soon()));
}

TEST_CASE("commands of many threads never overlap") {
  Fixture f;
  REQUIRE(f.controller.open());
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&f, t] {
      for (int i = 0; i < 50; ++i) (void)f.controller.run((i + t) % 2 == 0 ? Command::start : Command::stop, soon());
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK_FALSE(f.bridge.overlapped);
  CHECK(f.bridge.starts > 0);
}
