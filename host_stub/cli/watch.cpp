#include "cli/watch.h"

#include <cstdio>
#include <ctime>
#include <rapidjson/document.h>
#include <unistd.h>

#include "cli/exit_status.h"
#include "cli/http_client.h"
#include "cli/interrupt.h"
#include "cli/sse_reader.h"
#include "cli/tables.h"
#include "cli/url.h"

namespace host_stub::cli {
namespace {

std::string text_in(const rapidjson::Value& object, const char* name) {
  const auto member = object.FindMember(name);
  if (member == object.MemberEnd() || !member->value.IsString()) return {};
  std::string text(member->value.GetString(), member->value.GetStringLength());
  for (char& character : text) {
    if (static_cast<unsigned char>(character) < 0x20) character = ' ';  // must not steer the terminal
  }
  return text;
}

std::string clock_time(std::int64_t microseconds) {
  const std::time_t seconds = static_cast<std::time_t>(microseconds / 1'000'000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  const std::size_t size = std::strftime(text, sizeof text, "%H:%M:%S", &parts);
  char fraction[8];
  std::snprintf(fraction, sizeof fraction, ".%03d", static_cast<int>(microseconds / 1000 % 1000));
  return std::string(text, size) + fraction;
}

}  // namespace

std::string event_for_people(std::string_view json) {
  rapidjson::Document event;
  event.Parse<rapidjson::kParseIterativeFlag>(json.data(), json.size());
  if (event.HasParseError() || !event.IsObject()) return std::string(json);
  const auto timestamp = event.FindMember("timestamp_us");
  const bool timed = timestamp != event.MemberEnd() && timestamp->value.IsInt64();
  std::string line = clock_time(timed ? timestamp->value.GetInt64() : 0) + "  " + text_in(event, "topic");
  if (const std::string tenant = text_in(event, "tenant"); !tenant.empty()) line += "  [" + tenant + "]";
  if (const std::string binary = text_in(event, "payload_base64"); !binary.empty()) return line + "  base64:" + binary;
  const auto payload = event.FindMember("payload");
  const bool none = payload == event.MemberEnd() || payload->value.IsNull();
  return line + "  " + (none ? "(no payload)" : text_in(event, "payload"));
}

int run_watch(const WatchOptions& options) {
  const Interrupt interrupt;
  auto client = HttpClient::create(options.client.admin_url, options.client.api_key, Interrupt::asked);
  if (!client.ok()) {
    std::fprintf(stderr, "host_stub: %s\n", client.error().message.c_str());
    return exit_usage;
  }
  std::uint64_t seen = 0;
  bool wanted = true;
  SseReader reader([&](std::string_view event, std::string_view data) {
    if (!wanted) return;
    if (event == "lagged") {
      std::fprintf(stderr, "host_stub: too slow, some events are missing here: %s\n", std::string(data).c_str());
    } else if (event == "message") {
      const std::string line = options.format == OutputFormat::json ? std::string(data) : event_for_people(data);
      wanted = std::printf("%s\n", line.c_str()) >= 0 && std::fflush(stdout) == 0;
      if (options.count.has_value() && ++seen >= *options.count) wanted = false;
    }
  });
  const Result<HttpAnswer> answer =
      client.value()->stream("/events?pattern=" + percent_encode(options.pattern), [&](std::string_view piece) {
        reader.feed(piece);
        return wanted;
      });
  if (Interrupt::asked() || !wanted) return exit_ok;
  if (!answer.ok()) {
    std::fprintf(stderr, "host_stub: %s\n", answer.error().message.c_str());
    return exit_failure;
  }
  if (answer.value().status != 200) {
    std::fprintf(stderr, "host_stub: %s\n", problem_in_words(answer.value().status, answer.value().body).c_str());
    return exit_status_of_answer(answer.value().status);
  }
  std::fprintf(stderr, "host_stub: the host ended the stream\n");
  return exit_failure;
}

}  // namespace host_stub::cli
