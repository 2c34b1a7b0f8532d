// Events into the envelope of later ACA-Py plugins.
#include <doctest/doctest.h>

#include "codec/codec.h"

using namespace kafka_events;

namespace {

struct Encoder {
  std::unique_ptr<Codec> codec = make_envelope_codec();
  Event event;
  EncodeBuffers buffers{.value = "left over"};

  Encoder(std::string_view topic, std::string_view tenant, Bytes payload) {
    event.topic = topic;
    event.tenant = tenant;
    event.payload = payload;
  }
  std::string operator()() {
    const Result<Encoded> encoded = codec->encode(event, {}, buffers);
    if (!encoded.ok()) return "error: " + encoded.error().message;
    CHECK_FALSE(encoded.value().in_event);
    return is_null(encoded.value().value) ? "(null)" : std::string(encoded.value().value);
  }
};

}  // namespace

TEST_CASE("a JSON payload is spliced in byte for byte") {
  const std::string payload = "{ \"b\":1.50,\n\"a\":\"\\u00e9\" }";
  CHECK(Encoder("acapy::record::connections::active", "w1", payload)() ==
        R"({"wallet_id":"w1","state":"active","topic":"acapy::record::connections::active",)"
        R"("category":"connections","payload":)" +
            payload + "}");
}

TEST_CASE("the base wallet is called base, and what the topic does not say is null") {
  CHECK(Encoder("other", "", "[]")() ==
        R"({"wallet_id":"base","state":null,"topic":"other","category":null,"payload":[]})");
}

TEST_CASE("a state that the topic does not say is taken from the payload, as ACA-Py does") {
  CHECK(Encoder("acapy::webhook::ping", "w", R"({"x":{"state":"no"},"state":"yes","y":1})")() ==
        R"({"wallet_id":"w","state":"yes","topic":"acapy::webhook::ping","category":"ping",)"
        R"("payload":{"x":{"state":"no"},"state":"yes","y":1}})");
  CHECK(Encoder("acapy::webhook::ping", "w", R"({"state":7})")().find(R"("state":null)") != std::string::npos);
  CHECK(Encoder("acapy::record::a::b", "w", R"({"state":"c"})")().find(R"("state":"b")") != std::string::npos);
}

TEST_CASE("text that is no JSON becomes a JSON string") {
  CHECK(Encoder("t", "w", "say \"h\u00e9\"\n")().ends_with("\"payload\":\"say \\\"h\u00e9\\\"\\n\"}"));
  CHECK(Encoder("t", "w", "")().ends_with("\"payload\":\"\"}"));
}

TEST_CASE("names are escaped") {
  CHECK(Encoder("a\"b", "c\\d", "1")().starts_with(R"({"wallet_id":"c\\d","state":null,"topic":"a\"b")"));
}

TEST_CASE("no payload is a tombstone") { CHECK(Encoder("t", "w", Bytes{})() == "(null)"); }

TEST_CASE("what no envelope can hold is named, with its offset and without its content") {
  const std::string binary = Encoder("t", "w", "SECRET\xff")();
  CHECK(binary.starts_with("error: the payload is neither JSON nor UTF-8 text (offset 6)"));
  CHECK(binary.find("SECRET") == std::string::npos);
  CHECK(Encoder("t", "\xff", "1")().starts_with("error: the tenant"));
  CHECK(Encoder("\xc3", "w", "1")().starts_with("error: the topic"));
  CHECK(Encoder("t", "w", std::string(100'000, '['))().starts_with("error: the payload: nests deeper"));
  CHECK(Encoder("t", "w", R"({"n":1e999})")().starts_with("error: the payload"));
}
