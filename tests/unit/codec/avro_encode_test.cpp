// JSON that becomes Avro: what fits, what does not and how that is told.
#include "avro_fixture.h"

using namespace avro_test;

namespace {

std::string record(const std::string& fields) {
  return std::string(R"({"type":"record","name":"R","fields":[)").append(fields).append("]}");
}

constexpr const char* reservations = R"({"type":"record","name":"List","fields":[{"name":"reservations","type":
  {"type":"array","items":{"type":"record","name":"Reservation","fields":[{"name":"lease","type":
  {"type":"record","name":"Lease","fields":[{"name":"end","type":"long"}]}},
  {"name":"properties","type":{"type":"map","values":["null","int"]},"default":{}}]}}}]})";

}  // namespace

TEST_CASE("every type is encoded as the specification has it") {
  CHECK(encoded("\"null\"", "null").empty());
  CHECK(encoded("\"boolean\"", "true") == "\x01");
  CHECK(encoded("\"int\"", "-64") == "\x7f");
  CHECK(encoded("\"long\"", "64") == "\x80\x01");
  CHECK(encoded("\"long\"", "-9223372036854775808") == "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
  CHECK(encoded("\"float\"", "1.5") == std::string("\0\0\xc0\x3f", 4));
  CHECK(encoded("\"double\"", "-1.5") == std::string("\0\0\0\0\0\0\xf8\xbf", 8));
  CHECK(encoded("\"string\"", "\"foo\"") ==
        "\x06"
        "foo");
  CHECK(encoded("\"bytes\"", R"("\u00ff\u0000a")") == std::string("\x06\xff\0a", 4));
  CHECK(encoded(R"({"type":"fixed","name":"F","size":2})", R"("\u00feb")") ==
        "\xfe"
        "b");
  CHECK(encoded(R"({"type":"enum","name":"E","symbols":["A","B"]})", "\"B\"") == "\x02");
  CHECK(encoded(R"({"type":"array","items":"long"})", "[3,27]") == std::string("\x04\x06\x36\0", 4));
  CHECK(encoded(R"({"type":"map","values":"int"})", R"({"a":1})") == std::string("\x02\x02"
                                                                                 "a\x02\0",
                                                                                 5));
  CHECK(encoded(R"(["null","string"])", "\"a\"") ==
        "\x02\x02"
        "a");
  CHECK(encoded(record(R"({"name":"b","type":"int"},{"name":"a","type":"int"})"), R"({"a":1,"b":2})") == "\x04\x02");
}

TEST_CASE("an error names the path of the field, and both types") {
  CHECK(encoded(reservations, R"({"reservations":[{"lease":{"end":1}},{"lease":{"end":"SECRET"}}]})") ==
        "value (schema List): reservations[1].lease.end: expected long, found a JSON string");
  CHECK(encoded(reservations, R"({"reservations":[{"lease":{"end":1},"properties":{"SECRET":1,"b":true}}]})") ==
        "value (schema List): reservations[0].properties{1}: expected null or int, found a JSON boolean");
  CHECK(encoded(reservations, R"({"reservations":{}})") ==
        "value (schema List): reservations: expected array, found a JSON object");
  CHECK(encoded(reservations, "[]") == "value (schema List): expected record List, found a JSON array");
  CHECK(encoded(R"({"type":"array","items":{"type":"array","items":"int"}})", "[[1],[2,null]]") ==
        "value (schema array): [1][1]: expected int, found JSON null");
}

TEST_CASE("numbers outside their type are refused, never cut") {
  for (const auto& [type, value] : std::vector<std::pair<const char*, const char*>>{{"int", "2147483648"},
                                                                                    {"int", "1.0"},
                                                                                    {"int", "1e2"},
                                                                                    {"long", "9223372036854775808"},
                                                                                    {"long", "-9223372036854775809"},
                                                                                    {"long", "true"},
                                                                                    {"float", "1e39"},
                                                                                    {"double", "\"1\""},
                                                                                    {"string", "5"}}) {
    CAPTURE(value);
    const std::string text = encoded(std::string("\"").append(type).append("\""), value);
    CHECK(text.find(std::string("expected ").append(type).append(", found a JSON")) != std::string::npos);
    CHECK(text.find(value) == std::string::npos);
  }
  CHECK(encoded("\"double\"", "1e999").find("too big") != std::string::npos);
  CHECK(there_and_back("\"double\"", "1e-999") == "0.0");
  CHECK(there_and_back("\"double\"", "5") == "5.0");
  CHECK(there_and_back("\"float\"", "0.1") == "0.1");
  CHECK(there_and_back("\"double\"", "\"-Infinity\"") == "\"-Infinity\"");
  CHECK(there_and_back("\"float\"", "\"NaN\"") == "\"NaN\"");
}

TEST_CASE("missing members take their defaults, of every type") {
  const std::string schema = record(R"({"name":"a","type":"int","default":7},
    {"name":"b","type":["null","string"],"default":null},{"name":"c","type":["string","null"],"default":"x"},
    {"name":"d","type":{"type":"array","items":"int"},"default":[1,2]},{"name":"e","type":"bytes","default":"\u00ff"},
    {"name":"f","type":{"type":"map","values":"double"},"default":{"k":1.5}},
    {"name":"g","type":{"type":"record","name":"I","fields":[{"name":"x","type":"int","default":3},
      {"name":"y","type":"int"}]},"default":{"y":4}},{"name":"h","type":{"type":"enum","name":"E","symbols":["P","Q"]},
      "default":"Q"})");
  CHECK(there_and_back(schema, "{}") ==
        R"({"a":7,"b":null,"c":"x","d":[1,2],"e":"ÿ","f":{"k":1.5},"g":{"x":3,"y":4},"h":"Q"})");
  CHECK(encoded(record(R"({"name":"a","type":"int"})"), "{}") ==
        "value (schema R): a: expected int, found no such member");
  CHECK(encoded(record(R"({"name":"a","type":"int","default":"x"})"), "{}") ==
        "value (schema R): a: its default in the schema: expected int, found a JSON string");
}

TEST_CASE("unknown and repeated members are errors") {
  const std::string schema = record(R"({"name":"a","type":"int","default":1})");
  CHECK(encoded(schema, R"({"b":1})") ==
        "value (schema R): the JSON object has a member \"b\", which record R does not have");
  CHECK(encoded(schema, R"({"a":1,"a":2})") == "value (schema R): the JSON object has two members \"a\"");
  const std::string map = R"({"type":"map","values":"int"})";
  CHECK(encoded(map, R"({"a":1,"b":2,"a":3})") ==
        "value (schema map): member 2 of the map has the name of an earlier one");
  std::string many("{");
  for (int entry = 0; entry < 50; ++entry) many.append("\"k").append(std::to_string(entry)).append("\":1,");
  CHECK(same_json(there_and_back(map, many + "\"z\":1}"), many + "\"z\":1}"));
  CHECK(encoded(map, many + "\"k31\":1}") == "value (schema map): member 50 of the map has the name of an earlier one");
}

TEST_CASE("plain unions") {
  const std::string optional = R"(["null","long"])";
  CHECK(there_and_back(optional, "5") == "5");
  CHECK(there_and_back(optional, "null") == "null");
  CHECK(there_and_back(optional, R"({"long":5})") == "5");
  CHECK(encoded(optional, "\"x\"") == "value (schema union): expected null or long, found a JSON string");
  CHECK(encoded("[\"null\",\"int\"]", "2147483648").find("out of range") != std::string::npos);
  const std::string several = R"(["null","int","string",{"type":"map","values":"int"}])";
  CHECK(there_and_back(several, "\"x\"") == R"({"string":"x"})");
  CHECK(there_and_back(several, R"({"int":5})") == R"({"int":5})");
  CHECK(there_and_back(several, R"({"map":{"int":5}})") == R"({"map":{"int":5}})");
  CHECK(there_and_back(several, R"({"a":5})") == R"({"map":{"a":5}})");
  CHECK(encoded(R"(["int","double"])", "5") ==
        "value (schema union): expected int or double, found a JSON number that several of these take: give the "
        "branch's name, {\"type\": value}");
  CHECK(there_and_back(R"(["int","double"])", "5.5") == R"({"double":5.5})");
  CHECK(there_and_back(R"(["null",{"type":"map","values":{"type":"map","values":"int"}}])", R"({"map":{"a":1}})") ==
        R"({"map":{"a":1}})");
}

TEST_CASE("unions in Avro's JSON encoding have the branch's name, always") {
  CHECK(there_and_back(R"(["null","long"])", R"({"long":5})", tagged()) == R"({"long":5})");
  CHECK(there_and_back(R"(["null","long"])", "null", tagged()) == "null");
  CHECK(encoded(R"(["null","long"])", "5", tagged()) ==
        "value (schema union): expected null or long, found a JSON number without a branch's name");
  const std::string named = R"(["null",{"type":"record","name":"n.R","fields":[{"name":"a","type":"int"}]}])";
  CHECK(there_and_back(named, R"({"n.R":{"a":1}})", tagged()) == R"({"n.R":{"a":1}})");
  CHECK(encoded(named, R"({"R":{"a":1}})", tagged()).find("does not name a branch") != std::string::npos);
}

TEST_CASE("text that Avro cannot hold is refused") {
  CHECK(encoded("\"string\"", R"("\udc00")").find("not UTF-8") != std::string::npos);
  CHECK(encoded("\"bytes\"", R"("\u0100")").find("above U+00FF") != std::string::npos);
  CHECK(encoded(R"({"type":"fixed","name":"F","size":2})", "\"abc\"").find("of 3 bytes instead of 2") !=
        std::string::npos);
  CHECK(encoded(R"({"type":"map","values":"int"})", R"({"a\u0000b":1})").find("NUL") != std::string::npos);
  CHECK(there_and_back("\"string\"", R"("a\u0000b")") == R"("a\u0000b")");
}

TEST_CASE("what is no JSON is refused with the offset, and without its text") {
  for (const char* text : {"", "{", "SECRET", "{} {}", "[1,]", "\"\\ud800\""}) {
    CAPTURE(text);
    const std::string message = encoded("\"int\"", text);
    CHECK(message.find("offset") != std::string::npos);
    CHECK(message.find("SECRET") == std::string::npos);
  }
  CHECK(encoded("\"int\"", std::string_view("5\0", 2)).find("NUL") != std::string::npos);
  CHECK(encoded("\"int\"", std::string(100'000, '[')).find("nests deeper") != std::string::npos);
}

TEST_CASE("nesting and guessing are bounded") {
  const std::string list =
      R"({"type":"record","name":"L","fields":[{"name":"next","type":["null","L"],"default":null}]})";
  const auto nested = [](int levels) {
    std::string text = "{}";
    for (int level = 1; level < levels; ++level) text = "{\"next\":" + text + "}";
    return text;
  };
  CHECK(same_json(there_and_back(list, nested(32)),
                  nested(31).replace(nested(31).find("{}"), 2, R"({"next":{"next":null}})")));
  CHECK(encoded(list, nested(40)).find("nests deeper than 64 levels") != std::string::npos);
  // Each level may be either record, and neither fits in the end.
  const std::string pair = R"([{"type":"record","name":"A","fields":[{"name":"n","type":["null","A",
    {"type":"record","name":"B","fields":[{"name":"n","type":["null","A","B"]}]}]}]},"B"])";
  std::string text = "5";
  for (int level = 0; level < 30; ++level) text = "{\"n\":" + text + "}";
  CHECK_FALSE(encoded(pair, text).empty());
}
