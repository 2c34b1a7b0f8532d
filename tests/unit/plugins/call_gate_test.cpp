// The gate before a plugin's read-only calls: nobody is inside when it has been closed.
#include "plugins/call_gate.h"

#include <atomic>
#include <doctest/doctest.h>
#include <thread>
#include <vector>

namespace host_stub {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

}  // namespace

TEST_CASE("calls pass until the gate is closed") {
  CallGate gate;
  CHECK(static_cast<bool>(CallGate::Pass(gate)));
  CHECK(gate.close(steady_clock::now()));
  CHECK_FALSE(static_cast<bool>(CallGate::Pass(gate)));
}

TEST_CASE("closing waits for who is inside, and says if the deadline came first") {
  CallGate gate;
  REQUIRE(gate.enter());
  CHECK_FALSE(gate.close(steady_clock::now() + 5ms));
  std::thread inside([&] { gate.leave(); });
  CHECK(gate.close(steady_clock::now() + 20s));
  inside.join();
}

TEST_CASE("nobody is inside after closing, however many came") {
  CallGate gate;
  std::atomic<bool> closed{false};
  std::atomic<int> late{0};
  std::vector<std::thread> threads;
  for (int count = 0; count < 3; ++count) {
    threads.emplace_back([&] {
      for (;;) {
        const CallGate::Pass pass(gate);
        if (!pass) return;
        if (closed) ++late;
      }
    });
  }
  std::this_thread::yield();
  CHECK(gate.close(steady_clock::now() + 20s));
  closed = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(late == 0);
}

}  // namespace host_stub
