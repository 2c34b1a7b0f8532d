// How an entry lies on disk: everything comes back, and no bytes whatever can do harm.
#include "store/entry_format.h"

#include <doctest/doctest.h>

namespace kafka_events::test {
namespace {

std::string encoded(const StoredEntry& entry) {
  std::string bytes;
  encode_entry(entry, bytes);
  CHECK(bytes.size() == encoded_size(entry));
  return bytes;
}

StoredEntry full_entry(std::span<const Header> headers) {
  StoredEntry entry;
  entry.kafka_topic = "acapy-outbound-message";
  entry.partition = 7;
  entry.key = std::string_view("k\0y", 3);
  entry.value = "the value";
  entry.headers = headers;
  entry.timestamp_ms = 1'700'000'000'123;
  entry.event_topic = "acapy::outbound::message";
  entry.tenant = "tenant";
  entry.event_key = "event key";
  entry.event_id = "id";
  entry.content_type = "application/json";
  entry.payload = "the payload";
  return entry;
}

void check_same(Bytes left, Bytes right) {
  CHECK(is_null(left) == is_null(right));
  CHECK(left == right);
}

}  // namespace

TEST_CASE("every field comes back") {
  const std::vector<Header> headers = {{"a", "1"}, {"a", Bytes{}}, {"empty", ""}, {"", std::string_view("\0", 1)}};
  const StoredEntry entry = full_entry(headers);
  const std::string bytes = encoded(entry);
  EntryDecoder decoder;
  const auto back = decoder.decode(bytes);
  REQUIRE(back.ok());
  const StoredEntry& copy = back.value();
  CHECK(copy.kafka_topic == entry.kafka_topic);
  CHECK(copy.partition == 7);
  check_same(copy.key, entry.key);
  check_same(copy.value, entry.value);
  CHECK(copy.timestamp_ms == entry.timestamp_ms);
  CHECK(copy.event_topic == entry.event_topic);
  CHECK(copy.tenant == entry.tenant);
  check_same(copy.event_key, entry.event_key);
  CHECK(copy.event_id == entry.event_id);
  CHECK(copy.content_type == entry.content_type);
  check_same(copy.payload, entry.payload);
  REQUIRE(copy.headers.size() == headers.size());
  for (std::size_t i = 0; i < headers.size(); ++i) {
    CHECK(copy.headers[i].name == headers[i].name);
    check_same(copy.headers[i].value, headers[i].value);
  }
}

TEST_CASE("null and empty differ, and negative numbers stay negative") {
  for (const Bytes bytes : {Bytes{}, Bytes{""}}) {
    StoredEntry entry;
    entry.key = entry.value = entry.event_key = entry.payload = bytes;
    entry.timestamp_ms = -1;
    const std::string stored = encoded(entry);
    EntryDecoder decoder;
    const auto back = decoder.decode(stored);
    REQUIRE(back.ok());
    check_same(back.value().key, bytes);
    check_same(back.value().value, bytes);
    check_same(back.value().event_key, bytes);
    check_same(back.value().payload, bytes);
    CHECK(back.value().partition == partition_by_key);
    CHECK(back.value().timestamp_ms == -1);
  }
}

TEST_CASE("a payload that is the value is stored once, and comes back as the same memory") {
  const std::string payload(1000, 'p');
  const std::string equal = payload;
  StoredEntry entry;
  entry.value = entry.payload = payload;
  const std::string once = encoded(entry);
  CHECK(once.size() < 1100);
  EntryDecoder decoder;
  const auto back = decoder.decode(once);
  REQUIRE(back.ok());
  CHECK(back.value().payload == payload);
  CHECK(back.value().payload.data() == back.value().value.data());
  entry.payload = equal;
  CHECK(encoded(entry).size() > 2000);
}

TEST_CASE("cut off anywhere, longer, or of another version: an error, never a crash") {
  const std::vector<Header> headers = {{"name", "value"}, {"n", Bytes{}}};
  const std::string bytes = encoded(full_entry(headers));
  EntryDecoder decoder;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    // On the heap and of exactly this size, so that a sanitizer sees every byte too many.
    const std::vector<char> cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK_FALSE(decoder.decode({cut.data(), cut.size()}).ok());
  }
  CHECK_FALSE(decoder.decode(bytes + "x").ok());
  std::string other = bytes;
  other[0] = 2;
  const auto refused = decoder.decode(other);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().message.find("version 2") != std::string::npos);
}

TEST_CASE("damaged bytes are decoded or refused, within their bounds and without taking memory for what they claim") {
  const std::vector<Header> headers = {{"name", "value"}};
  const std::string bytes = encoded(full_entry(headers));
  EntryDecoder decoder;
  std::uint64_t random = 1;
  for (int round = 0; round < 20'000; ++round) {
    std::string damaged = bytes;
    for (int change = 0; change < 3; ++change) {
      random = random * 6364136223846793005ULL + 1442695040888963407ULL;
      damaged[(random >> 33U) % damaged.size()] = static_cast<char>(random >> 24U);
    }
    const auto entry = decoder.decode(damaged);
    if (entry.ok()) CHECK(entry.value().value.size() <= damaged.size());
  }
}

}  // namespace kafka_events::test
