// Envelopes back into events: what others write, and what nobody should.
#include <doctest/doctest.h>
#include <random>

#include "codec/codec.h"

using namespace kafka_events;

namespace {

std::string decode(std::string_view value, DecodedEvent& out) {
  const Result<void> decoded = make_envelope_codec()->decode(InboundRecord{.value = value}, out);
  return decoded.ok() ? "" : decoded.error().message;
}

std::string payload_of(std::string_view value) {
  DecodedEvent out;
  const std::string error = decode(value, out);
  return error.empty() ? std::string(out.payload) : "error: " + error;
}

}  // namespace

TEST_CASE("an envelope as Python writes it is taken apart") {
  const std::string value = R"({"wallet_id": "w1", "state": "active", "topic": "acapy::record::connections::active", )"
                            R"("category": "connections", "payload": {"a": [1, 2]}})";
  DecodedEvent out;
  REQUIRE(decode(value, out) == "");
  CHECK(out.tenant == "w1");
  CHECK(out.state == "active");
  CHECK(out.topic == "acapy::record::connections::active");
  CHECK(out.category == "connections");
  CHECK(out.payload == R"({"a": [1, 2]})");
  CHECK(out.content_type == "application/json");
  CHECK(out.payload.data() >= value.data());
  CHECK(out.payload.data() + out.payload.size() <= value.data() + value.size());
}

TEST_CASE("the payload comes back byte for byte, whatever it is and wherever it stands") {
  for (const char* payload :
       {"{}", "[]", "null", "true", "0", "-1.50e+3", "\"\"", "\"}\\\"]\"", "{\"payload\":{\"x\":[{}]}}", "[[],[{}]]",
        "{\"wallet_id\":7}", "\"\\ud83d\\ude00\"", "{ \"a\" :\t1 }"}) {
    CAPTURE(payload);
    const std::string text = payload;
    CHECK(payload_of("{\"payload\":" + text + "}") == text);
    CHECK(payload_of(" { \"payload\" :\n " + text + " \t, \"x\" : {\"payload\":[1]} } ") == text);
    CHECK(payload_of("{\"x\":[{\"payload\":1}],\"payload\":" + text + ",\"topic\":\"t\"}") == text);
    CHECK(payload_of("{\"p\\u0061yload\":" + text + "}") == text);
  }
}

TEST_CASE("what was encoded is decoded") {
  Event event;
  event.topic = "acapy::record::present_proof_v2_0::request-sent";
  event.tenant = "t\u00e9nant \"1\"";
  event.payload = "{\"k\": \"\U0001f600\"}";
  EncodeBuffers buffers;
  const auto codec = make_envelope_codec();
  const Result<Encoded> encoded = codec->encode(event, {}, buffers);
  REQUIRE(encoded.ok());
  DecodedEvent out;
  REQUIRE(codec->decode(InboundRecord{.value = encoded.value().value}, out).ok());
  CHECK(out.topic == event.topic);
  CHECK(out.tenant == event.tenant);
  CHECK(out.payload == event.payload);
}

TEST_CASE("the base wallet has no tenant, and null is no text") {
  DecodedEvent out;
  REQUIRE(decode(R"({"wallet_id":"base","state":null,"topic":null,"category":null,"payload":1})", out) == "");
  CHECK(out.tenant.empty());
  CHECK(out.topic.empty());
}

TEST_CASE("a tombstone has no payload") {
  DecodedEvent out;
  out.topic = "left over";
  REQUIRE(decode(Bytes{}, out) == "");
  CHECK(is_null(out.payload));
  CHECK(out.topic.empty());
}

TEST_CASE("what is no envelope is refused, with an offset") {
  for (const char* value :
       {"", "[]", "1", "null", "\"x\"", "{", "{\"payload\":}", "{\"payload\":1", "{\"payload\":1}x",
        "{\"payload\":1,\"payload\":2}", "{\"topic\":\"a\",\"topic\":\"b\",\"payload\":1}",
        "{\"topic\":1,\"payload\":1}", "{\"topic\":{},\"payload\":1}", "{\"state\":[],\"payload\":1}",
        "{\"wallet_id\":\"\xff\",\"payload\":1}", "{\"wallet_id\":\"\\udc00\",\"payload\":1}",
        "{\"payload\":\"\xed\xa0\x80\"}", "{\"payload\":[1,]}"}) {
    CAPTURE(value);
    DecodedEvent out;
    const std::string message = decode(value, out);
    CHECK(message.starts_with("envelope: "));
    CHECK(message.find("offset") != std::string::npos);
  }
  CHECK(payload_of("{\"topic\":\"SECRET\"}") == "error: envelope: there is no \"payload\"");
}

TEST_CASE("hostile nesting and size are errors, not crashes") {
  const std::string bomb(2'000'000, '[');
  CHECK(payload_of(bomb).starts_with("error"));
  CHECK(payload_of("{\"payload\":" + bomb).find("nests deeper") != std::string::npos);
  std::string objects;
  for (int level = 0; level < 100'000; ++level) objects += "{\"a\":";
  CHECK(payload_of("{\"x\":" + objects).starts_with("error"));
  const std::string long_text(5'000'000, 'x');
  CHECK(payload_of("{\"payload\":\"" + long_text + "\"}").size() == long_text.size() + 2);
}

TEST_CASE("no mutation of an envelope crashes the decoder, and a payload always lies in the value") {
  const std::string seed =
      R"({"wallet_id":"w","state":"s","topic":"a::b","category":"c","payload":{"a":[1,"\u00e9",null]}})";
  std::mt19937 random(20240607);
  std::size_t accepted = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string value = seed;
    for (unsigned change = random() % 4; change != 0; --change) {
      const std::size_t position = random() % value.size();
      switch (random() % 3) {
        case 0:
          value[position] = static_cast<char>(random());
          break;
        case 1:
          value.erase(position, 1);
          break;
        default:
          value.insert(position, 1, "{}[]\",:\\0"[random() % 9]);
      }
    }
    DecodedEvent out;
    if (!make_envelope_codec()->decode(InboundRecord{.value = value}, out).ok()) continue;
    ++accepted;
    CHECK(out.payload.data() >= value.data());
    CHECK(out.payload.data() + out.payload.size() <= value.data() + value.size());
  }
  CHECK(accepted > 1000);
}
