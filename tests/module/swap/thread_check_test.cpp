// Which threads run in a module: seen from outside, by their stacks.
#include "plugins/thread_check.h"

#include <future>
#include <unistd.h>

#include "swap_helpers.h"

using namespace host_stub;
using namespace host_stub::testing;

TEST_CASE("a thread is known by its number and its start") {
  const auto before = threads_of_this_process();
  CHECK(before.size() >= 1);
  std::promise<void> end;
  std::thread other([&] { end.get_future().wait(); });
  const auto during = threads_of_this_process();
  CHECK(during.size() == before.size() + 1);
  end.set_value();
  other.join();
}

TEST_CASE("a thread that the host started is not inside a plugin, though it called it before") {
  SwapHost host("counter_1");
  std::promise<void> published;
  std::promise<void> end;
  std::thread publisher([&] {
    for (std::uint64_t number = 1; number <= 100; ++number) host.publish_for(5, number);
    published.set_value();
    end.get_future().wait();
  });
  published.get_future().wait();
  const SwapReport report = host.swap(host.request("counter_2"));
#ifndef __SANITIZE_THREAD__  // its runtime starts all threads itself, so nobody can tell whose they are
  CHECK_MESSAGE(report.unmapped == true, report.why_mapped);
#endif
  CHECK(report.outcome == SwapOutcome::swapped);
  end.set_value();
  publisher.join();
}

TEST_CASE("a file that is mapped nowhere has no mappings") { CHECK(mappings_of("/no/such/module.so").empty()); }
