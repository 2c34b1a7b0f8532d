// Logical types, raw and readable.
#include "avro_fixture.h"

using namespace avro_test;

namespace {

std::string logical(const char* type, const char* name) {
  return std::string("{\"type\":\"").append(type).append("\",\"logicalType\":\"").append(name).append("\"}");
}

std::string decimal(int precision, int scale) {
  return std::string(R"({"type":"bytes","logicalType":"decimal","precision":)")
      .append(std::to_string(precision))
      .append(",\"scale\":")
      .append(std::to_string(scale))
      .append("}");
}

}  // namespace

TEST_CASE("dates and times are numbers, or text that is readable, and both are taken") {
  struct Case {
    const char* type;
    const char* name;
    const char* raw;
    const char* text;
  };
  for (const Case& one :
       {Case{"int", "date", "20778", "\"2026-11-21\""}, Case{"int", "date", "-1", "\"1969-12-31\""},
        Case{"int", "date", "-719528", "\"0000-01-01\""}, Case{"int", "time-millis", "45000123", "\"12:30:00.123\""},
        Case{"long", "time-micros", "45000123456", "\"12:30:00.123456\""},
        Case{"long", "timestamp-millis", "1795264200123", "\"2026-11-21T12:30:00.123Z\""},
        Case{"long", "timestamp-millis", "-1", "\"1969-12-31T23:59:59.999Z\""},
        Case{"long", "timestamp-micros", "951782400000001", "\"2000-02-29T00:00:00.000001Z\""},
        Case{"long", "local-timestamp-millis", "0", "\"1970-01-01T00:00:00.000\""},
        Case{"long", "local-timestamp-micros", "1", "\"1970-01-01T00:00:00.000001\""}}) {
    CAPTURE(one.text);
    const std::string schema = logical(one.type, one.name);
    CHECK(there_and_back(schema, one.text) == one.raw);
    CHECK(there_and_back(schema, one.raw) == one.raw);
    CHECK(there_and_back(schema, one.raw, readable()) == one.text);
    CHECK(there_and_back(schema, one.text, readable()) == one.text);
  }
}

TEST_CASE("time zones are counted in, and digits that do not fit are refused") {
  const std::string schema = logical("long", "timestamp-millis");
  CHECK(there_and_back(schema, "\"2026-11-21T12:30:00+01:00\"", readable()) == "\"2026-11-21T11:30:00.000Z\"");
  CHECK(there_and_back(schema, "\"2026-11-21t12:30:00.5000000-00:30\"", readable()) == "\"2026-11-21T13:00:00.500Z\"");
  for (const char* text : {"2026-11-21T12:30:00.0001Z", "2026-11-21T12:30:00", "2026-02-30T00:00:00Z", "2026-11-21",
                           "2026-11-21T24:00:00Z", "2026-11-21T12:30:00Zx", "2026-11-21T12:30:00.Z", ""}) {
    CAPTURE(text);
    CHECK(encoded(schema, std::string("\"").append(text).append("\"")).find("expected long, found a JSON string") !=
          std::string::npos);
  }
}

TEST_CASE("what no text stands for stays a number") {
  CHECK(there_and_back(logical("long", "timestamp-micros"), "9223372036854775807", readable()) ==
        "9223372036854775807");
  CHECK(there_and_back(logical("int", "time-millis"), "-5", readable()) == "-5");
}

TEST_CASE("decimals are two's complement, checked against precision and scale") {
  struct Case {
    const char* text;
    const char* bytes;
  };
  for (const Case& one : {Case{"12.34", "\x04\x04\xd2"}, Case{"-12.34", "\x04\xfb\x2e"}, Case{"-1.28", "\x02\x80"},
                          Case{"1.28", "\x04\x00\x80"}, Case{"-1.29", "\x04\xff\x7f"}, Case{"0.01", "\x02\x01"}}) {
    CAPTURE(one.text);
    const std::string quoted = std::string("\"").append(one.text).append("\"");
    const std::string bytes(one.bytes, static_cast<std::size_t>(1 + one.bytes[0] / 2));
    CHECK(encoded(decimal(9, 2), quoted, readable()) == bytes);
    CHECK(encoded(decimal(9, 2), one.text) == bytes);  // a number is no bytes: it can only be this
    CHECK(decoded(decimal(9, 2), bytes, readable()) == quoted);
  }
  CHECK(there_and_back(decimal(9, 2), "\"5\"", readable()) == "\"5.00\"");
  CHECK(there_and_back(decimal(9, 2), "\"-0.500\"", readable()) == "\"-0.50\"");
  CHECK(there_and_back(decimal(38, 0), "\"-99999999999999999999999999999999999999\"", readable()) ==
        "\"-99999999999999999999999999999999999999\"");
  CHECK(there_and_back(decimal(4, 2), "\"\\u0004\u00d2\"") == "\"\\u0004\u00d2\"");
  CHECK(encoded(decimal(4, 2), "\"123.45\"", readable()).find("more digits than its precision") != std::string::npos);
  CHECK(encoded(decimal(4, 2), "\"1.234\"", readable()).find("than its scale") != std::string::npos);
  CHECK(encoded(decimal(4, 2), "\"1e2\"", readable()).find("not a decimal") != std::string::npos);
  CHECK(decoded(decimal(2, 0), "\x04\x7f\xff", readable()).find("more digits than its precision") != std::string::npos);
  CHECK(decoded(decimal(9, 2), std::string("\0", 1), readable()) == "\"0.00\"");
}

TEST_CASE("a fixed decimal fills its bytes") {
  const std::string schema = R"({"type":"fixed","name":"F","size":4,"logicalType":"decimal","precision":6,"scale":1})";
  CHECK(encoded(schema, "\"-1.0\"", readable()) == "\xff\xff\xff\xf6");
  CHECK(there_and_back(schema, "\"-1.0\"", readable()) == "\"-1.0\"");
  CHECK(there_and_back(schema, "\"99999.9\"", readable()) == "\"99999.9\"");
}

TEST_CASE("a UUID is checked where logical types are readable") {
  const std::string schema = logical("string", "uuid");
  CHECK(there_and_back(schema, "\"3fa85f64-5717-4562-b3fc-2c963f66afa6\"", readable()) ==
        "\"3fa85f64-5717-4562-b3fc-2c963f66afa6\"");
  CHECK(encoded(schema, "\"3fa85f64-5717-4562-b3fc\"", readable()).find("not a UUID") != std::string::npos);
  CHECK(there_and_back(schema, "\"anything\"") == "\"anything\"");
}

TEST_CASE("an annotation that is not valid is passed over") {
  CHECK(there_and_back(logical("string", "date"), "\"x\"", readable()) == "\"x\"");
  CHECK(there_and_back(decimal(0, 0), "\"x\"", readable()) == "\"x\"");
  CHECK(there_and_back(logical("long", "no-such-type"), "5", readable()) == "5");
}

TEST_CASE("the exact form of a logical type goes before the other one in unions") {
  const std::string schema = R"([{"type":"long","logicalType":"timestamp-millis"},"string"])";
  CHECK(there_and_back(schema, "\"2026-11-21T12:30:00Z\"") == R"({"string":"2026-11-21T12:30:00Z"})");
  CHECK(encoded(schema, "\"2026-11-21T12:30:00Z\"", readable()).find("several of these") != std::string::npos);
}
