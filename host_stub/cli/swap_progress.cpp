#include "cli/swap_progress.h"

#include <cstdio>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace host_stub::cli {
namespace {

using Value = rapidjson::Value;

/// Without characters that would steer the terminal.
std::string text(const Value& object, const char* name) {
  const auto member = object.FindMember(name);
  if (member == object.MemberEnd() || !member->value.IsString()) return {};
  std::string shown(member->value.GetString(), member->value.GetStringLength());
  for (char& character : shown) {
    if (static_cast<unsigned char>(character) < 0x20) character = ' ';
  }
  return shown;
}

double number(const Value& object, const char* name) {
  const auto member = object.FindMember(name);
  return member != object.MemberEnd() && member->value.IsNumber() ? member->value.GetDouble() : 0;
}

std::string milliseconds(double value) {
  char shown[32];
  std::snprintf(shown, sizeof shown, "%.1f ms", value);
  return shown;
}

std::string padded(std::string shown, std::size_t width, bool left = false) {
  if (shown.size() >= width) return shown;
  return left ? std::string(width - shown.size(), ' ') + shown : shown + std::string(width - shown.size(), ' ');
}

std::string step_line(const Value& step) {
  const std::string outcome = text(step, "outcome");
  std::string line = text(step, "direction") == "back" ? "< " : "  ";
  line += padded(text(step, "name"), 12);
  line += outcome == "skipped" ? padded("-", 12, true) : padded(milliseconds(number(step, "milliseconds")), 12, true);
  line += "  " + outcome;
  if (const std::string detail = text(step, "detail"); !detail.empty()) line += ": " + detail;
  return line + "\n";
}

std::string version(const Value& report, const char* side) {
  const auto member = report.FindMember(side);
  if (member == report.MemberEnd() || !member->value.IsObject()) return "?";
  const std::string shown = text(member->value, "version");
  const std::string build = text(member->value, "build_id");
  return shown.empty() ? "?" : build.empty() ? shown : shown + " (" + build + ")";
}

std::string summary_of(const Value& report) {
  const std::string outcome = text(report, "outcome");
  std::string line = text(report, "plugin");
  line += outcome == "rolled_back" ? ": taken back" : ": " + (outcome == "probation" ? "in probation" : outcome);
  line += ", " + version(report, "from") + " -> " + version(report, "to");
  line += ", " + milliseconds(number(report, "milliseconds"));
  line += ", pause " + milliseconds(number(report, "pause_ms"));
  line += ", " + std::to_string(static_cast<std::uint64_t>(number(report, "events_held"))) + " events held";
  if (const auto refused = static_cast<std::uint64_t>(number(report, "events_refused")); refused > 0) {
    line += ", " + std::to_string(refused) + " refused";
  }
  line += ", handles " + text(report, "handles") + "\n";
  if (const std::string reason = text(report, "reason"); !reason.empty()) line += "reason: " + reason + "\n";
  if (const std::string why = text(report, "why_mapped"); !why.empty())
    line += "a module stays in memory: " + why + "\n";
  const std::string running = text(report, "running");
  if (outcome != "swapped") line += running.empty() ? "no version runs now\n" : "running now: " + running + "\n";
  return line;
}

std::string written(const Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

const Value* find(const rapidjson::Document& document, std::uint64_t id) {
  if (document.HasParseError() || !document.IsObject()) return nullptr;
  const auto swaps = document.FindMember("swaps");
  if (swaps == document.MemberEnd() || !swaps->value.IsArray()) return nullptr;
  for (const Value& swap : swaps->value.GetArray()) {
    if (swap.IsObject() && static_cast<std::uint64_t>(number(swap, "id")) == id) return &swap;
  }
  return nullptr;
}

}  // namespace

std::optional<SwapView> SwapProgress::look(std::string_view swaps_json) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(swaps_json.data(), swaps_json.size());
  const Value* report = find(document, id_);
  if (report == nullptr) return std::nullopt;
  SwapView view{text(*report, "outcome"), text(*report, "reason"), written(*report), {}, summary_of(*report)};
  const auto steps = report->FindMember("steps");
  if (steps == report->MemberEnd() || !steps->value.IsArray()) return view;
  while (shown_ < steps->value.Size()) {
    const Value& step = steps->value[static_cast<rapidjson::SizeType>(shown_)];
    if (!step.IsObject() || text(step, "outcome") == "running") break;
    view.lines += step_line(step);
    ++shown_;
  }
  return view;
}

}  // namespace host_stub::cli
