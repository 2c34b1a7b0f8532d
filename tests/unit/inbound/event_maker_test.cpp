// Record to event: topic, tenant, id, headers, payload.
#include "inbound/event_maker.h"

#include <doctest/doctest.h>

#include "fakes.h"

using namespace kafka_events;

namespace {

struct Rig {
  RecordMaker records;
  EventMaker maker;
  explicit Rig(std::string_view pattern = "", std::string_view prefix = "", bool envelope = false)
      : maker(envelope ? make_envelope_codec() : make_raw_codec(), pattern, prefix) {}

  Published make(InboundRecord record) {
    const auto made = maker.make(record);
    Published event;
    if (made.ok()) {
      const EventDraft& draft = made.value().draft;
      event.topic = draft.topic;
      event.tenant = draft.tenant;
      event.id = draft.id;
      event.content_type = draft.content_type;
      event.payload = draft.payload;
      event.null_payload = is_null(draft.payload);
      event.key = draft.key;
      event.timestamp_us = draft.timestamp_us;
      for (const Header& header : draft.headers) event.headers.emplace_back(header.name, header.value);
    } else {
      event.topic = "error: " + made.error().message;
    }
    record.release(record.owner);
    return event;
  }
};

}  // namespace

TEST_CASE("the topic rule backwards, the key as tenant, the record's place as id") {
  Rig rig;
  const Published event = rig.make(rig.records.make("acapy-inbound-message", 3, 42, "payload"));
  CHECK(event.topic == "acapy::inbound::message");
  CHECK(event.tenant == "wallet-1");
  CHECK(event.key == "wallet-1");
  CHECK(event.id == "acapy-inbound-message:3:42");
  CHECK(event.payload == "payload");
  CHECK(event.timestamp_us == 1700000000123000);
}

TEST_CASE("every record has the id of its own place, whatever came before it") {
  Rig rig;
  const auto id_at = [&rig](std::string_view topic, std::int32_t partition, std::int64_t offset) {
    return rig.make(rig.records.make(std::string(topic), partition, offset, "x")).id;
  };
  for (std::int64_t offset = 7; offset < 1205; ++offset) REQUIRE(id_at("t", 0, offset) == record_id("t", 0, offset));
  for (const std::int64_t offset : {5, 6, 6, 9, 10, 99, 100, 98, 0, 1}) {
    CHECK(id_at("t", 0, offset) == record_id("t", 0, offset));
  }
  CHECK(id_at("t", 1, 2) == "t:1:2");
  CHECK(id_at("t-1", 1, 3) == "t-1:1:3");
  CHECK(id_at("t", 1, 4) == "t:1:4");
  CHECK(id_at("t", 1, 9'223'372'036'854'775'807) == "t:1:9223372036854775807");
}

TEST_CASE("a topic or key of any bytes is text only if all of it is") {
  Rig rig;
  const auto tenant_of = [&rig](const std::string& key) {
    InboundRecord record = rig.records.make("t", 0, 0, "x");
    record.key = key;
    return rig.make(record).tenant;
  };
  const std::string good = "0123456789 abcdefghij ~!";
  CHECK(tenant_of(good) == good);
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const char wrong : {'\x00', '\x1F', '\x7F', '\x80', '\xFF'}) {
      std::string key = good;
      key[at] = wrong;
      CHECK_MESSAGE(tenant_of(key).empty(), at, " ", static_cast<int>(wrong));
    }
    std::string accented = good;
    accented.replace(at, 1, "\xC3\xA9");
    CHECK(tenant_of(accented) == accented);
  }
}

TEST_CASE("our headers are taken out and win, the others stay in order with their duplicates") {
  Rig rig;
  const Published event = rig.make(rig.records.make("acapy-inbound-present-proof", 0, 0, "x",
                                                    {{"b", "1"},
                                                     {"agent-topic", "acapy::inbound::present-proof"},
                                                     {"a", ""},
                                                     {"agent-tenant", "wallet-2"},
                                                     {"b", "2"},
                                                     {"content-type", "application/json"}}));
  CHECK(event.topic == "acapy::inbound::present-proof");
  CHECK(event.tenant == "wallet-2");
  CHECK(event.content_type == "application/json");
  CHECK(event.headers == std::vector<std::pair<std::string, std::string>>{{"b", "1"}, {"a", ""}, {"b", "2"}});
}

TEST_CASE("a template wins over the header; the prefix is not part of the topic") {
  Rig rig("audit::{topic:event}::{topic}", "prod.");
  CHECK(rig.make(rig.records.make("prod.a-b", 0, 0, "x", {{"agent-topic", "other"}})).topic == "audit::a::b::a-b");
  CHECK(rig.make(rig.records.make("c", 0, 0, "x")).topic == "audit::c::c");
}

TEST_CASE("a null value is an event without payload, never decoded") {
  Rig rig("", "", true);
  InboundRecord record = rig.records.make("acapy-inbound-message", 0, 0);
  record.value = Bytes();
  const Published event = rig.make(record);
  CHECK(event.null_payload);
  CHECK(event.topic == "acapy::inbound::message");
}

TEST_CASE("an envelope says topic and tenant, unless headers do") {
  Rig rig("", "", true);
  const std::string value =
      R"({"wallet_id":"wallet-9","state":null,"topic":"acapy::webhook::ping","category":null,"payload":{"a":1}})";
  Published event = rig.make(rig.records.make("in", 0, 0, value));
  CHECK(event.topic == "acapy::webhook::ping");
  CHECK(event.tenant == "wallet-9");
  CHECK(event.payload == R"({"a":1})");
  event = rig.make(rig.records.make("in", 0, 0, value, {{"agent-topic", "t"}, {"agent-tenant", "w"}}));
  CHECK(event.topic == "t");
  CHECK(event.tenant == "w");
  CHECK(rig.make(rig.records.make("in", 0, 0, "not json")).topic.starts_with("error: "));
}

TEST_CASE("a key that is no plain text is no tenant") {
  Rig rig;
  for (const std::string& key : {std::string("\xff\xfe"), std::string("a\nb"), std::string("\xc3"),
                                 std::string(300, 'k'), std::string("\xed\xa0\x80"), std::string("\xc0\x80")}) {
    const Published event = rig.make(rig.records.make("in", 0, 0, "x", {}, key));
    CHECK(event.tenant.empty());
    CHECK(event.key == key);
  }
  CHECK(rig.make(rig.records.make("in", 0, 0, "x", {}, "Zürich €")).tenant == "Zürich €");
}

TEST_CASE("a record can't pose as one of our own events, nor have an event topic that is none") {
  Rig rig;
  for (const std::string& topic : {std::string("kafka_events::dead_letter::x"), std::string(1025, 't')}) {
    CHECK(rig.make(rig.records.make("in", 0, 0, "x", {{"agent-topic", topic}})).topic.starts_with("error: "));
  }
}
