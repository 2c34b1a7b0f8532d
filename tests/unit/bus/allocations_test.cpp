// Once warm, the bus allocates nothing for an event: counted over every allocation of the process.
#include <cstdlib>
#include <new>

#include "bus_helpers.h"

namespace {
std::atomic<std::uint64_t> allocations{0};
}

void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size); memory != nullptr) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  const auto unit = static_cast<std::size_t>(alignment);
  if (void* memory = std::aligned_alloc(unit, (size + unit - 1) / unit * unit); memory != nullptr) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace host_stub::testing {
namespace {

std::uint64_t allocated_by(const std::function<void()>& work) {
  const std::uint64_t before = allocations;
  work();
  return allocations - before;
}

}  // namespace

TEST_CASE("publishing known topics with quick handlers allocates nothing") {
  EventBus bus({.wallet_id = "base"});
  const Listener first(bus, {"[0-9]+::.*"}, done);
  const Listener second(bus, {".*::active$"}, done);
  std::vector<std::string> topics;
  for (int number = 0; number < 1000; ++number) topics.push_back(std::to_string(number) + "::active");
  const std::string payload(10'000, 'x');
  const agent_header header{to_text("traceparent"), {"00-0af7651916cd43dd8448eb211c80319c", 35}};
  const auto publish_all = [&] {
    for (std::size_t index = 0; index < topics.size(); ++index) {
      agent_event_draft draft = draft_of(topics[index], std::string_view(payload).substr(0, index * 10));
      draft.headers = &header;
      draft.header_count = 1;
      bus.publish(draft, 1, nullptr, nullptr, nullptr);
    }
  };
  publish_all();
  CHECK(allocated_by(publish_all) == 0);
  CHECK(bus.statistics().cache_misses == 1000);
}

TEST_CASE("events that are completed later on another thread allocate nothing either") {
  EventBus bus;
  std::vector<const agent_event*> taken;
  taken.reserve(1000);
  const Listener listener(bus, {"t"}, [&](const agent_event& event) {
    taken.push_back(&event);
    return AGENT_HANDLER_LATER;
  });
  std::atomic<int> rounds{0};
  std::atomic<bool> full{false};
  std::thread completer([&] {
    while (rounds < 50) {
      if (!full) continue;
      bus.complete_many(taken.data(), taken.size(), AGENT_OUTCOME_DONE);
      taken.clear();
      ++rounds;
      full = false;
    }
  });
  const auto round = [&] {
    for (int count = 0; count < 1000; ++count) bus.publish(draft_of("t", "payload"), 1, nullptr, nullptr, nullptr);
    full = true;
    CHECK(eventually([&] { return !full; }));
  };
  round();
  const std::uint64_t bytes = bus.statistics().pool_bytes;
  CHECK(allocated_by([&] {
          for (int count = 1; count < 50; ++count) round();
        }) < 10);  // doctest's own bookkeeping; 49,000 events
  completer.join();
  CHECK(bus.statistics().pool_bytes == bytes);
}

TEST_CASE("memory of the topic cache is bounded: a million distinct topics do not add up") {
  EventBus bus({.max_cached_topics = 1024});
  const Listener listener(bus, {".*"}, done);
  for (int number = 0; number < 200'000; ++number) {
    bus.publish(draft_of(std::to_string(number)), 1, nullptr, nullptr, nullptr);
  }
  CHECK(bus.statistics().cached_topics <= 1024);
}

}  // namespace host_stub::testing
