// Unsubscribing: it returns when the handler does not run any more, and waits for that handler only.
#include "bus_helpers.h"

namespace host_stub::testing {
namespace {

/// A handler that stays inside until it is let go.
struct Gate {
  std::atomic<bool> inside{false};
  std::atomic<bool> open{false};
  std::function<std::int32_t(const agent_event&)> handler() {
    return [this](const agent_event&) {
      inside = true;
      CHECK(eventually([this] { return open.load(); }));
      inside = false;
      return AGENT_HANDLER_DONE;
    };
  }
};

void publish(EventBus& bus, std::string_view topic) { bus.publish(draft_of(topic), 0, nullptr, nullptr, nullptr); }

std::uint64_t subscribe(EventBus& bus, std::string_view pattern, void* context,
                        std::int32_t (*handle)(void*, const agent_event*), std::uint64_t owner = 0) {
  const agent_text text = to_text(pattern);
  const agent_subscription subscription{sizeof(subscription), 1, &text, to_text("raw"), context, handle};
  std::uint64_t token = 0;
  REQUIRE(bus.subscribe(subscription, owner, &token, nullptr) == AGENT_OK);
  return token;
}

}  // namespace

TEST_CASE("unsubscribe waits for a running call of its handler") {
  EventBus bus;
  Gate gate;
  std::atomic<bool> returned{false};
  auto listener = std::make_unique<Listener>(bus, std::vector<std::string>{"t"}, gate.handler());
  std::thread publisher([&] { publish(bus, "t"); });
  REQUIRE(eventually([&] { return gate.inside.load(); }));
  std::thread remover([&] {
    CHECK(bus.unsubscribe(listener->token()) == AGENT_OK);
    CHECK_FALSE(gate.inside);
    returned = true;
  });
  REQUIRE(eventually([&] { return bus.statistics().subscriptions == 0; }));
  CHECK_FALSE(returned);  // it has taken the handler off, and can only be waiting
  gate.open = true;
  remover.join();
  publisher.join();
  CHECK(returned);
}

TEST_CASE("unsubscribe does not wait for other handlers of the same publish, before or after it") {
  EventBus bus;
  const Listener before(bus, {"t"}, done);
  Gate gate;
  const Listener running(bus, {"t"}, gate.handler());
  const Listener after(bus, {"t"}, done);
  std::thread publisher([&] { publish(bus, "t"); });
  REQUIRE(eventually([&] { return gate.inside.load(); }));
  CHECK(bus.unsubscribe(before.token()) == AGENT_OK);
  CHECK(bus.unsubscribe(after.token()) == AGENT_OK);
  CHECK(gate.inside);
  gate.open = true;
  publisher.join();
  CHECK(before.calls() == 1);
  CHECK(after.calls() == 0);  // its turn came after it was removed
}

TEST_CASE("subscribing, and publishing on other threads, goes on while a handler runs") {
  EventBus bus;
  Gate gate;
  const Listener running(bus, {"slow"}, gate.handler());
  std::thread publisher([&] { publish(bus, "slow"); });
  REQUIRE(eventually([&] { return gate.inside.load(); }));
  const Listener listener(bus, {"quick"}, done);
  for (int count = 0; count < 5000; ++count) publish(bus, "quick" + std::to_string(count));
  CHECK(listener.calls() == 5000);
  gate.open = true;
  publisher.join();
}

TEST_CASE("a handler may remove itself; it is called no more") {
  EventBus bus;
  std::uint64_t token = 0;
  int calls = 0;
  struct Context {
    EventBus& bus;
    std::uint64_t& token;
    int& calls;
  } context{bus, token, calls};
  token = subscribe(bus, "t", &context, [](void* given, const agent_event*) -> std::int32_t {
    auto& self = *static_cast<Context*>(given);
    ++self.calls;
    CHECK(self.bus.unsubscribe(self.token) == AGENT_OK);
    CHECK(self.bus.unsubscribe(self.token) == AGENT_E_NOT_FOUND);
    publish(self.bus, "t");
    return AGENT_HANDLER_DONE;
  });
  publish(bus, "t");
  publish(bus, "t");
  CHECK(calls == 1);
}

TEST_CASE("when a handler that removed itself has returned, no other thread runs it either") {
  EventBus bus;
  struct Context {
    EventBus& bus;
    std::uint64_t token = 0;
    std::atomic<int> inside{0};
    std::atomic<bool> let_go{false};
  } context{bus};
  context.token = subscribe(bus, ".*", &context, [](void* given, const agent_event* event) -> std::int32_t {
    auto& self = *static_cast<Context*>(given);
    ++self.inside;
    if (text_of(event->topic) == "remover") {
      CHECK(self.bus.unsubscribe(self.token) == AGENT_OK);
    } else {
      CHECK(eventually([&] { return self.let_go.load(); }));
    }
    --self.inside;
    return AGENT_HANDLER_DONE;
  });
  std::thread other([&] { publish(bus, "other"); });
  REQUIRE(eventually([&] { return context.inside == 1; }));
  std::thread remover([&] {
    publish(bus, "remover");
    CHECK(context.inside == 0);
  });
  REQUIRE(eventually([&] { return bus.statistics().subscriptions == 0; }));
  context.let_go = true;
  remover.join();
  other.join();
}

TEST_CASE("a handler further up in nested publishing can be removed from below, effective on its return") {
  EventBus bus;
  std::uint64_t outer = 0;
  struct Context {
    EventBus& bus;
    std::uint64_t& outer;
    int outer_calls = 0;
  } context{bus, outer};
  outer = subscribe(bus, "outer", &context, [](void* given, const agent_event*) -> std::int32_t {
    ++static_cast<Context*>(given)->outer_calls;
    publish(static_cast<Context*>(given)->bus, "inner");
    return AGENT_HANDLER_DONE;
  });
  const Listener inner(bus, {"inner"}, [&](const agent_event&) {
    CHECK(bus.unsubscribe(outer) == AGENT_OK);
    return AGENT_HANDLER_DONE;
  });
  publish(bus, "outer");
  publish(bus, "outer");
  CHECK(context.outer_calls == 1);
}

TEST_CASE("all subscriptions of an owner are removed at once, and a handler that does not return is told") {
  EventBus bus;
  Gate gate;
  const Listener mine(bus, {"t"}, gate.handler(), 5);
  const Listener too(bus, {"u"}, done, 5);
  const Listener others(bus, {"u"}, done, 6);
  std::thread publisher([&] { publish(bus, "t"); });
  REQUIRE(eventually([&] { return gate.inside.load(); }));
  const RemovedSubscriptions removed = bus.remove_all_of(5, std::chrono::steady_clock::now() + 20ms);
  CHECK(removed.count == 2);
  CHECK_FALSE(removed.idle);
  gate.open = true;
  publisher.join();
  publish(bus, "u");
  CHECK(too.calls() == 0);
  CHECK(others.calls() == 1);
  CHECK(bus.remove_all_of(5, std::chrono::steady_clock::now() + 1s).count == 0);
}

TEST_CASE("wait_idle waits for a publish that is running elsewhere") {
  EventBus bus;
  Gate gate;
  const Listener listener(bus, {"t"}, gate.handler());
  std::thread publisher([&] { publish(bus, "t"); });
  REQUIRE(eventually([&] { return gate.inside.load(); }));
  bus.close();
  CHECK_FALSE(bus.wait_idle(std::chrono::steady_clock::now() + 5ms));
  gate.open = true;
  CHECK(bus.wait_idle(std::chrono::steady_clock::now() + 20s));
  publisher.join();
}

}  // namespace host_stub::testing
