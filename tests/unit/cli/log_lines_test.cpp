// Log lines in both formats, and when colours are wanted.
#include <array>
#include <cstdio>
#include <doctest/doctest.h>
#include <rapidjson/document.h>
#include <unistd.h>

#include "log/spdlog_sink.h"

using namespace host_stub;

namespace {

constexpr std::string_view timestamp = "2026-01-02T03:04:05.678Z";

}  // namespace

TEST_CASE("text lines") {
  const std::array fields{LogField{"topic", "a-b"}, LogField{"reason", "not there"}};
  CHECK(text_line(LogLevel::warning, timestamp, "kafka_events.producer", "message", fields, false) ==
        "2026-01-02T03:04:05.678Z WARN  kafka_events.producer: message topic=a-b reason=\"not there\"");
  CHECK(text_line(LogLevel::info, timestamp, "host", "hi", {}, true).find("\x1b[32mINFO \x1b[0m") != std::string::npos);
}

TEST_CASE("a text cannot forge a second line") {
  const std::string line = text_line(LogLevel::info, timestamp, "host", "a\n2026 ERROR b", {}, false);
  CHECK(line.find('\n') == std::string::npos);
}

TEST_CASE("json lines are objects with the names of OpenTelemetry") {
  const std::array fields{LogField{"quote\"", "back\\slash\n\x01"}};
  rapidjson::Document document;
  const std::string line = json_line(LogLevel::error, timestamp, "host.admin", "mess\"age", fields);
  document.Parse(line.c_str());
  REQUIRE_FALSE(document.HasParseError());
  CHECK(line.find('\n') == std::string::npos);
  CHECK(std::string(document["severity_text"].GetString()) == "ERROR");
  CHECK(document["severity_number"].GetInt() == 17);
  CHECK(std::string(document["body"].GetString()) == "mess\"age");
  CHECK(std::string(document["scope"].GetString()) == "host.admin");
  CHECK(std::string(document["attributes"]["quote\""].GetString()) == "back\\slash\n\x01");
}

TEST_CASE("levels by name") {
  CHECK(parse_log_level("Warning") == LogLevel::warning);
  CHECK(parse_log_level("warn") == LogLevel::warning);
  CHECK_FALSE(parse_log_level("loud").has_value());
}

TEST_CASE("colours need a terminal, and no NO_COLOR") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  CHECK_FALSE(colours_wanted(ends[1], nullptr));
  CHECK_FALSE(colours_wanted(ends[1], "1"));
  for (const int end : ends) ::close(end);
}

TEST_CASE("the sink writes what is at its level or above") {
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* file = ::open_memstream(&text, &size);
  {
    const auto sink = make_log_sink({.level = LogLevel::warning, .format = LogFormat::text, .colours = false}, file);
    sink->write(LogLevel::info, "host", "", "quiet");
    sink->write(LogLevel::error, "host", "bus", "loud");
  }
  std::fclose(file);
  const std::string written(text, size);
  std::free(text);
  CHECK(written.find("quiet") == std::string::npos);
  CHECK(written.find("ERROR host.bus: loud\n") != std::string::npos);
}
