// The host's bus as the EventBus port: views, references, headers, completions.
#include "host/host_event_bus.h"

#include <doctest/doctest.h>
#include <functional>
#include <string>
#include <vector>

#include "fake_host.h"
#include "host/convert.h"

namespace {

using namespace kafka_events;
using namespace kafka_events::host;

struct Handler final : EventHandler {
  HandlerAnswer on_event(const Event& event) noexcept override { return then(event); }
  std::function<HandlerAnswer(const Event&)> then = [](const Event&) { return HandlerAnswer::done; };
};

struct Completion final : PublishCompletion {
  void completed(std::uint64_t cookie, Outcome outcome, std::string_view detail) noexcept override {
    calls.push_back(std::to_string(cookie) + " " + std::to_string(static_cast<int>(outcome)) + " " +
                    std::string(detail));
  }
  std::vector<std::string> calls;
};

struct Fixture {
  test::FakeHost host;
  HostEventBus bus{&host.table, &host.bus};
  const std::vector<std::string> patterns{"^a::.*"};

  std::int32_t deliver(const agent_event& event) {
    const agent_subscription& subscription = host.subscriptions.begin()->second;
    return subscription.on_event(subscription.context, &event);
  }
};

}  // namespace

TEST_CASE("an event is a view of the host's own: nothing is copied") {
  Fixture f;
  Handler handler;
  test::FakeEvent event("a::b");
  event.table.publisher = 42;
  handler.then = [&](const Event& seen) {
    CHECK(seen.topic.data() == event.topic.data());
    CHECK(seen.payload.data() == event.payload.data());
    CHECK(seen.handle == handle_of(&event.table));
    CHECK(seen.published_by_us);
    CHECK(seen.headers.empty());
    CHECK(is_null(seen.key));
    return HandlerAnswer::later;
  };
  REQUIRE(f.bus.subscribe("test", f.patterns, handler));
  CHECK(f.deliver(event.table) == AGENT_HANDLER_LATER);
  event.table.publisher = 7;
  handler.then = [](const Event& seen) { return seen.published_by_us ? HandlerAnswer::failed : HandlerAnswer::busy; };
  CHECK(f.deliver(event.table) == AGENT_HANDLER_BUSY);
}

TEST_CASE("headers keep order, duplicates, null and binary values, few or many") {
  for (const std::size_t count : {1U, 8U, 9U, 100U}) {
    Fixture f;
    Handler handler;
    test::FakeEvent event("a::b");
    const std::string binary("\0x", 2);
    std::vector<agent_header> headers(count, agent::header("same", binary));
    headers.back() = agent::header("last", {});
    event.table.headers = headers.data();
    event.table.header_count = static_cast<std::uint32_t>(count);
    handler.then = [&](const Event& seen) {
      CHECK(seen.headers.size() == count);
      if (count > 1) CHECK(seen.headers.front().value == binary);
      CHECK(seen.headers.back().name == "last");
      CHECK(is_null(seen.headers.back().value));
      return HandlerAnswer::done;
    };
    REQUIRE(f.bus.subscribe("test", f.patterns, handler));
    CHECK(f.deliver(event.table) == AGENT_HANDLER_DONE);
  }
}

TEST_CASE("another event's payload is shared, and its reference given back by the host's own function") {
  Fixture f;
  test::FakeEvent source("a::b");
  REQUIRE(f.bus.publish({.topic = "a::c", .payload_of = handle_of(&source.table)}, nullptr, 0));
  CHECK(f.host.published[0].payload == "payload");
  CHECK(f.host.published[0].shared);
  CHECK(source.references == 1);
}

TEST_CASE("a null payload stays null, an empty one stays empty") {
  Fixture f;
  REQUIRE(f.bus.publish({.topic = "t"}, nullptr, 0));
  REQUIRE(f.bus.publish({.topic = "t", .payload = ""}, nullptr, 0));
  CHECK(f.host.published[0].null_payload);
  CHECK_FALSE(f.host.published[1].null_payload);
}

TEST_CASE("headers of a draft reach the host") {
  Fixture f;
  const std::vector<Header> headers(20, {"n", "v"});
  REQUIRE(f.bus.publish({.topic = "t", .headers = headers}, nullptr, 0));
  CHECK(f.host.published[0].headers.size() == 20);
}

TEST_CASE("a completion comes once for each publication, with its cookie, outcome and reason") {
  Fixture f;
  Completion completion;
  REQUIRE(f.bus.publish({.topic = "t"}, &completion, 7));
  f.host.completion_outcome = AGENT_OUTCOME_BUSY;
  f.host.publish_status = AGENT_E_BUSY;
  REQUIRE(f.bus.publish({.topic = "t"}, &completion, 8));
  f.host.completion_outcome = 99;
  f.host.publish_status = AGENT_OK;
  REQUIRE(f.bus.publish({.topic = "t"}, &completion, 9));
  CHECK(completion.calls == std::vector<std::string>{"7 0 why", "8 1 why", "9 2 why"});
}

TEST_CASE("a refused publication is an error with the host's words, and not completed") {
  Fixture f;
  Completion completion;
  f.host.publish_status = AGENT_E_STATE;
  const Result<void> published = f.bus.publish({.topic = "t"}, &completion, 0);
  REQUIRE_FALSE(published);
  CHECK(published.error().code == ErrorCode::state);
  CHECK(published.error().message == "the host is ending");
  CHECK(completion.calls.empty());
}

TEST_CASE("without a completion, busy is an error: nobody else would tell") {
  Fixture f;
  f.host.publish_status = AGENT_E_BUSY;
  CHECK(f.bus.publish({.topic = "t"}, nullptr, 0).error().code == ErrorCode::busy);
}

TEST_CASE("subscriptions end with unsubscribe, or with the bus") {
  test::FakeHost host;
  Handler handler;
  const std::vector<std::string> patterns{"a"};
  {
    HostEventBus bus(&host.table, &host.bus);
    const Result<SubscriptionToken> first = bus.subscribe("one", patterns, handler);
    REQUIRE(first);
    REQUIRE(bus.subscribe("two", patterns, handler));
    bus.unsubscribe(first.value());
    CHECK(host.subscriptions.size() == 1);
  }
  CHECK(host.subscriptions.empty());
}

TEST_CASE("a pattern that the host refuses is an error with its reason") {
  Fixture f;
  Handler handler;
  const std::vector<std::string> wrong{"("};
  const Result<SubscriptionToken> refused = f.bus.subscribe("x", wrong, handler);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::invalid);
  CHECK(refused.error().message == "missing )");
}

TEST_CASE("many events are completed in one call") {
  Fixture f;
  test::FakeEvent one("a");
  test::FakeEvent two("b");
  const std::vector<EventHandle> events{handle_of(&one.table), handle_of(&two.table), handle_of(&one.table)};
  f.bus.complete_many(events, Outcome::done);
  CHECK(f.host.completed == std::vector<const agent_event*>{&one.table, &two.table, &one.table});
}

TEST_CASE("every error code has a status of its own, and comes back") {
  for (const ErrorCode code :
       {ErrorCode::failed, ErrorCode::invalid, ErrorCode::state, ErrorCode::busy, ErrorCode::not_found,
        ErrorCode::exists, ErrorCode::timeout, ErrorCode::unsupported, ErrorCode::too_large, ErrorCode::internal}) {
    CHECK(error_code_of(status_of(code)) == code);
  }
  CHECK(error_code_of(-1000) == ErrorCode::failed);
}
