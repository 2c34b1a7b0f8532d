// The avro codec: wire format, subjects, keys, tombstones, what the registry answers.
#include <thread>

#include "avro_fixture.h"

using namespace avro_test;

namespace {

constexpr const char* order = R"({"type":"record","name":"shop.Order","fields":[
  {"name":"id","type":"long"},{"name":"note","type":["null","string"],"default":null}]})";
constexpr const char* key_record = R"({"type":"record","name":"Key","fields":[{"name":"id","type":"string"}]})";

}  // namespace

TEST_CASE("a record is in Confluent's wire format") {
  Bench bench;
  bench.registry.add("\"string\"");
  bench.registry.add(order, "orders-value");
  const Result<Encoded> encoded = bench.encode(R"({"id":150,"note":"x"})");
  REQUIRE(encoded.ok());
  CHECK(std::string(encoded.value().value) == std::string("\0\0\0\0\x02\xac\x02\x02\x02x", 10));
  CHECK_FALSE(encoded.value().in_event);
  CHECK_FALSE(encoded.value().has_key);
  REQUIRE(bench.decode(encoded.value().value).ok());
  CHECK(bench.decoded.payload == R"({"id":150,"note":"x"})");
  CHECK(bench.decoded.content_type == "application/json");
  CHECK_FALSE(bench.decoded.payload_in_value);
  CHECK_FALSE(bench.decoded.has_key);
}

TEST_CASE("an id of four bytes is big-endian") {
  Bench bench;
  bench.registry.away = true;
  const Result<void> decoded = bench.decode(std::string("\0\x01\x02\x03\x04", 5));
  REQUIRE_FALSE(decoded.ok());
  CHECK(decoded.error().code == ErrorCode::unavailable);
  bench.registry.away = false;
  CHECK(bench.decode(std::string("\0\x01\x02\x03\x04", 5)).error().message.find("16909060") != std::string::npos);
}

TEST_CASE("a tombstone is a tombstone both ways, with its key") {
  Bench bench;
  bench.settings.key_schema = key_record;
  bench.registry.add(key_record, "orders-key");
  const Result<Encoded> encoded = bench.encode({}, "k1");
  REQUIRE(encoded.ok());
  CHECK(is_null(encoded.value().value));
  CHECK(encoded.value().has_key);
  REQUIRE(bench.decode({}, encoded.value().key).ok());
  CHECK(is_null(bench.decoded.payload));
  CHECK(bench.decoded.key == R"({"id":"k1"})");
  CHECK(bench.made().reads_headers());
  CHECK_FALSE(Bench{}.made().reads_headers());
}

TEST_CASE("the subject's latest or fixed version is written with") {
  Bench bench;
  bench.registry.add("\"int\"", "orders-value");
  bench.registry.add("\"string\"", "orders-value");
  SUBCASE("latest") { CHECK(bench.encode("\"x\"").ok()); }
  SUBCASE("fixed") {
    bench.settings.version = 1;
    CHECK_FALSE(bench.encode("\"x\"").ok());
    CHECK(bench.encode("7").ok());
  }
  SUBCASE("missing") {
    bench.settings.version = 9;
    CHECK(bench.encode("7").error().code == ErrorCode::invalid);
  }
}

TEST_CASE("a schema of one's own has the id that the registry says, and is registered if asked") {
  Bench bench;
  bench.settings.value_schema = order;
  bench.settings.value_subject = "a.{topic}.b.{topic}";
  CHECK(bench.encode(R"({"id":1})").error().code == ErrorCode::invalid);
  CHECK(bench.registry.last_subject == "a.orders.b.orders");
  bench.codec.reset();
  bench.settings.auto_register = true;
  const Result<Encoded> encoded = bench.encode(R"({"id":1})");
  REQUIRE(encoded.ok());
  CHECK(encoded.value().value[4] == 1);
}

TEST_CASE("what the registry cannot say yet is unavailable, and known schemas do without it") {
  Bench bench;
  const std::uint32_t id = bench.registry.add(order, "orders-value");
  bench.registry.away = true;
  CHECK(bench.encode(R"({"id":1})").error().code == ErrorCode::unavailable);
  const std::string value = std::string("\0\0\0\0", 4) + static_cast<char>(id) + std::string("\x02\0", 2);
  CHECK(bench.decode(value).error().code == ErrorCode::unavailable);
  bench.registry.away = false;
  CHECK(bench.decode(value).ok());
  const int asked = bench.registry.asked;
  bench.registry.away = true;
  CHECK(bench.decode(value).ok());
  CHECK(bench.registry.asked == asked);
}

TEST_CASE("a schema that does not exist, or cannot be read, makes a record invalid") {
  Bench bench;
  CHECK(bench.decode(std::string("\0\0\0\0\x09x", 6)).error().code == ErrorCode::invalid);
  bench.registry.add(R"({"type":"record","name":"R","fields":[{"name":"a","type":"missing.Type"}]})");
  const Result<void> decoded = bench.decode(std::string("\0\0\0\0\x01x", 6));
  CHECK(decoded.error().code == ErrorCode::invalid);
  CHECK(decoded.error().message == "value: schema 1 of the registry: a: there is no type missing.Type");
}

