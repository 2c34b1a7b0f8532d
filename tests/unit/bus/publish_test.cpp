// Publishing: what handlers see of an event, what the publisher gets back, and what is refused.
#include <set>

#include "bus_helpers.h"

namespace host_stub::testing {
namespace {

struct Payload {
  std::string text = "not copied";
  int released = 0;
  static void release(void* owner) { ++static_cast<Payload*>(owner)->released; }
  [[nodiscard]] agent_event_draft draft(std::string_view topic) {
    agent_event_draft made = draft_of(topic, text);
    made.payload_owner = this;
    made.payload_release = release;
    return made;
  }
};

std::int32_t publish(EventBus& bus, const agent_event_draft& draft, agent_error* error = nullptr) {
  return bus.publish(draft, 7, nullptr, nullptr, error);
}

}  // namespace

TEST_CASE("a handler sees everything that the draft had, as a copy") {
  EventBus bus({.wallet_id = "base"});
  std::string topic = "acapy::outbound::message", payload = "{}", key = "did:x", tenant = "wallet-1",
              type = "application/json";
  const std::string binary("\0\xff", 2);
  const agent_header headers[] = {{to_text("trace"), {binary.data(), binary.size()}},
                                  {to_text("trace"), {nullptr, 0}},
                                  {to_text("empty"), {"", 0}}};
  const agent_event* kept = nullptr;
  const Listener listener(bus, {"acapy::outbound::.*"}, [&](const agent_event& event) {
    event.retain(&event);
    kept = &event;
    return AGENT_HANDLER_DONE;
  });
  agent_event_draft draft = draft_of(topic, payload);
  draft.key = {key.data(), key.size()};
  draft.tenant = to_text(tenant);
  draft.id = to_text("an-id");
  draft.content_type = to_text(type);
  draft.headers = headers;
  draft.header_count = 3;
  draft.timestamp_us = 1234;
  REQUIRE(publish(bus, draft) == AGENT_OK);
  for (std::string* text : {&topic, &payload, &key, &tenant, &type}) text->assign(text->size(), '?');

  REQUIRE(kept != nullptr);
  CHECK(kept->size == sizeof(agent_event));
  CHECK(text_of(kept->topic) == "acapy::outbound::message");
  CHECK(text_of(kept->payload) == "{}");
  CHECK(text_of(kept->key) == "did:x");
  CHECK(text_of(kept->tenant) == "wallet-1");
  CHECK(text_of(kept->id) == "an-id");
  CHECK(text_of(kept->content_type) == "application/json");
  CHECK(kept->timestamp_us == 1234);
  CHECK(kept->publisher == 7);
  REQUIRE(kept->header_count == 3);
  CHECK(text_of(kept->headers[0].name) == "trace");
  CHECK(text_of(kept->headers[0].value) == binary);
  CHECK(kept->headers[1].value.data == nullptr);
  CHECK(kept->headers[2].value.data != nullptr);
  CHECK(kept->headers[2].value.size == 0);
  kept->release(kept);
  CHECK(bus.statistics().alive == 0);
}

TEST_CASE("what the draft leaves open is filled in: tenant, id, time; a null payload stays null") {
  EventBus bus({.wallet_id = "base"});
  std::set<std::string> ids;
  const Listener listener(bus, {".*"}, [&](const agent_event& event) {
    CHECK(text_of(event.tenant) == "base");
    CHECK(event.payload.data == nullptr);
    CHECK(event.key.data == nullptr);
    CHECK(event.id.size == 32);
    CHECK(text_of(event.id).find_first_not_of("0123456789abcdef") == std::string::npos);
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    CHECK(std::abs(event.timestamp_us - std::chrono::duration_cast<std::chrono::microseconds>(now).count()) <
          60'000'000);
    ids.insert(text_of(event.id));
    return AGENT_HANDLER_DONE;
  });
  for (int count = 0; count < 3000; ++count) publish(bus, draft_of("topic"));
  CHECK(ids.size() == 3000);
}

TEST_CASE("a payload with an owner is not copied, and its owner is told once, after the last reference") {
  EventBus bus;
  Payload payload;
  const agent_event* kept = nullptr;
  const Listener listener(bus, {"kept"}, [&](const agent_event& event) {
    CHECK(event.payload.data == payload.text.data());
    event.retain(&event);
    kept = &event;
    return AGENT_HANDLER_DONE;
  });
  CHECK(publish(bus, payload.draft("kept")) == AGENT_OK);
  CHECK(payload.released == 0);
  kept->release(kept);
  CHECK(payload.released == 1);
  CHECK(publish(bus, payload.draft("nobody listens")) == AGENT_OK);
  CHECK(payload.released == 2);
}

TEST_CASE("what cannot be published is refused with a reason, calls nobody, and still releases the payload") {
  EventBus bus({.max_payload_bytes = 100});
  const Listener listener(bus, {".*"}, done);
  const std::string large(101, 'x'), long_topic(1025, 't');
  const agent_header header{to_text("h"), {large.data(), large.size()}};
  agent_event_draft draft;
  std::int32_t expected = AGENT_E_INVALID;
  SUBCASE("no topic") { draft = draft_of(""); }
  SUBCASE("a topic that is too long") { draft = draft_of(long_topic); }
  SUBCASE("a topic that is not UTF-8") { draft = draft_of("caf\xe9"); }
  SUBCASE("an overlong UTF-8 form") { draft = draft_of("\xc0\xaf"); }
  SUBCASE("headers are announced but missing") { draft = draft_of("topic"), draft.header_count = 2; }
  SUBCASE("a payload over the limit") { draft = draft_of("topic", large), expected = AGENT_E_TOO_LARGE; }
  SUBCASE("headers over the limit") {
    draft = draft_of("topic"), draft.headers = &header, draft.header_count = 1, expected = AGENT_E_TOO_LARGE;
  }
  SUBCASE("sizes that overflow") {
    draft = draft_of("topic"), draft.key = {large.data(), ~std::size_t{0}}, expected = AGENT_E_TOO_LARGE;
  }
  SUBCASE("the bus was closed") { bus.close(), draft = draft_of("topic"), expected = AGENT_E_STATE; }
  Payload payload;
  draft.payload_owner = &payload;
  draft.payload_release = Payload::release;
  agent_error error = AGENT_ERROR_INIT;
  CHECK(publish(bus, draft, &error) == expected);
  CHECK(error.code == expected);
  CHECK(std::string(error.message) != "");
  CHECK(listener.calls() == 0);
  CHECK(payload.released == 1);
}

TEST_CASE("structs that are smaller than version 1.0 are refused before anything is read of them") {
  EventBus bus;
  agent_event_draft draft = draft_of("topic");
  draft.size = 8;
  CHECK(publish(bus, draft) == AGENT_E_INVALID);
  draft.size = sizeof(draft);
  Completions told;
  agent_event_completion completion = told.with(1);
  completion.size = 16;
  CHECK(bus.publish(draft, 0, &completion, nullptr, nullptr) == AGENT_E_INVALID);
  CHECK(told.all().empty());
}

TEST_CASE("the result counts handlers; busy and failed ones are told apart, and harm nobody") {
  EventBus bus;
  const Listener first(bus, {"t"}, [](const agent_event&) { return AGENT_HANDLER_BUSY; });
  const Listener second(bus, {"t"}, [](const agent_event&) { return AGENT_HANDLER_FAILED; });
  const Listener third(bus, {"t"}, [](const agent_event&) -> std::int32_t { throw 42; });
  const Listener fourth(bus, {"t"}, [](const agent_event&) { return 4711; });
  const Listener last(bus, {"t"}, done);
  agent_event_result result{};
  result.size = sizeof(result);
  agent_error error = AGENT_ERROR_INIT;
  CHECK(bus.publish(draft_of("t"), 0, nullptr, &result, &error) == AGENT_E_BUSY);
  CHECK(error.code == AGENT_E_BUSY);
  CHECK(result.outcome == AGENT_OUTCOME_FAILED);
  CHECK(result.handlers == 5);
  CHECK(result.busy == 1);
  CHECK(result.failed == 3);
  CHECK(last.calls() == 1);
  CHECK(bus.statistics().handlers_failed == 3);
  CHECK(bus.statistics().alive == 0);
}

TEST_CASE("listeners() says how many an event would reach") {
  EventBus bus;
  CHECK(bus.listeners(to_text("a::b")) == 0);
  const Listener first(bus, {"a::.*", "a::b"}, done);
  {
    const Listener second(bus, {".*b$"}, done);
    CHECK(bus.listeners(to_text("a::b")) == 2);
  }
  CHECK(bus.listeners(to_text("a::b")) == 1);
  CHECK(bus.listeners(to_text("")) == 0);
}

TEST_CASE("a handler may publish; handlers that publish in a circle are stopped") {
  EventBus bus;
  std::int32_t innermost = AGENT_OK;
  int depth = 0;
  const Listener circle(bus, {"circle"}, [&](const agent_event&) {
    ++depth;
    const std::int32_t status = publish(bus, draft_of("circle"));
    if (status != AGENT_OK) innermost = status;
    return AGENT_HANDLER_DONE;
  });
  CHECK(publish(bus, draft_of("circle")) == AGENT_OK);
  CHECK(depth == static_cast<int>(EventBus::max_nesting));
  CHECK(innermost == AGENT_E_STATE);
  CHECK(bus.statistics().alive == 0);
}

TEST_CASE("subscriptions that are wrong are refused") {
  EventBus bus;
  std::uint64_t token = 0;
  agent_error error = AGENT_ERROR_INIT;
  const agent_text bad = to_text("a(");
  agent_subscription subscription{sizeof(subscription), 1,       &bad,
                                  to_text("me"),        nullptr, [](void*, const agent_event*) { return 0; }};
  CHECK(bus.subscribe(subscription, 0, &token, &error) == AGENT_E_INVALID);
  CHECK(std::string(error.message).find("subscription me: pattern \"a(\"") == 0);
  subscription.pattern_count = 0;
  CHECK(bus.subscribe(subscription, 0, &token, &error) == AGENT_E_INVALID);
  CHECK(bus.statistics().subscriptions == 0);
  CHECK(bus.unsubscribe(99) == AGENT_E_NOT_FOUND);
}

}  // namespace host_stub::testing
