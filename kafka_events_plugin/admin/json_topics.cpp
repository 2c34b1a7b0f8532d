// Topics as JSON, and the status that what became of them amounts to.
#include <algorithm>

#include "admin/json.h"
#include "admin/json_writer.h"

namespace kafka_events::admin {
namespace {

using Kind = TopicOutcome::Kind;

std::string_view to_text(Kind kind) {
  switch (kind) {
    case Kind::created:
      return "created";
    case Kind::existed:
      return "existed";
    case Kind::deleted:
      return "deleted";
    case Kind::absent:
      return "absent";
    case Kind::extended:
      return "extended";
    case Kind::unchanged:
      return "unchanged";
    case Kind::failed:
      break;
  }
  return "failed";
}

std::int32_t count_of(std::size_t size) { return static_cast<std::int32_t>(size); }

void write_summary(Json& json, const TopicView& topic) {
  const auto is_led = [](const TopicPartitionView& partition) { return partition.leader >= 0; };
  const auto is_complete = [](const TopicPartitionView& partition) {
    return partition.in_sync.size() >= partition.replicas.size();
  };
  json.member("name", topic.name);
  json.member("internal", topic.internal);
  json.member("partitions", count_of(topic.partitions.size()));
  json.member("replication_factor", count_of(topic.partitions.empty() ? 0 : topic.partitions.front().replicas.size()));
  json.member("without_leader", count_of(topic.partitions.size()) -
                                    static_cast<std::int32_t>(std::ranges::count_if(topic.partitions, is_led)));
  json.member("under_replicated", count_of(topic.partitions.size()) -
                                      static_cast<std::int32_t>(std::ranges::count_if(topic.partitions, is_complete)));
}

void write_topic(Json& json, const TopicView& topic) {
  write_summary(json, topic);
  json.list("assignment", topic.partitions, [&](const TopicPartitionView& partition) {
    json.member("partition", partition.partition);
    json.member("leader", partition.leader);
    json.numbers("replicas", partition.replicas);
    json.numbers("in_sync", partition.in_sync);
  });
  json.list("config", topic.config, [&](const TopicConfigView& config) {
    json.member("name", config.name);
    json.member("value", config.value);
    json.member("source", config.source);
  });
}

void write_outcomes(Json& json, const TopicOutcomes& outcomes) {
  json.list("topics", outcomes, [&](const TopicOutcome& outcome) {
    json.member("name", outcome.name);
    json.member("result", to_text(outcome.kind));
    json.member("code", outcome.code);
    json.member("message", outcome.message);
  });
}

/// What a broker's refusal of a topic is in HTTP.
std::int32_t status_of(std::string_view code) {
  if (code.ends_with("AUTHORIZATION_FAILED")) return 403;
  if (code == "UNKNOWN_TOPIC_OR_PART") return 404;
  if (code == "THROTTLING_QUOTA_EXCEEDED") return 503;
  if (code.ends_with("TIMED_OUT")) return 504;
  if (code.starts_with("INVALID_") || code == "POLICY_VIOLATION" || code == "TOPIC_EXCEPTION") return 422;
  return 502;
}

}  // namespace

std::string to_json(const TopicView& topic) {
  return Json::object([&](Json& json) { write_topic(json, topic); });
}

std::string to_json(const TopicList& topics, bool whole) {
  return Json::object([&](Json& json) {
    json.list("topics", topics,
              [&](const TopicView& topic) { whole ? write_topic(json, topic) : write_summary(json, topic); });
  });
}

HttpReply topics_reply(const TopicOutcomes& outcomes, std::string_view instance) {
  const auto is = [](Kind kind) { return [kind](const TopicOutcome& outcome) { return outcome.kind == kind; }; };
  const auto failed = static_cast<std::size_t>(std::ranges::count_if(outcomes, is(Kind::failed)));
  if (failed == 0 || failed < outcomes.size()) {
    const bool created = std::ranges::any_of(outcomes, is(Kind::created));
    const std::int32_t status = failed > 0 ? 207 : created ? 201 : 200;
    return {status, "application/json", Json::object([&](Json& json) { write_outcomes(json, outcomes); })};
  }
  const TopicOutcome& first = outcomes.front();
  const std::int32_t status = status_of(first.code);
  return {status, "application/problem+json", Json::object([&](Json& json) {
            json.member("type", "about:blank");
            json.member("title", "Kafka refused");
            json.member("status", status);
            json.member("detail", first.name + ": " + first.message);
            json.member("instance", instance);
            json.member("code", first.code);
            write_outcomes(json, outcomes);
          })};
}

HttpReply topics_problem(const Error& error, std::string_view instance) {
  if (error.code == ErrorCode::failed) return problem(502, "Kafka refused", error.message, instance);
  if (error.code == ErrorCode::unsupported) return problem(501, "Not possible here", error.message, instance);
  return problem_of(error, instance);
}

}  // namespace kafka_events::admin
