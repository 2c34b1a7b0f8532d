#include "cli/announcer.h"

#include <algorithm>

namespace host_stub::cli {
namespace {

std::string now_text() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : "; ") + text;
  return all;
}

}  // namespace

std::string to_line(const ConfigProblem& problem) {
  std::string line = problem.file;
  if (!line.empty() && problem.line != 0) {
    line.append(":").append(std::to_string(problem.line)).append(":").append(std::to_string(problem.column));
  }
  if (!line.empty()) line += ": ";
  if (problem.warning) line += "warning: ";
  if (!problem.key_path.empty()) line += problem.key_path + ": ";
  return line + problem.message;
}

void Announcer::line(LogLevel level, std::string_view text, std::string_view body, const Fields& fields) const {
  std::string out(text);
  if (format_ == LogFormat::json) {
    std::vector<LogField> views;
    for (const auto& [name, value] : fields) views.push_back({name, value});
    out = json_line(level, now_text(), "host", body, views);
  }
  if (out.empty() || out.back() != '\n') out += '\n';
  std::fwrite(out.data(), 1, out.size(), file_);
  std::fflush(file_);
}

void Announcer::banner(Host& host) const {
  Fields fields{{"version", HOST_STUB_VERSION}};
  std::string text = "host_stub " HOST_STUB_VERSION;
  if (!host.settings().label.empty()) {
    text += " \"" + host.settings().label + "\"";
    fields.emplace_back("label", host.settings().label);
  }
  if (const AdminServer* admin = host.admin(); admin != nullptr) {
    const bool open = host.settings().admin->insecure_mode;
    text += "\n  admin          " + admin->url() + (open ? " (insecure: no key needed)" : " (key needed)");
    text += "\n  documentation  " + admin->url() + "/api/doc";
    fields.emplace_back("admin_url", admin->url());
    fields.emplace_back("admin_insecure", open ? "true" : "false");
  } else {
    text += "\n  admin          off (--admin HOST PORT with --admin-api-key KEY turns it on)";
  }
  if (const EmbeddedKafka* kafka = host.embedded_kafka(); kafka != nullptr) {
    text += "\n  embedded Kafka " + kafka->bootstrap_servers() + " (not durable: its records end with this process)";
    fields.emplace_back("embedded_kafka", kafka->bootstrap_servers());
    fields.emplace_back("embedded_kafka_durable", "false");
  }
  for (const PluginSummary& plugin : host.plugins()) {
    text += "\n  plugin         " + plugin.name + " " + plugin.version + " from " + plugin.path;
    fields.emplace_back("plugin." + plugin.name, plugin.version);
  }
  line(LogLevel::info, text, "banner", fields);
}

void Announcer::ready(std::chrono::milliseconds since_start) const {
  line(LogLevel::info, "ready", "ready", {{"milliseconds_since_start", std::to_string(since_start.count())}});
}

void Announcer::degraded(const HostHealth& health) const {
  const std::string reasons = joined(health.reasons);
  line(LogLevel::warning, "degraded: " + reasons + "; keeps trying", "degraded", {{"reasons", reasons}});
}

void Announcer::stopping(std::chrono::seconds timeout) const {
  const std::string seconds = std::to_string(timeout.count());
  line(LogLevel::info, "draining for at most " + seconds + " s (a second signal ends at once)", "draining",
       {{"timeout_seconds", seconds}});
}

void Announcer::stopped(const DrainSummary& summary) const {
  for (const PluginDrain& plugin : summary.plugins) {
    const std::string delivered = std::to_string(plugin.report.delivered);
    const std::string undelivered = std::to_string(plugin.report.undelivered);
    const std::string kept = std::to_string(plugin.report.kept);
    std::string text =
        "drained " + plugin.name + ": " + delivered + " delivered, " + undelivered + " undelivered, " + kept + " kept";
    Fields fields{{"plugin", plugin.name}, {"delivered", delivered}, {"undelivered", undelivered}, {"kept", kept}};
    if (!plugin.message.empty()) {
      text += " (" + plugin.message + ")";
      fields.emplace_back("reason", plugin.message);
    }
    line(plugin.status == AGENT_OK ? LogLevel::info : LogLevel::warning, text, "drained", fields);
  }
  line(LogLevel::info, "stopped", "stopped", {{"clean", summary.clean ? "true" : "false"}});
}

void Announcer::problem(const ConfigProblem& problem) const {
  line(problem.warning ? LogLevel::warning : LogLevel::error, to_line(problem), problem.message,
       {{"file", problem.file},
        {"line", std::to_string(problem.line)},
        {"column", std::to_string(problem.column)},
        {"key_path", problem.key_path}});
}

void Announcer::failure(std::string_view message) const {
  line(LogLevel::error, "host_stub: " + std::string(message), message, {});
}

void Announcer::note(std::string_view message) const { line(LogLevel::info, message, message, {}); }

}  // namespace host_stub::cli
