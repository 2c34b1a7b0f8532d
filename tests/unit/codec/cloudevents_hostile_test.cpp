// Records that claim to be CloudEvents.
#include <doctest/doctest.h>
#include <random>
#include <string>
#include <vector>

#include "codec/base64.h"
#include "codec/cloudevents_attributes.h"
#include "codec/cloudevents_codec.h"

using namespace kafka_events;
using Pairs = std::vector<std::pair<std::string, std::string>>;

namespace {

/// Empty: it is one.
std::string problem_of(Bytes value, const Pairs& headers) {
  const auto codec = make_cloudevents_codec(CloudEventsMode::binary, "/s");
  std::vector<Header> views;
  for (const auto& [name, text] : headers) views.push_back({name, text});
  InboundRecord record;
  record.value = value;
  record.headers = views;
  DecodedEvent out;
  const Result<void> decoded = codec->decode(record, out);
  return decoded.ok() ? "" : decoded.error().message;
}

std::string problem_of_json(const std::string& value) {
  return problem_of(value, {{"content-type", "application/cloudevents+json"}});
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

const std::string sample =
    R"({"specversion":"1.0","id":"7","source":"/shop","type":"t","time":"2020-02-29T12:00:00Z","ext":5,)"
    R"("data":{"a":[1,2,{"b":"ü😀"}]},"datacontenttype":"application/json"})";

}  // namespace

TEST_CASE("a missing or wrong attribute is named, in both modes") {
  const Pairs all = {{"ce_specversion", "1.0"}, {"ce_id", "7"}, {"ce_source", "/s"}, {"ce_type", "t"}};
  for (std::size_t left_out = 0; left_out < all.size(); ++left_out) {
    Pairs headers = all;
    headers.erase(headers.begin() + static_cast<std::ptrdiff_t>(left_out));
    CHECK(has(problem_of("x", headers), all[left_out].first.substr(3).append("\" is missing")));
  }
  const auto with = [&](std::string name, std::string value) {
    Pairs headers = all;
    std::erase_if(headers, [&](const auto& each) { return each.first == name; });
    headers.emplace_back(std::move(name), std::move(value));
    return problem_of("x", headers);
  };
  CHECK(with("ce_subject", "s") == "");
  CHECK(has(with("ce_specversion", "0.3"), "not 1.0"));
  CHECK(has(with("ce_id", ""), "\"id\" is empty"));
  CHECK(has(with("ce_source", ""), "no URI"));
  CHECK(has(with("ce_source", "a b"), "no URI"));
  CHECK(has(with("ce_source", "/%4"), "no URI"));
  CHECK(has(with("ce_time", "yesterday"), "RFC 3339"));
  CHECK(has(with("ce_time", "2023-02-29T12:00:00Z"), "RFC 3339"));
  CHECK(has(with("ce_a-b", "x"), "lower-case"));
  CHECK(has(with("ce_", "x"), "lower-case"));
  CHECK(has(with("ce_data", "x"), "is none"));
  CHECK(has(with("ce_x", "\xC0\x80"), "not UTF-8"));
  CHECK(has(with("ce_x", "a\x01"), "control"));
  CHECK(has(with("ce_x", "\xEF\xBF\xBF"), "control"));  // U+FFFF, a noncharacter
  Pairs twice = all;
  twice.emplace_back("ce_id", "7");
  CHECK(has(problem_of("x", twice), "\"id\" occurs twice"));
}

TEST_CASE("JSON that is no CloudEvent is refused with what is wrong") {
  const std::string begin = R"({"specversion":"1.0","id":"7","source":"/shop","type":"t")";
  CHECK(problem_of_json(begin + "}") == "");
  CHECK(has(problem_of_json(R"({"id":"7"})"), "\"source\" is missing"));
  CHECK(has(problem_of_json(begin + R"(,"id":"7"})"), "\"id\" occurs twice"));
  CHECK(has(problem_of_json(begin + R"(,"data":1,"data":2})"), "\"data\" occurs twice"));
  CHECK(has(problem_of_json(begin + R"(,"data":1,"data_base64":""})"), "both"));
  CHECK(has(problem_of_json(begin + R"(,"data_base64":5})"), "no text"));
  CHECK(has(problem_of_json(begin + R"(,"data_base64":"a"})"), "no base64"));
  CHECK(has(problem_of_json(begin + R"(,"x":{}})"), "object or array"));
  CHECK(has(problem_of_json(begin + R"(,"x":1.5})"), "32-bit"));
  CHECK(has(problem_of_json(begin + R"(,"x":2147483648})"), "32-bit"));
  CHECK(has(problem_of_json(begin + R"(,"subject":5})"), "no text"));
  CHECK(has(problem_of_json(begin + R"(,"X":"1"})"), "lower-case"));
  CHECK(has(problem_of_json(begin + R"(,"x":"\udc00"})"), "UTF-8"));
  CHECK(has(problem_of_json(begin + R"(,"datacontenttype":"text/plain","data":"\udc00"})"), "surrogate"));
  CHECK(has(problem_of_json(begin), "at offset"));
  CHECK(has(problem_of_json("5"), "no JSON object"));
  CHECK(has(problem_of_json(""), "empty"));
  std::string many = begin;
  for (int i = 0; i < 300; ++i) many += ",\"x" + std::to_string(i) + "\":1";
  CHECK(has(problem_of_json(many + "}"), "more than 256"));
  CHECK(has(problem_of_json(begin + ",\"data\":" + std::string(100'000, '[')), "nests deeper"));
}

TEST_CASE("random damage never does more than an error") {
  std::mt19937 random(20260101);  // NOLINT(bugprone-random-generator-seed,cert-msc51-cpp): the same runs each time
  const auto below = [&](std::size_t end) { return static_cast<std::size_t>(random() % end); };
  std::size_t read = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string value = sample;
    for (std::size_t change = below(4) + 1; change > 0 && !value.empty(); --change) {
      const std::size_t at = below(value.size());
      switch (below(4)) {
        case 0:
          value[at] = static_cast<char>(random());
          break;
        case 1:
          value.erase(at, below(8));
          break;
        case 2:
          value.insert(at, value.substr(below(value.size()), below(20)));
          break;
        default:
          value[at] = "\"\\{}[],:0ex"[below(11)];
      }
    }
    read += problem_of_json(value).empty() ? 1U : 0U;
    const Pairs headers = {{"ce_specversion", "1.0"},
                           {"ce_id", value.substr(0, below(20))},
                           {"ce_" + value.substr(0, below(6)), value},
                           {"content-type", value.substr(below(30))}};
    (void)problem_of(value, headers);
  }
  CHECK(problem_of_json(sample) == "");
  CHECK(read > 0);
}

TEST_CASE("base64 and times, there and back") {
  std::string bytes;
  for (int length = 0; length < 40; ++length) {
    std::string text;
    append_base64(text, bytes);
    std::string back;
    CHECK(append_from_base64(back, text));
    CHECK(back == bytes);
    bytes.push_back(static_cast<char>(length * 37));
  }
  std::string ignored;
  for (const std::string_view wrong : {"a", "ab=c", "====", "YQ=", "YR==", "YQ==\n", "Y Q=", "YQ==YQ=="}) {
    CHECK_FALSE(append_from_base64(ignored, wrong));
  }
  CHECK(to_rfc3339(1'582'977'600'000'000) == "2020-02-29T12:00:00Z");
  CHECK(to_rfc3339(0).empty());
  CHECK(check_attribute("time", "2020-02-29t12:00:60.5+14:00").ok());
  CHECK_FALSE(check_attribute("time", "2020-02-29T12:00:00").ok());
  CHECK_FALSE(check_attribute("time", "2020-02-29T12:00:00.Z").ok());
}
