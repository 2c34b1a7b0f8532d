// A record of one schema, read as another.
#include "avro_fixture.h"

using namespace avro_test;

namespace {

std::string record(const std::string& fields, const std::string& more = {}) {
  return std::string(R"({"type":"record","name":"R",)").append(more).append(R"("fields":[)").append(fields) + "]}";
}

std::string read_as(const std::string& writer, const std::string& reader, const std::string& json,
                    config::SchemaSettings settings = {}) {
  settings.value_schema = reader;
  return decoded(writer, encoded(writer, json), settings);
}

}  // namespace

TEST_CASE("fields that were added have their defaults, fields that were removed are passed over") {
  const std::string old_schema = record(R"({"name":"a","type":"int"},{"name":"gone","type":{"type":"array","items":
    {"type":"record","name":"G","fields":[{"name":"x","type":["null","string"]}]}}},{"name":"z","type":"string"})");
  const std::string new_schema = record(R"({"name":"z","type":"string"},{"name":"new","type":["null","long"],
    "default":null},{"name":"list","type":{"type":"array","items":"string"},"default":["x"]},{"name":"a","type":"int"})");
  CHECK(read_as(old_schema, new_schema, R"({"a":1,"gone":[{"x":"y"},{"x":null}],"z":"q"})") ==
        R"({"a":1,"z":"q","new":null,"list":["x"]})");
  CHECK(read_as("{\"type\":\"record\",\"name\":\"R\",\"fields\":[]}",
                record(R"({"name":"a","type":"int","default":1})"), "{}") == R"({"a":1})");
}

TEST_CASE("a field that was added without a default is an error with its path") {
  CHECK(read_as(record(R"({"name":"a","type":"int"})"), record(R"({"name":"b","type":"int"})"), R"({"a":1})") ==
        "value: b: expected int, which has no default, found no such field in the writer's schema");
}

TEST_CASE("fields, records, enums and fixed are found by their aliases") {
  CHECK(read_as(record(R"({"name":"old","type":"int"})"), record(R"({"name":"new","aliases":["old"],"type":"int"})"),
                R"({"old":1})") == R"({"new":1})");
  const std::string renamed =
      R"({"type":"record","name":"x.New","aliases":["y.R"],"fields":[{"name":"a","type":"int"}]})";
  const std::string before = R"({"type":"record","name":"y.R","fields":[{"name":"a","type":"int"}]})";
  CHECK(read_as(before, renamed, R"({"a":1})") == R"({"a":1})");
  CHECK(read_as(before, R"({"type":"record","name":"x.Other","fields":[]})", R"({"a":1})") ==
        "value: expected record x.Other, found record y.R in the writer's schema");
  // A field of the name goes before one of the alias.
  CHECK(read_as(record(R"({"name":"a","type":"int"},{"name":"b","type":"int"})"),
                record(R"({"name":"b","type":"int"},{"name":"c","aliases":["b"],"type":"int","default":9})"),
                R"({"a":1,"b":2})") == R"({"b":2,"c":9})");
}

TEST_CASE("types are promoted") {
  struct Case {
    const char* writer;
    const char* reader;
    const char* json;
    const char* result;
  };
  for (const Case& one :
       {Case{"int", "long", "5", "5"}, Case{"int", "float", "5", "5.0"}, Case{"int", "double", "5", "5.0"},
        Case{"long", "float", "5", "5.0"}, Case{"long", "double", "5", "5.0"}, Case{"float", "double", "0.5", "0.5"},
        Case{"string", "bytes", "\"\u00e9\"", "\"\u00c3\u00a9\""},
        Case{"bytes", "string", "\"\u00c3\u00a9\"", "\"\u00e9\""}}) {
    CAPTURE(one.writer);
    CAPTURE(one.reader);
    const auto quoted = [](const char* name) { return std::string("\"").append(name).append("\""); };
    CHECK(read_as(quoted(one.writer), quoted(one.reader), one.json) == one.result);
    CHECK(read_as(quoted(one.writer), std::string("[\"null\",").append(quoted(one.reader)).append("]"), one.json) ==
          one.result);
  }
  CHECK(read_as("\"long\"", "\"int\"", "5") == "value: expected int, found long in the writer's schema");
  CHECK(read_as("\"bytes\"", "\"string\"", "\"\u00ff\"").find("not UTF-8") != std::string::npos);
}

