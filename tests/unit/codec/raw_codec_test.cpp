// The raw codec: the payload as it is, tombstones included.
#include <doctest/doctest.h>

#include "codec/codec.h"

using namespace kafka_events;

TEST_CASE("a raw value is the event's own payload and is not copied") {
  const std::string payload(1000, 'x');
  Event event;
  event.payload = payload;
  EncodeBuffers buffers;
  const Result<Encoded> encoded = make_raw_codec()->encode(event, {}, buffers);
  REQUIRE(encoded.ok());
  CHECK(encoded.value().value.data() == payload.data());
  CHECK(encoded.value().in_event);
  CHECK(buffers.value.empty());
}

TEST_CASE("a raw null stays null and an empty payload stays empty") {
  const auto codec = make_raw_codec();
  Event event;
  EncodeBuffers buffers;
  SUBCASE("null") {
    const Result<Encoded> encoded = codec->encode(event, {}, buffers);
    REQUIRE(encoded.ok());
    CHECK(is_null(encoded.value().value));
    CHECK_FALSE(encoded.value().in_event);
  }
  SUBCASE("empty") {
    event.payload = "";
    const Result<Encoded> encoded = codec->encode(event, {}, buffers);
    REQUIRE(encoded.ok());
    CHECK_FALSE(is_null(encoded.value().value));
    CHECK(encoded.value().in_event);
  }
}

TEST_CASE("a raw value is decoded as it is, whatever was in the result before") {
  DecodedEvent decoded;
  decoded.topic = "left over";
  const std::string value("\x00\xff{", 3);
  REQUIRE(make_raw_codec()->decode(InboundRecord{.value = value}, decoded).ok());
  CHECK(decoded.payload.data() == value.data());
  CHECK(decoded.payload.size() == 3);
  CHECK(decoded.topic.empty());
  CHECK(decoded.payload_in_value);
  REQUIRE(make_raw_codec()->decode(InboundRecord{}, decoded).ok());
  CHECK(is_null(decoded.payload));
}
