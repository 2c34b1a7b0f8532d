// Is a payload JSON? Our check against RapidJSON's event reader with UTF-8 validated and nothing done with the events.

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#include <string>

#include "codec/json_text.h"
#include "harness.h"

namespace {

using namespace bench;

// Events as agents have them: ids, times, short texts, some escapes and letters beyond ASCII.
std::string payload(std::size_t size) {
  std::string text = "{\"results\":[";
  for (int index = 0; text.size() + 300 < size || index == 0; ++index) {
    if (index != 0) text += ",";
    text += R"({"connection_id":"3fa85f64-5717-4562-b3fc-2c963f66afa6","state":"active","their_label":"J\u00fcrgen )";
    text += "\\\"Bob\\\" B\u00f6hm\",\"created_at\":\"2026-11-21T12:34:56.789Z\",\"number\":";
    text += std::to_string(index * 7919);
    text += R"(,"share":0.25,"routing":[true,false,null],"error":null})";
  }
  text += "],\"filler\":\"";
  if (text.size() + 2 < size) text.append(size - 2 - text.size(), 'x');
  return text + "\"}";
}

struct Ignore : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Ignore> {
  bool RawNumber(const char*, rapidjson::SizeType, bool) { return true; }
};

bool rapidjson_takes(const std::string& text) {
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::Reader reader;
  Ignore handler;
  return !reader.Parse<rapidjson::kParseValidateEncodingFlag | rapidjson::kParseNumbersAsStringsFlag>(stream, handler)
              .IsError();
}

template <class Check>
Run megabytes_per_second(const std::string& text, std::size_t count, Check check) {
  return [&text, count, check] {
    const double begin = now();
    for (std::size_t round = 0; round < count; ++round) {
      if (!check(text)) give_up("the sample is no JSON");
    }
    return static_cast<double>(text.size() * count) / (now() - begin) / 1e6;
  };
}

void measure(const Options& options, std::size_t size) {
  const std::string text = payload(size);
  const std::size_t count = options.count != 0 ? options.count : 100'000'000 / text.size();
  Figure figure{"json_check_" + std::to_string(size), "MB/s", Better::more, {}};
  figure.note("payload_bytes", text.size());
  figure.note("rounds", count);
  figure.note("pairs", options.pairs);
  figure.note("reference", "rapidjson::Reader, encoding validated, numbers as text, no-op handler");
  const Pairs pairs = run_metered_pairs(
      options.pairs, count, figure, megabytes_per_second(text, count, rapidjson_takes),
      megabytes_per_second(text, count, [](const std::string& json) { return kafka_events::check_json(json).ok(); }));
  report(options, figure, pairs);
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse_options(argc, argv);
  measure(options, 1'000);
  measure(options, 100'000);
  return 0;
}
