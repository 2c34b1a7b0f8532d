#include "cli/publish_report.h"

#include <algorithm>
#include <cstdio>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <string_view>
#include <utility>

namespace host_stub::cli {
namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

constexpr std::size_t shown_failures = 10;

void print_result(const EventResult& result) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  writer.Key("line");
  writer.Uint64(result.line);
  for (const auto& [name, value] : {std::pair("id", &result.id), std::pair("topic", &result.topic),
                                    std::pair("outcome", &result.outcome), std::pair("detail", &result.detail)}) {
    writer.Key(name);
    writer.String(value->data(), static_cast<rapidjson::SizeType>(value->size()));
  }
  writer.Key("handlers");
  writer.Uint64(result.handlers);
  writer.EndObject();
  std::printf("%s\n", buffer.GetString());
}

std::string summary_text(const PublishCounts& counts, const PublishOptions& options, double seconds) {
  std::string text = "published " + with_thousands(counts.published) + (counts.published == 1 ? " event" : " events");
  if (options.lines) {
    char rate[64];
    std::snprintf(rate, sizeof rate, " in %.2f s (%.0f/s)", seconds, static_cast<double>(counts.published) / seconds);
    text += rate;
  }
  if (options.wait) text += ": " + with_thousands(counts.done) + " done, " + with_thousands(counts.failed) + " failed";
  if (counts.pending > 0) text += ", " + with_thousands(counts.pending) + " without a result in time";
  if (counts.busy_retried > 0) text += ", " + with_thousands(counts.busy_retried) + " times busy and tried again";
  if (counts.unknown > 0) text += "; what became of " + with_thousands(counts.unknown) + " more is not known";
  return text;
}

}  // namespace

PublishReport::PublishReport(const PublishOptions& options, std::optional<std::uint64_t> total)
    : options_(options), total_(total) {}

void PublishReport::on_result(const EventResult& result) {
  if (options_.format == OutputFormat::json) print_result(result);
  if (result.outcome == "done" || ++failures_ > shown_failures) return;
  progress_.clear();
  const std::string where = options_.lines ? "line " + std::to_string(result.line) + ", " : "";
  // A handler that refuses an event at once can give no reason in its answer (agent_subscription.on_event).
  const std::string reason =
      result.detail.empty() ? "the handler gave no reason; the host's log and " + result.topic + "::undeliverable may"
                            : result.detail;
  std::fprintf(stderr, "%s: %s%s: %s\n", result.outcome.c_str(), where.c_str(), result.topic.c_str(), reason.c_str());
}

void PublishReport::update(const PublishCounts& counts) {
  ProgressState state{counts.published, total_, elapsed(), ""};
  if (counts.failed > 0) state.note = with_thousands(counts.failed) + " failed";
  progress_.update(state);
}

void PublishReport::summary(const PublishCounts& counts) {
  progress_.clear();
  if (options_.format == OutputFormat::json) return print_json_summary(counts);
  const double seconds = std::max(0.001, static_cast<double>(elapsed().count()) / 1000.0);
  std::fprintf(stderr, "%s\n", summary_text(counts, options_, seconds).c_str());
  if (counts.unheard > 0) {
    std::fprintf(stderr, "%s reached no handler: nobody listens to that topic\n",
                 with_thousands(counts.unheard).c_str());
  }
}

void PublishReport::failure(const std::string& message) {
  progress_.clear();
  std::fprintf(stderr, "host_stub: %s\n", message.c_str());
}

std::chrono::milliseconds PublishReport::elapsed() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began_);
}

void PublishReport::print_json_summary(const PublishCounts& counts) const {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  for (const auto& [name, value] :
       {std::pair("published", counts.published), std::pair("done", counts.done), std::pair("failed", counts.failed),
        std::pair("pending", counts.pending), std::pair("busy_retried", counts.busy_retried),
        std::pair("unknown", counts.unknown)}) {
    writer.Key(name);
    writer.Uint64(value);
  }
  writer.Key("seconds");
  writer.Double(static_cast<double>(elapsed().count()) / 1000.0);
  writer.EndObject();
  std::printf("%s\n", buffer.GetString());
  std::fflush(stdout);
}

}  // namespace host_stub::cli
