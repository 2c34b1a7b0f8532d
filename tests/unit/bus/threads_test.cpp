// Threads come and go: what the bus keeps per thread is used again, and nothing of it dangles.
#include "bus_helpers.h"

namespace host_stub::testing {
namespace {

struct Holder {
  const agent_event* event = nullptr;
  ~Holder() {
    if (event != nullptr) event->release(event);
  }
};
thread_local Holder holder;

}  // namespace

TEST_CASE("a thousand short threads leave no more memory than a few") {
  EventBus bus;
  const Listener listener(bus, {".*"}, done);
  const auto publish_on_a_thread = [&] {
    std::thread([&] { bus.publish(draft_of("t", "payload"), 0, nullptr, nullptr, nullptr); }).join();
  };
  for (int count = 0; count < 5; ++count) publish_on_a_thread();
  const std::uint64_t bytes = bus.statistics().pool_bytes;
  for (int count = 0; count < 1000; ++count) publish_on_a_thread();
  CHECK(bus.statistics().pool_bytes == bytes);
  CHECK(bus.statistics().published == 1005);  // counts of ended threads are kept
}

TEST_CASE("one thread can use several buses in turn, and buses can go while the thread lives") {
  EventBus lasting;
  const Listener listener(lasting, {".*"}, done);
  for (int round = 0; round < 50; ++round) {
    EventBus passing;
    const Listener other(passing, {".*"}, done);
    passing.publish(draft_of("t"), 0, nullptr, nullptr, nullptr);
    lasting.publish(draft_of("t"), 0, nullptr, nullptr, nullptr);
    CHECK(other.calls() == 1);
  }
  CHECK(listener.calls() == 50);
}

TEST_CASE("an event can be given back while its thread ends, after the bus' own thread data is gone") {
  EventBus bus;
  const Listener listener(bus, {".*"}, [](const agent_event& event) {
    event.retain(&event);
    holder.event = &event;
    return AGENT_HANDLER_DONE;
  });
  std::thread([&] {
    holder.event = nullptr;  // constructed before the bus' data, so destroyed after it
    bus.publish(draft_of("t"), 0, nullptr, nullptr, nullptr);
  }).join();
  CHECK(bus.statistics().alive == 0);
}

}  // namespace host_stub::testing
