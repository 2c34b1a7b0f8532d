// A hold: what is published meanwhile, who gets it, and what becomes of subscriptions. One thing at a time; the moments
// in between are hold_stress_test.cpp's.
#include "hold_helpers.h"

namespace host_stub::testing {

TEST_CASE("events are kept while a hold is in place, reach the new handlers in order, then come directly") {
  EventBus bus;
  Seen old_seen, new_seen;
  const Listener old_version(bus, {"t"}, old_seen.handler(), 1);
  CHECK(publish_to(bus, "t", "1") == AGENT_OK);
  const auto hold = hold_events(bus, 1, 2);
  CHECK(publish_to(bus, "t", "2") == AGENT_OK);
  CHECK(publish_to(bus, "other", "x") == AGENT_OK);
  CHECK(publish_to(bus, "t", "3") == AGENT_OK);
  CHECK(hold->held() == 2);
  const Listener new_version(bus, {"t"}, new_seen.handler(), 2);
  CHECK(publish_to(bus, "t", "4") == AGENT_OK);
  CHECK(new_seen.all().empty());
  const EventHold::Released released = hold->release_to(2, in(20s));
  CHECK(released.events == 3);
  CHECK(released.refused == 0);
  CHECK(new_seen.all() == Texts{"2", "3", "4"});
  CHECK(publish_to(bus, "t", "5") == AGENT_OK);
  CHECK(new_seen.all() == Texts{"2", "3", "4", "5"});
  CHECK(old_seen.all() == Texts{"1"});
  CHECK(hold->held() == 0);
  CHECK(bus.statistics().alive == 0);
}

TEST_CASE("a hold that is released to the old version leaves everything as it was") {
  EventBus bus;
  Seen old_seen, new_seen;
  const Listener old_version(bus, {"t"}, old_seen.handler(), 1);
  const auto hold = hold_events(bus, 1, 2);
  const Listener new_version(bus, {"t"}, new_seen.handler(), 2);
  publish_to(bus, "t", "1");
  CHECK(hold->release_to(1, in(20s)).events == 1);
  publish_to(bus, "t", "2");
  CHECK(old_seen.all() == Texts{"1", "2"});
  CHECK(new_seen.all().empty());  // it stays parked
  CHECK(bus.unsubscribe(old_version.token()) == AGENT_OK);
  publish_to(bus, "t", "3");
  CHECK(old_seen.all().size() == 2);
}

TEST_CASE("the way back: the old version's handlers, parked all the time, take over again") {
  EventBus bus;
  Seen old_seen, new_seen;
  const Listener old_version(bus, {"t"}, old_seen.handler(), 1);
  {
    const auto hold = hold_events(bus, 1, 2);
    const Listener new_version(bus, {"t"}, new_seen.handler(), 2);
    hold->release_to(2, in(20s));
    publish_to(bus, "t", "1");
    const auto back = hold_events(bus, 2, 1);
    publish_to(bus, "t", "2");
    CHECK(back->release_to(1, in(20s)).events == 1);
    publish_to(bus, "t", "3");
  }
  publish_to(bus, "t", "4");
  CHECK(new_seen.all() == Texts{"1"});
  CHECK(old_seen.all() == Texts{"2", "3", "4"});
}

TEST_CASE("a call that does not return by the deadline: the hold fails, and events go on as before") {
  EventBus bus;
  Stay stay;
  Seen seen;
  const Listener slow(bus, {"slow"}, stay.handler(), 1);
  const Listener quick(bus, {"t"}, seen.handler(), 1);
  std::thread publisher([&] { publish_to(bus, "slow"); });
  REQUIRE(eventually([&] { return stay.inside.load(); }));
  std::atomic<bool> ended{false};
  std::thread other([&] {
    for (int number = 0; !ended; ++number) publish_to(bus, "t", std::to_string(number));
  });
  const auto hold = EventHold::begin(bus, 1, 2, {}, in(30ms));
  ended = true;
  other.join();
  REQUIRE_FALSE(hold.ok());
  CHECK(hold.error().status == AGENT_E_TIMEOUT);
  const Texts got = seen.all();
  for (std::size_t number = 0; number < got.size(); ++number) REQUIRE(got[number] == std::to_string(number));
  publish_to(bus, "t", "last");
  CHECK(seen.all().size() == got.size() + 1);
  stay.let_go = true;
  publisher.join();
  CHECK(hold_events(bus, 1, 2)->held() == 0);  // and now it can begin
}

TEST_CASE("a full hold answers BUSY, by number and by bytes; what it has taken is not lost") {
  EventBus bus;
  Seen seen;
  Completions told;
  const Listener old_version(bus, {"t"}, done, 1);
  for (const HoldLimits limits : {HoldLimits{3, 1u << 20}, HoldLimits{1000, 4096}}) {
    const auto hold = hold_events(bus, 1, 2, limits);
    std::size_t taken = 0;
    const agent_event_completion completion = told.with(1);
    while (publish_to(bus, "t", std::string(1000, 'x'), &completion) == AGENT_OK) ++taken;
    CHECK(taken == 3);
    CHECK(told.all().back().outcome == AGENT_OUTCOME_BUSY);
    CHECK(hold->refused_full() == 1);
    CHECK(hold->release_to(1, in(20s)).events == 3);
  }
  CHECK(told.all().size() == 8);
  CHECK(bus.statistics().alive == 0);
}

TEST_CASE("the publisher is told what all the new handlers have answered, and that nobody took it is no failure") {
  EventBus bus;
  Completions told;
  const agent_event* taken = nullptr;
  const Listener old_version(bus, {"all", "nobody"}, done, 1);
  const auto hold = hold_events(bus, 1, 2);
  const agent_event_completion all = told.with(1), nobody = told.with(2);
  publish_to(bus, "all", {}, &all);
  publish_to(bus, "nobody", {}, &nobody);
  const Listener first(bus, {"all"}, done, 2);
  const Listener second(
      bus, {"all"}, [](const agent_event&) { return AGENT_HANDLER_FAILED; }, 2);
  const Listener third(
      bus, {"all"}, [&](const agent_event& event) { return taken = &event, AGENT_HANDLER_LATER; }, 2);
  const Listener fourth(
      bus, {"all"}, [](const agent_event&) -> std::int32_t { throw 1; }, 2);
  hold->release_to(2, in(20s));
  REQUIRE(told.all().size() == 1);
  CHECK(told.all()[0].cookie == 2);
  CHECK(told.all()[0].outcome == AGENT_OUTCOME_DONE);
  bus.complete(taken, AGENT_OUTCOME_DONE, {});
  REQUIRE(told.all().size() == 2);
  CHECK(told.all()[1].outcome == AGENT_OUTCOME_FAILED);
  CHECK(told.all()[1].failed == 2);
  CHECK(bus.statistics().alive == 0);
  CHECK(bus.statistics().in_flight == 0);
}

TEST_CASE("an event that a new handler is too busy for is offered to it again, in order, and to no other twice") {
  EventBus bus;
  Seen before, after;
  int busy = 0;
  const Listener old_version(bus, {"t"}, done, 1);
  const auto hold = hold_events(bus, 1, 2);
  for (const char* number : {"1", "2", "3"}) publish_to(bus, "t", number);
  const Listener first(bus, {"t"}, before.handler(), 2);
  const Listener second(
      bus, {"t"}, [&](const agent_event&) { return ++busy % 4 == 0 ? AGENT_HANDLER_DONE : AGENT_HANDLER_BUSY; }, 2);
  const Listener third(bus, {"t"}, after.handler(), 2);
  CHECK(hold->release_to(2, in(20s)).refused == 0);
  CHECK(busy == 12);
  CHECK(before.all() == Texts{"1", "2", "3"});
  CHECK(after.all() == before.all());
  CHECK(bus.statistics().alive == 0);
}

TEST_CASE("a handler that stays busy until the deadline: its events end as busy and are counted") {
  EventBus bus;
  Completions told;
  const Listener old_version(bus, {"t"}, done, 1);
  const auto hold = hold_events(bus, 1, 2);
  const agent_event_completion completion = told.with(1);
  for (int count = 0; count < 3; ++count) publish_to(bus, "t", {}, &completion);
  const Listener busy(
      bus, {"t"}, [](const agent_event&) { return AGENT_HANDLER_BUSY; }, 2);
  const EventHold::Released released = hold->release_to(2, in(10ms));
  CHECK(released.events == 3);
  CHECK(released.refused == 3);
  REQUIRE(told.all().size() == 3);
  CHECK(told.all()[2].outcome == AGENT_OUTCOME_BUSY);
  CHECK(bus.statistics().alive == 0);
}

TEST_CASE("parked subscriptions can be removed: before the release, and by a handler itself while it runs in one") {
  EventBus bus;
  int calls = 0;
  std::unique_ptr<Listener> itself;
  auto old_version = std::make_unique<Listener>(bus, std::vector<std::string>{"t"}, done, 1);
  const auto hold = hold_events(bus, 1, 2);
  for (int count = 0; count < 3; ++count) publish_to(bus, "t");
  old_version.reset();
  publish_to(bus, "t");  // still for the one that takes over
  CHECK(hold->held() == 4);
  auto gone = std::make_unique<Listener>(
      bus, std::vector<std::string>{"t"},
      [](const agent_event&) -> std::int32_t {
        FAIL("was removed");
        return AGENT_HANDLER_FAILED;
      },
      2);
  gone.reset();
  itself = std::make_unique<Listener>(
      bus, std::vector<std::string>{"t"},
      [&](const agent_event&) {
        if (++calls == 2) CHECK(bus.unsubscribe(itself->token()) == AGENT_OK);
        return AGENT_HANDLER_DONE;
      },
      2);
  CHECK(hold->release_to(2, in(20s)).events == 4);
  publish_to(bus, "t");
  CHECK(calls == 2);
  CHECK(bus.statistics().alive == 0);
}

TEST_CASE("a handler that publishes within itself gets these events after those that are held") {
  EventBus bus;
  Seen seen;
  const Listener old_version(bus, {"t"}, done, 1);
  const auto hold = hold_events(bus, 1, 2);
  publish_to(bus, "t", "1");
  publish_to(bus, "t", "2");
  const auto record = seen.handler();
  const Listener new_version(
      bus, {"t"},
      [&](const agent_event& event) {
        if (text_of(event.payload).size() == 1) publish_to(bus, "t", text_of(event.payload) + "'");
        return record(event);
      },
      2);
  CHECK(hold->release_to(2, in(20s)).events == 4);
  CHECK(seen.all() == Texts{"1", "2", "1'", "2'"});
}

TEST_CASE("an event that comes while others are released, and that a handler is too busy for, is not forgotten") {
  EventBus bus;
  Seen seen;
  int tries = 0;
  const Listener old_version(bus, {"t"}, done, 1);
  const auto hold = hold_events(bus, 1, 2);
  publish_to(bus, "t", "1");
  const auto record = seen.handler();
  const Listener new_version(
      bus, {"t"},
      [&](const agent_event& event) -> std::int32_t {
        if (text_of(event.payload) == "1") publish_to(bus, "t", "2");
        if (text_of(event.payload) == "2" && ++tries < 3) return AGENT_HANDLER_BUSY;
        return record(event);
      },
      2);
  CHECK(hold->release_to(2, in(20s)).events == 2);
  CHECK(seen.all() == Texts{"1", "2"});
  CHECK(bus.statistics().alive == 0);
}

TEST_CASE("a flip in the middle of a publish: who was called is not called again, who was not gets it from the hold") {
  for (const std::uint64_t owner : {1u, 2u}) {
    EventBus bus;
    Stay stay;
    Seen first, second, new_first, new_second;
    const NamedListener one(bus, "one", "t", 1, first.handler());
    const Listener between(bus, {"t"}, stay.handler());
    const NamedListener two(bus, "two", "t", 1, second.handler());
    std::thread publisher([&] { publish_to(bus, "t", "1"); });
    REQUIRE(eventually([&] { return stay.inside.load(); }));
    const auto hold = hold_events(bus, 1, 2);  // the handler that stays is not the plugin's: nobody waits for it
    const NamedListener new_one(bus, "one", "t", 2, new_first.handler());
    const NamedListener new_two(bus, "two", "t", 2, new_second.handler());
    const bool while_held = owner == 1;
    if (while_held) stay.let_go = true;
    if (while_held) publisher.join();
    CHECK(hold->release_to(owner, in(20s)).events == (while_held ? 1 : 0));
    stay.let_go = true;
    if (!while_held) publisher.join();
    CHECK(first.all() == Texts{"1"});
    CHECK(second.all() == (owner == 1 ? Texts{"1"} : Texts{}));
    CHECK(new_first.all().empty());
    CHECK(new_second.all() == (owner == 2 ? Texts{"1"} : Texts{}));
  }
}

TEST_CASE("what an owner subscribes while it is parked is live after unpark, and not before") {
  EventBus bus;
  CHECK(bus.park(2) == AGENT_OK);
  const Listener parked(bus, {"t"}, done, 2);
  const Listener live(bus, {"t"}, done, 1);
  publish_to(bus, "t");
  CHECK(parked.calls() == 0);
  CHECK(bus.listeners(to_text("t")) == 1);
  {
    const auto hold = hold_events(bus, 1, 2);
    CHECK(bus.unpark(2) == AGENT_E_STATE);
    CHECK_FALSE(EventHold::begin(bus, 1, 3, {}, in(1s)).ok());
    CHECK_FALSE(EventHold::begin(bus, 3, 2, {}, in(1s)).ok());
    publish_to(bus, "t");
  }  // a hold that is dropped goes back
  CHECK(live.calls() == 2);
  CHECK(parked.calls() == 0);
  CHECK(bus.unpark(2) == AGENT_OK);
  publish_to(bus, "t");
  CHECK(parked.calls() == 1);
}

TEST_CASE("when a handler hangs in a release, another thread releases the rest to the other version") {
  EventBus bus;
  Stay stay;
  Seen seen;
  const Listener old_version(bus, {"t"}, seen.handler(), 1);
  const auto hold = hold_events(bus, 1, 2);
  for (const char* number : {"1", "2", "3"}) publish_to(bus, "t", number);
  const Listener hangs(bus, {"t"}, stay.handler(), 2);
  std::thread first([&] { CHECK(hold->release_to(2, in(20s)).superseded); });
  REQUIRE(eventually([&] { return stay.inside.load(); }));
  CHECK_FALSE(bus.remove_all_of(2, in(1ms)).idle);
  CHECK(hold->release_to(1, in(20s)).events == 2);
  CHECK(seen.all() == Texts{"2", "3"});
  stay.let_go = true;
  first.join();
  publish_to(bus, "t", "4");
  CHECK(seen.all() == Texts{"2", "3", "4"});
  CHECK(bus.statistics().alive == 0);
}

TEST_CASE("a hold that cannot begin and whose events cannot be given back ends when the owner is removed") {
  EventBus bus;
  Stay stay;
  std::atomic<int> inside{0};
  const Listener quick(bus, {"quick"}, done, 1);
  const Listener hangs(
      bus, {"t"}, [&](const agent_event& event) { return ++inside, stay.handler()(event); }, 1);
  std::thread publisher([&] { publish_to(bus, "t"); });
  REQUIRE(eventually([&] { return inside == 1; }));
  std::thread control([&] { CHECK_FALSE(EventHold::begin(bus, 1, 2, {}, in(500ms)).ok()); });
  REQUIRE(eventually([&] {  // until the hold is in place
    const int calls = quick.calls();
    return publish_to(bus, "quick") == AGENT_OK && quick.calls() == calls;
  }));
  publish_to(bus, "t");
  REQUIRE(eventually([&] { return inside == 2; }));  // the hold is being undone, and hangs
  Completions told;
  const agent_event_completion completion = told.with(1);
  publish_to(bus, "t", {}, &completion);
  CHECK_FALSE(bus.remove_all_of(1, in(1ms)).idle);
  REQUIRE(told.all().size() == 1);
  CHECK(told.all()[0].outcome == AGENT_OUTCOME_BUSY);
  CHECK(bus.listeners(to_text("t")) == 0);
  stay.let_go = true;
  publisher.join();
  control.join();
  CHECK(bus.statistics().alive == 0);
}

TEST_CASE("a forced hold waits for no call, for a version that hangs and is given up") {
  EventBus bus;
  Stay stay;
  Seen seen;
  const Listener hangs(bus, {"t"}, stay.handler(), 2);
  std::thread publisher([&] { publish_to(bus, "t", "1"); });
  REQUIRE(eventually([&] { return stay.inside.load(); }));
  auto hold = EventHold::begin(bus, 2, 1, {}, in(0ms), true);
  REQUIRE(hold.ok());
  CHECK_FALSE(bus.remove_all_of(2, in(1ms)).idle);
  publish_to(bus, "t", "2");
  const Listener old_version(bus, {"t"}, seen.handler(), 1);
  CHECK(hold.value()->release_to(1, in(20s)).events == 1);
  publish_to(bus, "t", "3");
  CHECK(seen.all() == Texts{"2", "3"});
  stay.let_go = true;
  publisher.join();
}

TEST_CASE("when neither version can take over, what is held has failed, and the publisher is told why") {
  EventBus bus;
  Completions told;
  const Listener old_version(bus, {"t"}, done, 1);
  const auto hold = hold_events(bus, 1, 2);
  const Listener new_version(bus, {"t"}, done, 2);
  const agent_event_completion completion = told.with(1);
  publish_to(bus, "t", {}, &completion);
  CHECK(hold->release_to(0, in(20s)).events == 1);
  REQUIRE(told.all().size() == 1);
  CHECK(told.all()[0].outcome == AGENT_OUTCOME_FAILED);
  CHECK_FALSE(told.all()[0].detail.empty());
  CHECK(bus.listeners(to_text("t")) == 0);
  CHECK(bus.unpark(2) == AGENT_OK);
  publish_to(bus, "t");
  CHECK(new_version.calls() == 1);
  CHECK(old_version.calls() == 0);
  CHECK(bus.statistics().alive == 0);
}

}  // namespace host_stub::testing
