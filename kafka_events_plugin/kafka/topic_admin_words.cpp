// Pure functions.
#include "kafka/topic_admin_words.h"

#include <algorithm>
#include <set>

namespace kafka_events {
namespace {

constexpr std::size_t longest_name = 249;
constexpr std::size_t most_topics = 1000;
constexpr std::int32_t most_partitions = 100'000;  // librdkafka's bound
constexpr std::int32_t most_replicas = 10'000;

std::string quoted(std::string_view text) { return std::string("\"").append(text).append("\""); }

Error invalid(std::string message) { return {ErrorCode::invalid, std::move(message)}; }

std::string_view advice_for(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
      return "this user's ACL lacks the operation (Create, Delete, Alter, Describe or DescribeConfigs) on the topic";
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return "this user's ACL lacks the operation on the cluster";
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
      return "a policy of the cluster forbids it (create.topic.policy.class.name); ask its operator what is allowed";
    case RD_KAFKA_RESP_ERR_INVALID_CONFIG:
      return "the name or the value of a config is wrong; see Kafka's topic-level configs";
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
      return "choose another name; names that differ only in . and _ exclude each other";
    case RD_KAFKA_RESP_ERR_TOPIC_DELETION_DISABLED:
      return "the brokers have delete.topic.enable=false";
    case RD_KAFKA_RESP_ERR_REASSIGNMENT_IN_PROGRESS:
      return "try again when the reassignment of its partitions has ended";
    case RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED:
      return "the quota controller_mutation_rate is used up; try again in some seconds";
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_NOT_CONTROLLER:
      return "it may have been done all the same: look at the topic, then try again";
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
      return "this broker has no such request (the embedded Kafka administers no topics, it creates them when they are "
             "used)";
    default:
      return {};
  }
}

Result<void> check_spec(const TopicSpec& topic) {
  const auto refuse = [&](std::string_view what) { return invalid(quoted(topic.name) + ": " + std::string(what)); };
  if (topic.partitions && (*topic.partitions < 1 || *topic.partitions > most_partitions)) {
    return refuse("partitions must be a whole number from 1 to " + std::to_string(most_partitions));
  }
  if (topic.replication_factor && (*topic.replication_factor < 1 || *topic.replication_factor > most_replicas)) {
    return refuse("replication_factor must be a whole number from 1 to " + std::to_string(most_replicas));
  }
  std::set<std::string_view> seen;
  for (const auto& [name, value] : topic.config) {
    if (name.empty()) return refuse("a config has no name");
    if (!seen.insert(name).second) return refuse("config " + quoted(name) + " is given twice");
  }
  return {};
}

}  // namespace

Result<void> check_topic_name(std::string_view name) {
  const bool allowed = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  });
  if (name.empty()) return invalid("a topic's name is empty");
  if (name.size() > longest_name) {
    return invalid("a topic's name has at most " + std::to_string(longest_name) + " characters, this one has " +
                   std::to_string(name.size()));
  }
  if (!allowed || name == "." || name == "..") {
    return invalid("a topic's name consists of letters, digits, '.', '_' and '-', and is not \".\" or \"..\"");
  }
  return {};
}

Result<void> check_topic_names(std::span<const std::string> names) {
  if (names.empty() || names.size() > most_topics) {
    return invalid("1 to " + std::to_string(most_topics) + " topics at once, not " + std::to_string(names.size()));
  }
  std::set<std::string_view> seen;
  for (const std::string& name : names) {
    Result<void> checked = check_topic_name(name);
    if (!checked) return checked;
    if (!seen.insert(name).second) return invalid("topic " + quoted(name) + " is named twice");
  }
  return {};
}

Result<void> check_topic_specs(std::span<const TopicSpec> topics) {
  std::vector<std::string> names;
  for (const TopicSpec& topic : topics) names.push_back(topic.name);
  Result<void> checked = check_topic_names(names);
  for (const TopicSpec& topic : topics) {
    if (checked) checked = check_spec(topic);
  }
  return checked;
}

std::string in_words(rd_kafka_resp_err_t code, std::string_view said, std::string_view advice) {
  std::string text(said.empty() ? std::string_view(rd_kafka_err2str(code)) : said);
  while (text.ends_with('.')) text.pop_back();
  text.append(" (").append(rd_kafka_err2name(code)).append(")");
  for (const std::string_view each : {advice, advice_for(code)}) {
    if (!each.empty()) text.append("; ").append(each);
  }
  return text;
}

Error stopped_meanwhile() { return {ErrorCode::state, "the Kafka plugin is being stopped"}; }

std::string differences(const TopicSpec& wanted, const TopicView& there) {
  std::string text;
  const auto add = [&](std::string_view what, std::string_view is, std::string_view asked) {
    text.append(text.empty() ? "" : ", ").append(what).append(" ").append(is).append(" (asked for: ");
    text.append(asked).append(")");
  };
  const auto count = static_cast<std::int32_t>(there.partitions.size());
  if (wanted.partitions && *wanted.partitions != count) {
    add("partitions", std::to_string(count), std::to_string(*wanted.partitions));
  }
  const std::size_t replicas = there.partitions.empty() ? 0 : there.partitions.front().replicas.size();
  if (wanted.replication_factor && static_cast<std::size_t>(*wanted.replication_factor) != replicas) {
    add("replication_factor", std::to_string(replicas), std::to_string(*wanted.replication_factor));
  }
  for (const auto& [name, value] : wanted.config) {
    const auto found = std::ranges::find(there.config, name, &TopicConfigView::name);
    if (found == there.config.end()) {
      add(name, "unknown", value);
    } else if (found->value != value) {
      add(name, found->value, value);
    }
  }
  return text;
}

}  // namespace kafka_events
