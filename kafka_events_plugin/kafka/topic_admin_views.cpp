// Looking: metadata of all topics (asking for one by name would create it where brokers do that), and DescribeConfigs.
#include "kafka/topic_admin_views.h"

#include <algorithm>
#include <span>
#include <vector>

#include "kafka/topic_admin_calls.h"
#include "kafka/topic_admin_words.h"

namespace kafka_events::topic_admin {
namespace {

using ConfigResource = std::unique_ptr<rd_kafka_ConfigResource_t, Deleter<rd_kafka_ConfigResource_destroy>>;

std::string_view source_of(rd_kafka_ConfigSource_t source) {
  switch (source) {
    case RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG:
      return "topic";
    case RD_KAFKA_CONFIG_SOURCE_DYNAMIC_BROKER_CONFIG:
    case RD_KAFKA_CONFIG_SOURCE_DYNAMIC_DEFAULT_BROKER_CONFIG:
    case RD_KAFKA_CONFIG_SOURCE_STATIC_BROKER_CONFIG:
      return "broker";
    default:
      return "default";
  }
}

Result<void> add_configs(TopicAdminClient& client, TopicList& topics, Deadline deadline) {
  if (Result<void> there = client.find_controller(deadline); !there) return there;
  std::vector<ConfigResource> owners;
  std::vector<rd_kafka_ConfigResource_t*> resources;
  for (const TopicView& topic : topics) {
    owners.emplace_back(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.name.c_str()));
    resources.push_back(owners.back().get());
  }
  const auto event =
      client.ask(RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, deadline, [&](auto* kafka, auto* options, auto* queue) {
        rd_kafka_DescribeConfigs(kafka, resources.data(), resources.size(), options, queue);
      });
  if (!event) return event.error();
  std::size_t count = 0;
  const auto* result = rd_kafka_event_DescribeConfigs_result(event.value().get());
  const auto** described = rd_kafka_DescribeConfigs_result_resources(result, &count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view name = rd_kafka_ConfigResource_name(described[i]);
    const auto code = rd_kafka_ConfigResource_error(described[i]);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      const char* said = rd_kafka_ConfigResource_error_string(described[i]);
      return Error(ErrorCode::failed, in_words(code, said == nullptr ? "" : said, {})).within(name);
    }
    const auto topic = std::ranges::find(topics, name, &TopicView::name);
    if (topic != topics.end()) topic->config = view_of(*described[i]);
  }
  return {};
}

}  // namespace

const rd_kafka_metadata_topic_t* find_topic(const rd_kafka_metadata_t& metadata, std::string_view name) {
  const std::span topics(metadata.topics, static_cast<std::size_t>(metadata.topic_cnt));
  const auto found = std::ranges::find_if(topics, [&](const auto& topic) { return topic.topic == name; });
  return found == topics.end() || found->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ? nullptr : &*found;
}

TopicView view_of(const rd_kafka_metadata_topic_t& topic) {
  TopicView view;
  view.name = topic.topic;
  view.internal = view.name.starts_with("__");
  for (int i = 0; i < topic.partition_cnt; ++i) {
    const rd_kafka_metadata_partition_t& partition = topic.partitions[i];
    view.partitions.push_back({partition.id,
                               partition.leader,
                               {partition.replicas, partition.replicas + partition.replica_cnt},
                               {partition.isrs, partition.isrs + partition.isr_cnt}});
  }
  std::ranges::sort(view.partitions, {}, &TopicPartitionView::partition);
  return view;
}

std::vector<TopicConfigView> view_of(const rd_kafka_ConfigResource_t& topic) {
  std::vector<TopicConfigView> views;
  std::size_t count = 0;
  const auto** entries = rd_kafka_ConfigResource_configs(&topic, &count);
  for (std::size_t i = 0; i < count; ++i) {
    const char* value = rd_kafka_ConfigEntry_value(entries[i]);
    const bool secret = rd_kafka_ConfigEntry_is_sensitive(entries[i]) > 0;
    views.push_back({rd_kafka_ConfigEntry_name(entries[i]),
                     secret             ? "[secret]"
                     : value == nullptr ? ""
                                        : value,
                     std::string(source_of(rd_kafka_ConfigEntry_source(entries[i])))});
  }
  std::ranges::sort(views, {}, &TopicConfigView::name);
  return views;
}

Result<TopicList> list(TopicAdminClient& client, Deadline deadline) {
  const auto found = client.metadata(deadline);
  if (!found) return found.error();
  TopicList topics;
  for (int i = 0; i < found.value()->topic_cnt; ++i) topics.push_back(view_of(found.value()->topics[i]));
  std::ranges::sort(topics, {}, &TopicView::name);
  return topics;
}

Result<TopicList> describe(TopicAdminClient& client, std::span<const std::string> names, Deadline deadline) {
  const auto found = client.metadata(deadline);
  if (!found) return found.error();
  TopicList topics;
  std::string missing;
  for (const std::string& name : names) {
    if (const auto* topic = find_topic(*found.value(), name)) {
      topics.push_back(view_of(*topic));
    } else {
      missing.append(missing.empty() ? "" : ", ").append(name);
    }
  }
  if (!missing.empty()) {
    return Error(ErrorCode::not_found, missing + ": there is no such topic, or this user may not see it");
  }
  std::ranges::sort(topics, {}, &TopicView::name);
  const Result<void> configs = add_configs(client, topics, deadline);
  // The embedded Kafka has no configurations to show.
  if (!configs && configs.error().code != ErrorCode::unsupported) return configs.error();
  return topics;
}

}  // namespace kafka_events::topic_admin
