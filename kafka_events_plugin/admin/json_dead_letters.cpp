// Dead letters and redrives as JSON. What a dead letter says of itself was written by anybody: it is made text first.
#include "admin/json.h"
#include "admin/json_writer.h"
#include "codec/json_text.h"

namespace kafka_events::admin {
namespace {

constexpr std::size_t max_text_bytes = 1024;

/// Octets that are no UTF-8 become U+FFFD; long texts are cut.
std::string as_text(std::string_view octets) {
  std::string text;
  octets = octets.substr(0, max_text_bytes);
  for (auto bad = first_invalid_utf8(octets); bad; bad = first_invalid_utf8(octets)) {
    text.append(octets.substr(0, *bad)).append("\xEF\xBF\xBD");
    octets.remove_prefix(*bad + 1);
  }
  return text.append(octets);
}

std::optional<std::int64_t> known(std::int64_t value) { return value < 0 ? std::nullopt : std::optional(value); }

std::string_view state_of(const RedriveReport& report) {
  if (report.running) return "running";
  return report.problem.empty() ? "done" : "incomplete";
}

void write_redrive(Json& json, const RedriveReport& report) {
  json.member("state", state_of(report));
  json.member("worker", report.worker);
  json.member("started", to_text(report.started));
  json.member("redriven", report.redriven);
  json.member("failed", report.failed);
  json.member("skipped", report.skipped);
  json.member("left", report.left);
  json.member("problem", report.problem);
}

void write_item(Json& json, const DeadLetterItem& item) {
  json.member("topic", item.topic);
  json.member("partition", item.partition);
  json.member("offset", std::optional(item.offset));
  json.member("original_topic", as_text(item.origin.topic));
  json.member("original_partition", known(item.origin.partition));
  json.member("original_offset", known(item.origin.offset));
  json.member("stage", as_text(item.origin.stage));
  json.member("exception", as_text(item.origin.exception));
  json.member("reason", as_text(item.origin.reason));
  json.member("redrive_count", item.origin.redrive_count);
  json.member("timestamp_ms", known(item.timestamp_ms));
  json.member("value_bytes", item.value_bytes);
  json.member("redriven", item.redriven);
}

}  // namespace

std::string to_json(const DeadLetterList& list, const std::optional<RedriveReport>& redrive) {
  return Json::object([&](Json& json) {
    json.member("worker", list.worker);
    json.list("topics", list.topics, [&](const DeadLetterTopicSummary& topic) {
      json.member("topic", topic.topic);
      json.member("records", topic.records);
      json.member("open", topic.open);
    });
    json.list("dead_letters", list.items, [&](const DeadLetterItem& item) { write_item(json, item); });
    if (redrive) {
      json.object("redrive", [&] { write_redrive(json, *redrive); });
    } else {
      json.null("redrive");
    }
  });
}

HttpReply redrive_reply(const RedriveReport& report, std::string_view instance) {
  const bool ended_early = !report.running && !report.problem.empty();
  return {ended_early      ? 503
          : report.running ? 202
                           : 200,
          ended_early ? "application/problem+json" : "application/json", Json::object([&](Json& json) {
            if (ended_early) {
              json.member("type", "about:blank");
              json.member("title", "The redrive ended early");
              json.member("status", std::int32_t{503});
              json.member("detail", report.problem);
              json.member("instance", instance);
            }
            write_redrive(json, report);
          })};
}

}  // namespace kafka_events::admin
