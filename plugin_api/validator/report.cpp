// Colours and progress only on a terminal; NO_COLOR (no-color.org) turns colours off.
#include "report.h"

#include <cstdio>
#include <cstdlib>
#include <unistd.h>

#include "host/memory.h"

namespace plugin_validator {
namespace {

/// A JSON string. Bytes that are no UTF-8 (a module may say anything) become question marks.
std::string quoted(std::string_view text) {
  const bool clean = is_utf8(text);
  std::string json = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (byte < 0x20) {
      char escaped[8];
      std::snprintf(escaped, sizeof(escaped), "\\u%04x", byte);
      json += escaped;
    } else {
      json += byte >= 0x80 && !clean ? '?' : c;
    }
  }
  return json += '"';
}

std::string number(double milliseconds) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.2f", milliseconds);
  return text;
}

int count_of(const Report& report, Outcome outcome) {
  int count = 0;
  for (const CheckReport& check : report.checks) count += check.result.outcome == outcome ? 1 : 0;
  return count;
}

}  // namespace

bool is_passed(const Report& report) {
  for (const CheckReport& check : report.checks) {
    if (is_refusal(check.result.outcome)) return false;
  }
  return true;
}

std::string to_json(const Options& options, const Report& report) {
  std::string json = text_of("{\"path\":", quoted(options.path), ",\"name\":", quoted(report.module.name),
                             ",\"version\":", quoted(report.module.version), ",\"abi\":", quoted(report.module.abi),
                             ",\"verdict\":", is_passed(report) ? "\"passed\"" : "\"failed\"",
                             ",\"milliseconds\":", number(report.milliseconds), ",\"checks\":[");
  bool is_first = true;
  for (const CheckReport& one : report.checks) {
    json += text_of(is_first ? "" : ",", "\n{\"name\":", quoted(one.check->name), ",\"rule\":", quoted(one.check->rule),
                    ",\"outcome\":", quoted(name_of(one.result.outcome)), ",\"detail\":", quoted(one.result.detail),
                    ",\"milliseconds\":", number(one.result.milliseconds), "}");
    is_first = false;
  }
  return json + "\n]}\n";
}

std::string list_of_checks(bool json) {
  std::string text = json ? "[" : "";
  for (const Check& check : all_checks()) {
    if (json) {
      text += text_of(&check == all_checks().data() ? "" : ",", "\n{\"name\":", quoted(check.name),
                      ",\"rule\":", quoted(check.rule), ",\"quick\":", check.quick ? "true" : "false", "}");
    } else {
      char line[256];
      std::snprintf(line, sizeof(line), "%-31s %-6s %s\n", check.name, check.quick ? "quick" : "", check.rule);
      text += line;
    }
  }
  return json ? text + "\n]\n" : text;
}

ConsoleReport::ConsoleReport(const Options& options) : on_terminal_(::isatty(STDOUT_FILENO) == 1) {
  const char* no_colour = std::getenv("NO_COLOR");
  colours_ = on_terminal_ && (no_colour == nullptr || *no_colour == '\0');
  std::printf("%s\n", options.path.c_str());
  std::fflush(stdout);
}

std::string ConsoleReport::painted(Outcome outcome, const std::string& text) const {
  if (!colours_) return text;
  const char* colour = is_refusal(outcome) ? "\x1b[31m" : outcome == Outcome::passed ? "\x1b[32m" : "\x1b[33m";
  return colour + text + "\x1b[0m";
}

void ConsoleReport::begins(const Check& check) {
  ++number_;
  if (!on_terminal_) return;
  std::printf("  …          %s", check.name);
  std::fflush(stdout);
}

void ConsoleReport::ended(const CheckReport& report) {
  if (on_terminal_) std::printf("\r\x1b[K");
  char outcome[16];
  std::snprintf(outcome, sizeof(outcome), "%-9s", name_of(report.result.outcome));
  std::printf("  %s  %-31s %9s ms\n", painted(report.result.outcome, outcome).c_str(), report.check->name,
              number(report.result.milliseconds).c_str());
  if (!report.result.detail.empty()) std::printf("             %s\n", report.result.detail.c_str());
  if (is_refusal(report.result.outcome)) std::printf("             rule: %s\n", report.check->rule);
  std::fflush(stdout);
}

void ConsoleReport::finish(const Report& report) {
  const bool passed = is_passed(report);
  const auto refused = static_cast<int>(report.checks.size()) - count_of(report, Outcome::passed) -
                       count_of(report, Outcome::warning) - count_of(report, Outcome::skipped);
  std::printf("%s %s: %s (%d passed, %d refused, %d with a warning, %d skipped) in %s ms\n",
              report.module.name.empty() ? "the module" : report.module.name.c_str(), report.module.version.c_str(),
              painted(passed ? Outcome::passed : Outcome::failed, passed ? "passed" : "FAILED").c_str(),
              count_of(report, Outcome::passed), refused, count_of(report, Outcome::warning),
              count_of(report, Outcome::skipped), number(report.milliseconds).c_str());
}

}  // namespace plugin_validator
