// Bodies that anybody may have written: what is wrong is told with its offset, and costs nothing.
#include <chrono>

#include "avro_fixture.h"
#include "codec/avro/body_check.h"
#include "codec/avro/encoder.h"

using namespace avro_test;
using namespace std::string_literals;

namespace {

bool refused(const std::string& schema, const std::string& body, const char* why) {
  const std::string message = decoded(schema, body);
  INFO(message);
  const bool good = message.find(why) != std::string::npos && message.find(" at offset ") != std::string::npos;
  CHECK(good);
  return good;
}

std::string varint(std::int64_t value) {
  std::uint64_t bits = (static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63);
  std::string out;
  for (; bits >= 0x80; bits >>= 7U) out.push_back(static_cast<char>(bits | 0x80U));
  return out.append(1, static_cast<char>(bits));
}

constexpr const char* nulls = R"({"type":"array","items":"null"})";
constexpr const char* longs = R"({"type":"array","items":"long"})";
constexpr const char* map = R"({"type":"map","values":"int"})";

}  // namespace

TEST_CASE("lengths that are not there are refused before anything is allocated") {
  refused("\"string\"", varint(1LL << 40) + "abc", "string of 1099511627776 bytes, of which only 3 are there");
  refused("\"bytes\"", varint(4) + "abc", "bytes of 4 bytes, of which only 3");
  refused("\"bytes\"", varint(-1), "negative length");
  refused(R"({"type":"fixed","name":"n.F","size":9})", "abc", "n.F of 9 bytes");
  refused("\"double\"", "abc", "double of 8 bytes");
  refused("\"boolean\"", "", "boolean of 1 bytes");
  refused("\"boolean\"", "\x02", "neither 0 nor 1");
  CHECK(decoded("\"string\"",
                "\x06"
                "ab") == "value: string of 3 bytes, of which only 2 are there at offset 6");
}

TEST_CASE("numbers that do not end or are out of range are refused") {
  refused("\"long\"", "", "does not end");
  refused("\"long\"", "\xff\xff", "does not end");
  refused("\"long\"", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", "too large");
  refused("\"int\"", varint(1LL << 31), "int that is out of range");
  CHECK(decoded("\"long\"", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01") == "-9223372036854775808");
}

TEST_CASE("a few bytes that claim many values of no bytes are refused at once") {
  const auto begin = std::chrono::steady_clock::now();
  refused(nulls, varint(1LL << 40) + varint(0), "more than 65536 values of no bytes");
  refused(R"({"type":"array","items":{"type":"record","name":"R","fields":[]}})", varint(1LL << 60) + varint(0),
          "more than 65536 values of no bytes");
  refused(R"({"type":"array","items":{"type":"fixed","name":"F","size":0}})", varint(INT64_MAX) + varint(0),
          "more than 65536 values of no bytes");
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(1));
  CHECK(decoded(nulls, varint(3) + varint(0)) == "[null,null,null]");
}

TEST_CASE("blocks may say their size, which must be right") {
  CHECK(decoded(longs, varint(-2) + varint(2) + varint(3) + varint(4) + varint(1) + varint(5) + varint(0)) ==
        "[3,4,5]");
  CHECK(decoded(longs, varint(0)) == "[]");
  CHECK(decoded(map, varint(-1) + varint(3) +
                         "\x02"
                         "a\x02"s +
                         varint(1) +
                         "\x02"
                         "b\x04"s +
                         varint(0)) == R"({"a":1,"b":2})");
  refused(longs, varint(-2) + varint(3) + varint(3) + varint(4) + varint(0), "block of a wrong size");
  refused(longs, varint(-2) + varint(-1) + varint(3), "block of a wrong size");
  refused(longs, varint(-2) + varint(1 << 20) + varint(3), "block of a wrong size");
  refused(longs, varint(INT64_MIN), "block count that is out of range");
  refused(longs, varint(2) + varint(3), "does not end");
  refused(longs, varint(1LL << 40) + varint(3), "does not end");
}

TEST_CASE("branches and symbols that do not exist are refused") {
  refused(R"(["null","int"])", varint(2), "union: index 2 of 2 branches");
  refused(R"(["null","int"])", varint(-1), "union: index -1");
  refused("[]", varint(0), "index 0 of 0");
  refused(R"({"type":"enum","name":"E","symbols":["A"]})", varint(1), "E: index 1 of 1 symbols");
}

TEST_CASE("bytes that follow the value are refused") { refused("\"int\"", varint(1) + "x", "bytes follow the value"); }

TEST_CASE("text must be UTF-8, and the names of a map must differ") {
  refused("\"string\"", varint(2) + "\xc0\xaf", "not UTF-8");
  refused(map, varint(1) + varint(1) + "\xff" + varint(1) + varint(0), "not UTF-8");
  refused(map, varint(1) + varint(3) + "a\0b"s + varint(1) + varint(0), "NUL");
  refused(map,
          varint(1) +
              "\x02"
              "a\x02"s +
              varint(1) +
              "\x02"
              "a\x02"s +
              varint(0),
          "two entries of one name");
  const std::string maps = R"({"type":"map","values":{"type":"map","values":"int"}})";
  const std::string inner = varint(1) +
                            "\x02"
                            "a\x02"s +
                            varint(0);
  CHECK(decoded(maps, varint(2) +
                          "\x02"
                          "a"s +
                          inner +
                          "\x02"
                          "b"s +
                          inner + varint(0)) == R"({"a":{"a":1},"b":{"a":1}})");
}

TEST_CASE("values that nest too deep are refused") {
  const std::string list = R"({"type":"record","name":"L","fields":[{"name":"n","type":["null","L"]}]})";
  refused(list, std::string(100'000, '\x02'), "nest deeper than 64 levels");
  CHECK(decoded(list, std::string(31, '\x02') + '\0').find("null") != std::string::npos);
  refused(R"({"type":"record","name":"I","fields":[{"name":"i","type":"I"}]})", "x", "nest deeper");
}

TEST_CASE("what is written is what is read, to the depth that is allowed") {
  const std::string arrays = [] {
    std::string schema = "\"int\"";
    for (int level = 0; level < 64; ++level) schema = "{\"type\":\"array\",\"items\":" + schema + "}";
    return schema;
  }();
  const std::string text = std::string(64, '[') + "1" + std::string(64, ']');
  CHECK(there_and_back(arrays, text) == text);
}

TEST_CASE("every prefix of a record, and every byte that is changed, is refused or read") {
  const std::string schema = R"({"type":"record","name":"R","fields":[{"name":"a","type":["null","string","bytes"]},
    {"name":"b","type":{"type":"map","values":{"type":"array","items":"double"}}},{"name":"c","type":
    {"type":"enum","name":"E","symbols":["X","Y"]}},{"name":"d","type":["null","R"]}]})";
  const std::string body = encoded(
      schema, R"({"a":{"string":"text"},"b":{"k":[1.5,2],"l":[]},"c":"Y","d":{"a":null,"b":{},"c":"X","d":null}})");
  REQUIRE(body.size() > 20);
  for (std::size_t size = 0; size < body.size(); ++size)
    CHECK(decoded(schema, body.substr(0, size)).starts_with("value: "));
  for (std::size_t at = 0; at < body.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = body;
      changed[at] = static_cast<char>(byte);
      const std::string result = decoded(schema, changed);
      if (!result.starts_with("value: ")) CHECK(same_json(result, result));
    }
  }
}
