// CloudEvents, both modes, both ways.
#include <algorithm>
#include <array>
#include <doctest/doctest.h>
#include <string>
#include <vector>

#include "codec/cloudevents_codec.h"

using namespace kafka_events;
using Pairs = std::vector<std::pair<std::string, std::string>>;

namespace {

constexpr std::string_view json_type = "application/cloudevents+json; charset=UTF-8";

struct Written {
  std::string error;
  std::string value;
  bool null_value = false;
  bool in_event = false;
  Pairs headers;
};

struct Rig {
  std::unique_ptr<Codec> codec;
  explicit Rig(CloudEventsMode mode = CloudEventsMode::binary) : codec(make_cloudevents_codec(mode, "/agents/alice")) {}

  [[nodiscard]] Written write(const Event& event, Bytes key = {}) const {
    EncodeBuffers buffers;
    const Result<Encoded> encoded = codec->encode(event, {.kafka_topic = "t", .key = key}, buffers);
    if (!encoded.ok()) return {encoded.error().message, {}, false, false, {}};
    Written written{
        {}, std::string(encoded.value().value), is_null(encoded.value().value), encoded.value().in_event, {}};
    for (const Header& header : buffers.headers) written.headers.emplace_back(header.name, header.value);
    return written;
  }
};

struct Read {
  std::string error;
  DecodedEvent event;
  std::string payload;
  bool null_payload = false;
  [[nodiscard]] std::string header(std::string_view name) const {
    for (const auto& [each, value] : event.headers) {
      if (each == name) return value;
    }
    return "(none)";
  }
};

Read read(Bytes value, const Pairs& headers) {
  const Rig rig;
  std::vector<Header> views;
  for (const auto& [name, text] : headers) views.push_back({name, text});
  InboundRecord record;
  record.value = value;
  record.headers = views;
  Read out;
  const Result<void> decoded = rig.codec->decode(record, out.event);
  if (!decoded.ok()) {
    out.error = decoded.error().message;
    CHECK(decoded.error().code == ErrorCode::invalid);
    return out;
  }
  out.payload = out.event.payload;
  out.null_payload = is_null(out.event.payload);
  return out;
}

Read read_json(const std::string& value) { return read(value, {{"content-type", std::string(json_type)}}); }

Pairs required_headers() {
  return {{"ce_specversion", "1.0"}, {"ce_id", "7"}, {"ce_source", "/shop"}, {"ce_type", "order.placed"}};
}

Event sample() {
  Event event;
  event.topic = "acapy::webhook::ping";
  event.tenant = "wallet-1";
  event.id = "e-1";
  event.content_type = "application/json";
  event.payload = R"({"n": 1.50})";
  event.timestamp_us = 1'700'000'000'120'000;
  return event;
}

}  // namespace

TEST_CASE("binary: attributes are headers, the payload is the event's own") {
  const Written written = Rig().write(sample(), "k1");
  CHECK(written.error.empty());
  CHECK(written.in_event);
  CHECK(written.value == R"({"n": 1.50})");
  CHECK(written.headers == Pairs{{"ce_specversion", "1.0"},
                                 {"ce_id", "e-1"},
                                 {"ce_source", "/agents/alice"},
                                 {"ce_type", "acapy::webhook::ping"},
                                 {"ce_time", "2023-11-14T22:13:20.12Z"},
                                 {"ce_agenttenant", "wallet-1"},
                                 {"ce_partitionkey", "k1"},
                                 {"content-type", "application/json"}});
}

TEST_CASE("binary: a key that is no text is no attribute, and what is not known is not said") {
  Event event = sample();
  event.tenant = {};
  event.content_type = {};
  event.timestamp_us = 0;
  const Written written = Rig().write(event, std::string_view("\xFF\x00", 2));
  CHECK(written.headers == Pairs{{"ce_specversion", "1.0"},
                                 {"ce_id", "e-1"},
                                 {"ce_source", "/agents/alice"},
                                 {"ce_type", "acapy::webhook::ping"}});
}

TEST_CASE("a republished CloudEvent has its own identity once, and keeps subject and extensions") {
  const std::array headers = {Header{"ce_id", "old"}, Header{"ce_source", "/old"}, Header{"ce_subject", "s"},
                              Header{"ce_region", "eu"}, Header{"other", "x"}};
  Event event = sample();
  event.headers = headers;
  const Rig rig;
  const Written written = rig.write(event);
  CHECK(std::ranges::count(written.headers, std::pair<std::string, std::string>("ce_id", "e-1")) == 1);
  CHECK(std::ranges::count(written.headers, "ce_id", &Pairs::value_type::first) == 1);
  CHECK(std::ranges::count(written.headers, "ce_source", &Pairs::value_type::first) == 1);
  CHECK(std::ranges::count(written.headers, std::pair<std::string, std::string>("ce_subject", "s")) == 1);
  CHECK(std::ranges::count(written.headers, std::pair<std::string, std::string>("ce_region", "eu")) == 1);
  CHECK(rig.codec->owns_header("ce_region"));
  CHECK(rig.codec->owns_header("content-type"));
  CHECK_FALSE(rig.codec->owns_header("other"));
}

TEST_CASE("what cannot be a CloudEvent is an error in words") {
  Event event = sample();
  SUBCASE("an extension's name") {
    const std::array headers = {Header{"ce_My-Name", "x"}};
    event.headers = headers;
    CHECK(Rig().write(event).error.find("\"My-Name\" is none: their names are lower-case") != std::string::npos);
  }
  SUBCASE("an extension twice") {
    const std::array headers = {Header{"ce_a", "1"}, Header{"ce_a", "2"}};
    event.headers = headers;
    CHECK(Rig().write(event).error.find("two headers") != std::string::npos);
  }
  SUBCASE("a tenant with control characters, whose value is not shown") {
    event.tenant = "wa\nllet";
    const std::string error = Rig().write(event).error;
    CHECK(error.find("\"agenttenant\" is not UTF-8 text") != std::string::npos);
    CHECK(error.find("llet") == std::string::npos);
  }
}

