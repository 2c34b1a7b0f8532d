// Publishers, handlers that complete later on other threads, subscriptions that come and go: all at once, and every
// count has to come out even.
#include <deque>
#include <random>

#include "bus_helpers.h"

namespace host_stub::testing {
namespace {

constexpr int publishers = 3;
constexpr std::uint64_t events_each = 20'000;

/// Takes events and completes them on a thread of its own, in batches.
class Later {
 public:
  explicit Later(EventBus& bus) : bus_(bus), thread_([this] { work(); }) {}
  ~Later() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    thread_.join();
  }
  std::int32_t take(const agent_event& event) {
    const std::lock_guard lock(mutex_);
    queue_.push_back(&event);
    return AGENT_HANDLER_LATER;
  }

 private:
  void work() {
    for (;;) {
      std::vector<const agent_event*> batch;
      bool last = false;
      {
        const std::lock_guard lock(mutex_);
        batch.swap(queue_);
        last = ending_;
      }
      if (batch.size() % 2 == 1) {
        bus_.complete(batch.back(), AGENT_OUTCOME_FAILED, to_text("odd"));
        batch.pop_back();
      }
      bus_.complete_many(batch.data(), batch.size(), AGENT_OUTCOME_DONE);
      if (last && batch.empty()) return;
      if (batch.empty()) std::this_thread::yield();
    }
  }

  EventBus& bus_;
  std::mutex mutex_;
  std::vector<const agent_event*> queue_;
  bool ending_ = false;
  std::thread thread_;
};

/// Handlers of one topic see the numbers of its publisher grow.
struct Order {
  std::uint64_t last = 0;
  bool kept = true;
  std::int32_t take(const agent_event& event) {
    std::uint64_t number = 0;
    std::memcpy(&number, event.payload.data, sizeof(number));
    kept = kept && number == last + 1;
    last = number;
    return AGENT_HANDLER_DONE;
  }
};

void publish_all(EventBus& bus, int publisher, std::atomic<std::uint64_t>& told) {
  const std::string topic = "publisher::" + std::to_string(publisher);
  const agent_event_completion completion{sizeof(completion), 0, &told, 0,
                                          [](void* context, std::uint64_t, const agent_event_result*) {
                                            ++*static_cast<std::atomic<std::uint64_t>*>(context);
                                          }};
  for (std::uint64_t number = 1; number <= events_each; ++number) {
    const std::string_view payload(reinterpret_cast<const char*>(&number), sizeof(number));
    CHECK(bus.publish(draft_of(topic, payload), 1, &completion, nullptr, nullptr) == AGENT_OK);
    if (number % 7 == 0) {  // topics that come once, to make the cache replace
      bus.publish(draft_of("once::" + std::to_string(number * publishers)), 1, &completion, nullptr, nullptr);
    }
  }
}

/// Each handler's context dies right after unsubscribe() has returned: a call that comes too late is a use after free.
void come_and_go(EventBus& bus, const std::atomic<bool>& ending, unsigned seed) {
  std::mt19937 random(seed);
  std::deque<std::unique_ptr<Listener>> listeners;
  while (!ending) {
    auto count = std::make_shared<std::vector<int>>(100, 0);
    listeners.push_back(std::make_unique<Listener>(
        bus, std::vector<std::string>{random() % 2 == 0 ? "publisher::.*" : "once::[0-9]+$"},
        [count](const agent_event&) { return (*count)[50] == 0 ? AGENT_HANDLER_DONE : AGENT_HANDLER_FAILED; }));
    if (listeners.size() > random() % 5) listeners.pop_front();
  }
}

}  // namespace

TEST_CASE("every event is handled in order and completed once while subscriptions come and go") {
  EventBus bus({.max_cached_topics = 256});
  std::atomic<std::uint64_t> told{0};
  std::atomic<bool> ending{false};
  std::vector<Order> orders(publishers);
  {
    Later later(bus);
    const Listener taking(bus, {"publisher::"}, [&](const agent_event& event) { return later.take(event); });
    std::vector<std::unique_ptr<Listener>> ordered;
    for (int number = 0; number < publishers; ++number) {
      ordered.push_back(std::make_unique<Listener>(
          bus, std::vector<std::string>{"publisher::" + std::to_string(number) + "$"},
          [&order = orders[static_cast<std::size_t>(number)]](const agent_event& event) { return order.take(event); }));
    }
    std::vector<std::thread> threads;
    for (int number = 0; number < publishers; ++number)
      threads.emplace_back([&, number] { publish_all(bus, number, told); });
    std::thread first([&] { come_and_go(bus, ending, 1); });
    std::thread second([&] { come_and_go(bus, ending, 2); });
    for (std::thread& thread : threads) thread.join();
    ending = true;
    first.join();
    second.join();
    bus.close();
    CHECK(bus.wait_idle(std::chrono::steady_clock::now() + 20s));
  }
  CHECK(told == publishers * (events_each + events_each / 7));
  for (const Order& order : orders) {
    CHECK(order.kept);
    CHECK(order.last == events_each);
  }
  CHECK(bus.statistics().alive == 0);
  CHECK(bus.statistics().in_flight == 0);
  CHECK(bus.statistics().cached_topics <= 256);
}

}  // namespace host_stub::testing