TEST_CASE("what is not in the wire format is invalid") {
  Bench bench;
  for (const std::string& value : {std::string(""), std::string("\0\0\0\0", 4), std::string("{\"id\":1}")}) {
    const Result<void> decoded = bench.decode(value);
    REQUIRE_FALSE(decoded.ok());
    CHECK(decoded.error().code == ErrorCode::invalid);
  }
}

TEST_CASE("keys are Avro where they have a schema") {
  Bench bench;
  bench.registry.add(order, "orders-value");
  SUBCASE("a string is its own text") {
    bench.settings.key_from_registry = true;
    bench.registry.add("\"string\"", "orders-key");
    for (const char* key : {"tenant-7", "17", "{\"a\":1}", "null", ""}) {
      CAPTURE(key);
      const Result<Encoded> encoded = bench.encode(R"({"id":1})", key);
      REQUIRE(encoded.ok());
      CHECK(encoded.value().key[4] == 2);
      REQUIRE(bench.decode(encoded.value().value, encoded.value().key).ok());
      CHECK(bench.decoded.has_key);
      CHECK(bench.decoded.key == key);
    }
    CHECK_FALSE(bench.encode(R"({"id":1})", {}).value().has_key);
    CHECK_FALSE(bench.encode(R"({"id":1})", "\xff").ok());
  }
  SUBCASE("JSON is taken by the schema") {
    bench.settings.key_schema = R"({"type":"record","name":"K","fields":[{"name":"a","type":"int"}]})";
    bench.registry.add(bench.settings.key_schema, "orders-key");
    const Result<Encoded> encoded = bench.encode(R"({"id":1})", R"({"a":5})");
    REQUIRE(encoded.ok());
    REQUIRE(bench.decode(encoded.value().value, encoded.value().key).ok());
    CHECK(bench.decoded.key == R"({"a":5})");
    CHECK(bench.encode(R"({"id":1})", R"({"a":"x"})").error().message == "key: a: expected int, found a JSON string");
  }
  SUBCASE("a record of one string takes text") {
    bench.settings.key_schema = key_record;
    bench.registry.add(key_record, "orders-key");
    const Result<Encoded> encoded = bench.encode(R"({"id":1})", "abc");
    REQUIRE(encoded.ok());
    CHECK(std::string(encoded.value().key.substr(5)) ==
          "\x06"
          "abc");
    CHECK(bench.encode(R"({"id":1})", R"({"id":"abc"})").ok());
  }
}

TEST_CASE("named types come from the schemas that a schema refers to") {
  Bench bench;
  bench.registry.add(R"({"type":"record","name":"a.Outer","fields":[{"name":"one","type":"b.Inner"},
                          {"name":"two","type":["null","b.Inner"],"default":null}]})",
                     "orders-value",
                     {R"({"type":"enum","name":"b.Colour","symbols":["RED"]})",
                      R"({"type":"record","name":"b.Inner","fields":[{"name":"colour","type":"Colour"}]})"});
  const Result<Encoded> encoded = bench.encode(R"({"one":{"colour":"RED"},"two":{"colour":"RED"}})");
  REQUIRE_MESSAGE(encoded.ok(), (encoded.ok() ? "" : encoded.error().message));
  REQUIRE(bench.decode(encoded.value().value).ok());
  CHECK(bench.decoded.payload == R"({"one":{"colour":"RED"},"two":{"colour":"RED"}})");
}

TEST_CASE("the message's name is that of the value's schema") {
  Bench bench;
  CHECK(bench.made().message_name("orders").empty());
  bench.registry.add(order, "orders-value");
  CHECK(bench.made().message_name("orders") == "shop.Order");
}

TEST_CASE("settings with a schema that cannot be read make no codec") {
  FakeRegistry registry;
  config::SchemaSettings settings;
  settings.value_schema = R"({"type":"record","name":"R","fields":[{"name":"a","type":"int","default":"x"}]})";
  const auto made = make_avro_codec(settings, registry);
  REQUIRE_FALSE(made.ok());
  CHECK(made.error().message == "value_schema: R.a: its default: expected int, found a JSON string");
}

TEST_CASE("threads share a codec") {
  Bench bench;
  bench.registry.add(order, "orders-value");
  Codec& codec = bench.made();
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&codec, &wrong, thread] {
      EncodeBuffers buffers;
      DecodedEvent decoded;
      for (int round = 0; round < 2000; ++round) {
        const std::string payload = "{\"id\":" + std::to_string(thread * 10000 + round) + ",\"note\":null}";
        Event event;
        event.payload = payload;
        const Result<Encoded> encoded = codec.encode(event, {.kafka_topic = "orders"}, buffers);
        const bool good = encoded.ok() && codec.decode({.value = encoded.value().value}, decoded).ok();
        if (!good || decoded.payload != payload) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}
