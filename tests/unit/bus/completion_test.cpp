// LATER: completions are counted down from any thread, the publisher is told exactly once, memory goes back.
#include "bus_helpers.h"

namespace host_stub::testing {
namespace {

/// Takes events and leaves them for the test to complete.
struct Taker {
  std::vector<const agent_event*> taken;
  std::function<std::int32_t(const agent_event&)> handler() {
    return [this](const agent_event& event) {
      taken.push_back(&event);
      return AGENT_HANDLER_LATER;
    };
  }
};

std::int32_t publish(EventBus& bus, std::string_view topic, const agent_event_completion& completion) {
  return bus.publish(draft_of(topic), 0, &completion, nullptr, nullptr);
}

}  // namespace

TEST_CASE("without handlers, or with quick ones, the publisher is told before publish returns") {
  EventBus bus;
  Completions told;
  CHECK(publish(bus, "nobody", told.with(1)) == AGENT_OK);
  const Listener listener(bus, {"quick"}, done);
  CHECK(publish(bus, "quick", told.with(2)) == AGENT_OK);
  REQUIRE(told.all().size() == 2);
  CHECK(told.all()[0].handlers == 0);
  CHECK(told.all()[1].cookie == 2);
  CHECK(told.all()[1].handlers == 1);
  CHECK(told.all()[1].outcome == AGENT_OUTCOME_DONE);
}

TEST_CASE("a refused event completes nothing; a busy one does") {
  EventBus bus;
  Completions told;
  CHECK(publish(bus, "", told.with(1)) == AGENT_E_INVALID);
  CHECK(told.all().empty());
  const Listener listener(bus, {"t"}, [](const agent_event&) { return AGENT_HANDLER_BUSY; });
  CHECK(publish(bus, "t", told.with(2)) == AGENT_E_BUSY);
  REQUIRE(told.all().size() == 1);
  CHECK(told.all()[0].outcome == AGENT_OUTCOME_BUSY);
}

TEST_CASE("the publisher is told when the last of several handlers has completed, with the worst outcome") {
  EventBus bus;
  Completions told;
  Taker first, second;
  const Listener quick(bus, {"t"}, done);
  const Listener later(bus, {"t"}, first.handler());
  const Listener other(bus, {"t"}, second.handler());
  agent_event_result result{};
  result.size = sizeof(result);
  const agent_event_completion completion = told.with(5);
  CHECK(bus.publish(draft_of("t"), 0, &completion, &result, nullptr) == AGENT_OK);
  CHECK(result.handlers == 3);
  CHECK(result.outcome == AGENT_OUTCOME_DONE);
  CHECK(bus.statistics().in_flight == 1);
  CHECK_FALSE(bus.wait_idle(std::chrono::steady_clock::now()));
  bus.complete(first.taken[0], AGENT_OUTCOME_FAILED, to_text("no such partition"));
  CHECK(told.all().empty());
  bus.complete(second.taken[0], AGENT_OUTCOME_BUSY, to_text("second reason"));
  REQUIRE(told.all().size() == 1);
  CHECK(told.all()[0].outcome == AGENT_OUTCOME_FAILED);
  CHECK(told.all()[0].handlers == 3);
  CHECK(told.all()[0].failed == 1);
  CHECK(told.all()[0].busy == 1);
  CHECK(told.all()[0].detail == "no such partition");
  CHECK(bus.wait_idle(std::chrono::steady_clock::now()));
  CHECK(bus.statistics().alive == 0);
}

TEST_CASE("a handler that is done may say where the event is, but why another one failed counts for more") {
  EventBus bus;
  Completions told;
  Taker first, second;
  const Listener one(bus, {"t"}, first.handler());
  const Listener other(bus, {"t"}, second.handler());
  for (const bool fails : {false, true}) {
    CHECK(publish(bus, "t", told.with(1)) == AGENT_OK);
    bus.complete(first.taken.back(), AGENT_OUTCOME_DONE, to_text("kept on disk"));
    bus.complete(second.taken.back(), fails ? AGENT_OUTCOME_FAILED : AGENT_OUTCOME_DONE, to_text("second"));
    CHECK(told.all().back().outcome == (fails ? AGENT_OUTCOME_FAILED : AGENT_OUTCOME_DONE));
    CHECK(told.all().back().detail == (fails ? "second" : "kept on disk"));
  }
  CHECK(bus.statistics().alive == 0);
}

TEST_CASE("defer announces more completions; complete_many may name an event more than once") {
  EventBus bus;
  Completions told;
  std::vector<const agent_event*> taken;
  const Listener listener(bus, {"t"}, [&](const agent_event& event) {
    bus.defer(&event, 2);
    taken.insert(taken.end(), 3, &event);
    return AGENT_HANDLER_LATER;
  });
  for (std::uint64_t cookie = 0; cookie < 100; ++cookie) publish(bus, "t", told.with(cookie));
  REQUIRE(taken.size() == 300);
  bus.complete_many(taken.data(), 299, AGENT_OUTCOME_DONE);
  CHECK(told.all().size() == 99);
  bus.complete(taken[299], AGENT_OUTCOME_DONE, {});
  CHECK(told.all().size() == 100);
  CHECK(bus.statistics().alive == 0);
}

TEST_CASE("a completion may come before the handler has answered LATER") {
  EventBus bus;
  Completions told;
  const Listener listener(bus, {"t"}, [&](const agent_event& event) {
    bus.complete(&event, AGENT_OUTCOME_DONE, {});
    CHECK(told.all().empty());
    CHECK(text_of(event.topic) == "t");
    return AGENT_HANDLER_LATER;
  });
  publish(bus, "t", told.with(1));
  CHECK(told.all().size() == 1);
  CHECK(bus.statistics().alive == 0);
  CHECK(bus.wait_idle(std::chrono::steady_clock::now()));
}

TEST_CASE("an event lives as long as somebody references it, completed or not") {
  EventBus bus;
  Completions told;
  Taker taker;
  const Listener listener(bus, {"t"}, taker.handler());
  publish(bus, "t", told.with(1));
  const agent_event* event = taker.taken[0];
  event->retain(event);
  bus.complete(event, AGENT_OUTCOME_DONE, {});
  CHECK(told.all().size() == 1);
  CHECK(text_of(event->topic) == "t");
  CHECK(bus.statistics().alive == 1);
  CHECK(bus.statistics().in_flight == 0);
  event->release(event);
  CHECK(bus.statistics().alive == 0);
}

TEST_CASE("an event that is given back after the bus was destroyed is still readable, and given back in peace") {
  const agent_event* kept = nullptr;
  {
    EventBus bus;
    const Listener listener(bus, {"t"}, [&](const agent_event& event) {
      event.retain(&event);
      kept = &event;
      return AGENT_HANDLER_DONE;
    });
    bus.publish(draft_of("t", "payload"), 0, nullptr, nullptr, nullptr);
  }
  CHECK(text_of(kept->payload) == "payload");
  kept->release(kept);
}

TEST_CASE("a handler that throws or answers nonsense is named to the publisher; an unknown outcome is a failure") {
  EventBus bus;
  Completions told;
  {
    const Listener listener(bus, {"t"}, [](const agent_event&) -> std::int32_t { throw 1; });
    publish(bus, "t", told.with(1));
    CHECK(told.all().back().detail == "handler test.listener threw an exception");
  }
  {
    const Listener listener(bus, {"t"}, [](const agent_event&) { return -77; });
    publish(bus, "t", told.with(2));
    CHECK(told.all().back().detail == "handler test.listener gave an answer that is none");
  }
  Taker taker;
  const Listener listener(bus, {"t"}, taker.handler());
  publish(bus, "t", told.with(3));
  bus.complete(taker.taken[0], 99, to_text(std::string(1023, 'x') + "ä"));
  CHECK(told.all().back().outcome == AGENT_OUTCOME_FAILED);
  CHECK(told.all().back().detail == std::string(1023, 'x'));  // cut, but not within a character
}

TEST_CASE("a completion that throws harms nobody") {
  EventBus bus;
  const Listener listener(bus, {"t"}, done);
  const agent_event_completion completion{sizeof(completion), 0, nullptr, 0,
                                          [](void*, std::uint64_t, const agent_event_result*) { throw 1; }};
  CHECK(publish(bus, "t", completion) == AGENT_OK);
  CHECK(bus.statistics().alive == 0);
}

TEST_CASE("a publisher's completions that are to come are counted from the return of publish until they were told") {
  EventBus bus;
  std::atomic<std::uint64_t> outstanding{0};
  const Publisher publisher(7, &outstanding);
  Taker taker;
  const Listener later(bus, {"later"}, taker.handler());
  const Listener quick(bus, {"quick"}, done);
  const agent_event_completion completion{sizeof(completion), 0, &outstanding, 0,
                                          [](void* context, std::uint64_t, const agent_event_result*) {
                                            ++*static_cast<std::atomic<std::uint64_t>*>(context);  // still counted
                                            --*static_cast<std::atomic<std::uint64_t>*>(context);
                                          }};
  for (const char* topic : {"later", "later", "later", "quick", "nobody"}) {
    CHECK(bus.publish(draft_of(topic), publisher, &completion, nullptr, nullptr) == AGENT_OK);
  }
  CHECK(bus.publish(draft_of("later"), publisher, nullptr, nullptr, nullptr) == AGENT_OK);
  CHECK(outstanding == 3);
  taker.taken[0]->retain(taker.taken[0]);
  bus.complete(taker.taken[0], AGENT_OUTCOME_DONE, {});
  CHECK(outstanding == 2);  // who still holds the event does not matter
  taker.taken[0]->release(taker.taken[0]);
  bus.complete_many(&taker.taken[1], 3, AGENT_OUTCOME_FAILED);
  CHECK(outstanding == 0);
  CHECK(bus.statistics().alive == 0);
}

TEST_CASE("events are completed on one thread while they are published on another: the count ends at none") {
  EventBus bus;
  auto outstanding = std::make_unique<std::atomic<std::uint64_t>>(0);
  std::atomic<const agent_event*> taken{nullptr};
  std::atomic<bool> ended{false};
  Completions told;
  const Listener listener(bus, {"t"}, [&](const agent_event& event) {
    CHECK(eventually([&] { return taken.load() == nullptr; }));
    taken = &event;
    return AGENT_HANDLER_LATER;
  });
  std::thread completer([&] {
    while (!ended || taken != nullptr) {
      if (const agent_event* event = taken.exchange(nullptr)) bus.complete(event, AGENT_OUTCOME_DONE, {});
    }
  });
  const agent_event_completion completion = told.with(1);
  for (int count = 0; count < 5000; ++count) {
    bus.publish(draft_of("t"), {1, outstanding.get()}, &completion, nullptr, nullptr);
  }
  ended = true;
  CHECK(eventually([&] { return *outstanding == 0; }));
  outstanding.reset();  // what was told last does not touch it any more
  completer.join();
  CHECK(told.all().size() == 5000);
}

}  // namespace host_stub::testing