TEST_CASE("structured: JSON is spliced in, text is text, bytes are base64") {
  const Rig rig(CloudEventsMode::structured);
  Event event = sample();
  CHECK(rig.write(event).value ==
        R"({"specversion":"1.0","id":"e-1","source":"/agents/alice","type":"acapy::webhook::ping",)"
        R"("time":"2023-11-14T22:13:20.12Z","agenttenant":"wallet-1","datacontenttype":"application/json",)"
        R"("data":{"n": 1.50}})");
  CHECK(rig.write(event).headers == Pairs{{"content-type", std::string(json_type)}});
  event.content_type = "text/plain";
  event.payload = "say \"hi\"";
  CHECK(rig.write(event).value.ends_with(R"("data":"say \"hi\""})"));
  event.payload = "\xFF\xFE";
  CHECK(rig.write(event).value.ends_with(R"("data_base64":"//4="})"));
  event.content_type = "application/json";  // it is not: kept byte for byte all the same
  CHECK(rig.write(event).value.ends_with(R"("data_base64":"//4="})"));
}

TEST_CASE("a tombstone has its attributes in headers, in both modes") {
  for (const CloudEventsMode mode : {CloudEventsMode::binary, CloudEventsMode::structured}) {
    Event event = sample();
    event.payload = {};
    const Written written = Rig(mode).write(event, "k");
    CHECK(written.null_value);
    CHECK(written.headers.front() == std::pair<std::string, std::string>("ce_specversion", "1.0"));
    CHECK(std::ranges::count(written.headers, "content-type", &Pairs::value_type::first) == 0);
  }
  const Read gone = read({}, required_headers());
  CHECK(gone.error.empty());
  CHECK(gone.null_payload);
  CHECK(gone.event.topic == "order.placed");
  CHECK(read({}, {}).null_payload);  // nobody's event, but no error either
}

TEST_CASE("binary in: topic, tenant, type and all attributes") {
  Pairs headers = required_headers();
  headers.emplace_back("ce_agenttenant", "wallet-2");
  headers.emplace_back("Content-Type", "text/plain");
  headers.emplace_back("x", "1");
  const Read in = read("hello", headers);
  CHECK(in.error.empty());
  CHECK(in.payload == "hello");
  CHECK(in.event.payload_in_value);
  CHECK(in.event.topic == "order.placed");
  CHECK(in.event.tenant == "wallet-2");
  CHECK(in.event.content_type == "text/plain");
  CHECK(in.header("ce_source") == "/shop");
  CHECK(in.header("x") == "(none)");
}

TEST_CASE("structured in: the same, with data as it is written") {
  const Read in = read_json(R"( {"specversion":"1.0","data": {"n": 1.50, "data":[1]} ,"id":"7","source":"/shop",)"
                            R"("type":"order.placed","agenttenant":"wallet-2","count":3,"flag":true,"gone":null})");
  CHECK(in.error.empty());
  CHECK(in.payload == R"({"n": 1.50, "data":[1]})");
  CHECK(in.event.payload_in_value);
  CHECK(in.event.topic == "order.placed");
  CHECK(in.event.tenant == "wallet-2");
  CHECK(in.event.content_type.empty());
  CHECK(in.header("ce_count") == "3");
  CHECK(in.header("ce_flag") == "true");
  CHECK(in.header("ce_gone") == "(none)");
}

TEST_CASE("structured in: what data is depends on its type, wherever that stands") {
  const std::string begin = R"({"specversion":"1.0","id":"7","source":"/shop","type":"t",)";
  CHECK(read_json(begin + R"("data":"a\u00e9","datacontenttype":"text/plain"})").payload == "a\xC3\xA9");
  CHECK(read_json(begin + R"("datacontenttype":"application/json","data":"a"})").payload == "\"a\"");
  CHECK(read_json(begin + R"("data":"a"})").payload == "\"a\"");
  CHECK(read_json(begin + R"("datacontenttype":"text/x","data":{"a":1}})").payload == R"({"a":1})");
  CHECK(read_json(begin + R"("data_base64":"//4="})").payload == "\xFF\xFE");
  CHECK(read_json(begin + R"("datacontenttype":"a/b","data":null})").null_payload);
  CHECK(read_json(begin + R"("data":null})").payload == "null");
  CHECK(read_json(begin + R"("subject":"s"})").null_payload);
}

TEST_CASE("the mode is told by the beginning of the content type, whatever its case") {
  const std::string value = R"({"specversion":"1.0","id":"7","source":"/shop","type":"t","data":1})";
  CHECK(read(value, {{"content-type", "Application/CloudEvents+JSON"}}).payload == "1");
  CHECK(read(value, {{"content-type", "application/json"}}).error.find("it is none") != std::string::npos);
  CHECK(read(value, {}).error.find("neither headers ce_*") != std::string::npos);
  CHECK(read(value, {{"content-type", "application/cloudevents-batch+json"}}).error.find("batches") !=
        std::string::npos);
  CHECK(read(value, {{"content-type", "application/cloudevents+avro"}}).error.find("not JSON") != std::string::npos);
  CHECK(read("[" + value + "]", {{"content-type", std::string(json_type)}}).error.find("batched") != std::string::npos);
}
