#include "cli/swap_json.h"

#include <cmath>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <string_view>

#include "admin/text.h"

namespace host_stub::cli {
namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void text(Writer& writer, const char* name, std::string_view value) {
  const std::string_view shown = is_utf8(value) ? value : "(not UTF-8)";
  writer.Key(name);
  writer.String(shown.data(), static_cast<rapidjson::SizeType>(shown.size()));
}

void count(Writer& writer, const char* name, std::uint64_t value) {
  writer.Key(name);
  writer.Uint64(value);
}

/// To the microsecond.
void time(Writer& writer, const char* name, double milliseconds) {
  writer.Key(name);
  writer.Double(std::round(milliseconds * 1000) / 1000);
}

void version(Writer& writer, const char* name, const SwapVersion& version) {
  writer.Key(name);
  writer.StartObject();
  text(writer, "version", version.version);
  text(writer, "build_id", version.build_id);
  text(writer, "path", version.path);
  writer.EndObject();
}

void steps(Writer& writer, const std::vector<SwapStep>& steps) {
  writer.Key("steps");
  writer.StartArray();
  for (const SwapStep& step : steps) {
    writer.StartObject();
    text(writer, "name", step.name);
    text(writer, "direction", to_string(step.direction));
    text(writer, "outcome", to_string(step.outcome));
    time(writer, "at_ms", step.at_ms);
    time(writer, "milliseconds", step.milliseconds);
    text(writer, "detail", step.detail);
    writer.EndObject();
  }
  writer.EndArray();
}

void problems(Writer& writer, const std::vector<ConfigProblem>& problems) {
  writer.Key("problems");
  writer.StartArray();
  for (const ConfigProblem& problem : problems) {
    writer.StartObject();
    writer.Key("warning");
    writer.Bool(problem.warning);
    text(writer, "file", problem.file);
    count(writer, "line", problem.line);
    count(writer, "column", problem.column);
    text(writer, "key_path", problem.key_path);
    text(writer, "message", problem.message);
    writer.EndObject();
  }
  writer.EndArray();
}

}  // namespace

std::string swap_json(const SwapReport& report) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  count(writer, "id", report.id);
  text(writer, "plugin", report.plugin);
  text(writer, "outcome", to_string(report.outcome));
  version(writer, "from", report.from);
  version(writer, "to", report.to);
  text(writer, "running", report.running);
  text(writer, "reason", report.reason);
  writer.Key("began_us");
  writer.Int64(report.began_us);
  steps(writer, report.steps);
  time(writer, "milliseconds", report.milliseconds);
  time(writer, "pause_ms", report.pause_ms);
  count(writer, "events_held", report.events_held);
  count(writer, "events_refused", report.events_refused);
  count(writer, "state_bytes", report.state_bytes);
  count(writer, "deposits", report.deposits);
  count(writer, "deposits_released", report.deposits_released);
  text(writer, "handles", report.handles);
  writer.Key("unmapped");
  report.unmapped ? writer.Bool(*report.unmapped) : writer.Null();
  text(writer, "why_mapped", report.why_mapped);
  problems(writer, report.problems);
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace host_stub::cli