TEST_CASE("unions grow and shrink") {
  CHECK(read_as(R"(["null","int"])", R"(["string","null","long"])", "5") == R"({"long":5})");
  CHECK(read_as(R"(["null","int"])", R"(["string","null","long"])", "null") == "null");
  CHECK(read_as(R"(["null","int"])", "\"int\"", "5") == "5");
  CHECK(read_as(R"(["null","int"])", "\"int\"", "null") == "value: expected int, found null in the writer's schema");
  CHECK(read_as("\"int\"", R"(["null","int"])", "5", tagged()) == R"({"int":5})");
  CHECK(read_as("\"string\"", R"(["null","int"])", "\"x\"") ==
        "value: expected null or int, found string in the writer's schema");
  CHECK(read_as("\"int\"", R"(["double","int"])", "5") == R"({"int":5})");
}

TEST_CASE("enums map by symbol, or to their default") {
  const std::string writer = R"({"type":"enum","name":"E","symbols":["A","B","C"]})";
  CHECK(read_as(writer, R"({"type":"enum","name":"E","symbols":["C","B"],"default":"B"})", "\"C\"") == "\"C\"");
  CHECK(read_as(writer, R"({"type":"enum","name":"E","symbols":["C","B"],"default":"B"})", "\"A\"") == "\"B\"");
  CHECK(read_as(writer, R"({"type":"enum","name":"E","symbols":["C","B"]})", "\"A\"") ==
        "value: enum E: the reader lacks the writer's symbol");
}

TEST_CASE("the path of what does not match is told") {
  const std::string writer = record(R"({"name":"items","type":{"type":"array","items":
    {"type":"record","name":"I","fields":[{"name":"price","type":"string"}]}}})");
  const std::string reader = record(R"({"name":"items","type":{"type":"array","items":
    {"type":"record","name":"I","fields":[{"name":"price","type":"double"}]}}})");
  CHECK(read_as(writer, reader, R"({"items":[{"price":"x"}]})") ==
        "value: items[].price: expected double, found string in the writer's schema");
  CHECK(read_as(writer, reader, R"({"items":[]})") == R"({"items":[]})");
}

TEST_CASE("recursive types are read as others") {
  const std::string writer = R"({"type":"record","name":"N","fields":[{"name":"v","type":"int"},
    {"name":"next","type":["null","N"]}]})";
  const std::string reader = R"({"type":"record","name":"N","fields":[{"name":"w","aliases":["v"],"type":"long"},
    {"name":"next","type":["null","N"]},{"name":"tags","type":{"type":"map","values":"N"},"default":{}}]})";
  CHECK(read_as(writer, reader, R"({"v":1,"next":{"v":2,"next":null}})") ==
        R"({"w":1,"next":{"w":2,"next":null,"tags":{}},"tags":{}})");
}

TEST_CASE("logical types are the reader's") {
  CHECK(read_as("\"long\"", R"({"type":"long","logicalType":"timestamp-millis"})", "0", readable()) ==
        "\"1970-01-01T00:00:00.000Z\"");
}

TEST_CASE("a fixed of another size, or a map for an array, does not match") {
  CHECK(read_as(R"({"type":"fixed","name":"F","size":1})", R"({"type":"fixed","name":"F","size":2})", "\"a\"") ==
        "value: expected fixed F, found fixed F in the writer's schema");
  CHECK(read_as(R"({"type":"map","values":"int"})", R"({"type":"array","items":"int"})", R"({"a":1})") ==
        "value: expected array, found map in the writer's schema");
}
