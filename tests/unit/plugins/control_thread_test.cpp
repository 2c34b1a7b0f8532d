// The lifecycle thread: one at a time, with a deadline, replaced when work does not end.
#include "plugins/control_thread.h"

#include <atomic>
#include <doctest/doctest.h>
#include <pthread.h>
#include <string>
#include <thread>

namespace host_stub {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

std::string name_of_this_thread() {
  char name[16] = {};
  pthread_getname_np(pthread_self(), name, sizeof(name));
  return name;
}

}  // namespace

TEST_CASE("work runs on one named thread, and is done when run() returns") {
  ControlThread control;
  std::string name;
  std::thread::id first, second;
  CHECK(control.run([&] { name = name_of_this_thread(), first = std::this_thread::get_id(); },
                    steady_clock::now() + 20s));
  CHECK(control.run([&] { second = std::this_thread::get_id(); }, steady_clock::now() + 20s));
  CHECK(name == "plugin-control");
  CHECK(first == second);
  CHECK(first != std::this_thread::get_id());
}

TEST_CASE("work that does not end in time is left behind; the next piece gets another thread") {
  const auto let_go = std::make_shared<std::atomic<bool>>(false);
  const auto ended = std::make_shared<std::atomic<bool>>(false);
  {
    ControlThread control;
    const bool in_time = control.run(
        [let_go, ended] {
          while (!*let_go) std::this_thread::yield();
          *ended = true;
        },
        steady_clock::now() + 10ms);
    CHECK_FALSE(in_time);
    bool done = false;
    CHECK(control.run([&] { done = true; }, steady_clock::now() + 20s));
    CHECK(done);
  }
  CHECK_FALSE(*ended);
  *let_go = true;
  const auto deadline = steady_clock::now() + 20s;
  while (!*ended && steady_clock::now() < deadline) std::this_thread::yield();
  CHECK(*ended);
}

}  // namespace host_stub
