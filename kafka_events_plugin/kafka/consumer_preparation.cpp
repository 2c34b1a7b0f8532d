// Connecting ahead, by asking for what will be asked for anyway.
#include "kafka/consumer_preparation.h"

#include <algorithm>
#include <chrono>
#include <pthread.h>
#include <set>
#include <utility>

#include "kafka/client.h"
#include "kafka/handles.h"
#include "kafka/oauth_token.h"

namespace kafka_events {
namespace {

constexpr int request_ms = 200;
constexpr std::chrono::milliseconds pause{20};
constexpr std::chrono::milliseconds time_to_end{20};
/// Brokers that are connected ahead.
constexpr std::size_t most_leaders = 16;

bool knows_coordinator(rd_kafka_t* client, const char* topic) {
  const PartitionList list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), topic, 0);
  return rd_kafka_committed(client, list.get(), request_ms) == RD_KAFKA_RESP_ERR_NO_ERROR;
}

}  // namespace

void ConsumerPreparation::begin(rd_kafka_t* client, const config::WorkerSettings& settings,
                                std::string oauth_token_file) {
  drop();
  client_ = client;
  ending_ = false;
  thread_ = std::thread([this, settings, file = std::move(oauth_token_file)] { run(settings, file); });
}

rd_kafka_t* ConsumerPreparation::take() {
  ending_ = true;
  if (thread_.joinable()) thread_.join();
  return std::exchange(client_, nullptr);
}

void ConsumerPreparation::drop() {
  if (rd_kafka_t* client = take()) (void)destroy_client(client, std::chrono::steady_clock::now() + time_to_end);
}

void ConsumerPreparation::run(const config::WorkerSettings& settings, const std::string& oauth_token_file) {
  pthread_setname_np(pthread_self(), "kfk-prepare");
  if (!oauth_token_file.empty()) refresh_oauth_token(client_, oauth_token_file);
  while (!ending_) {
    const rd_kafka_metadata_t* answer = nullptr;
    if (rd_kafka_metadata(client_, 1, nullptr, &answer, request_ms) == RD_KAFKA_RESP_ERR_NO_ERROR) {
      const MetadataHandle metadata(answer);
      if (metadata->topic_cnt > 0) {
        connect_leaders(*metadata, settings);
        while (!ending_ && !knows_coordinator(client_, metadata->topics[0].topic)) std::this_thread::sleep_for(pause);
      }
      return;
    }
    std::this_thread::sleep_for(pause);
  }
}

/// Those of its topics; which one a pattern matches is not asked here, so for those any topic's.
void ConsumerPreparation::connect_leaders(const rd_kafka_metadata_t& metadata, const config::WorkerSettings& settings) {
  const bool any = std::ranges::any_of(settings.topics, [](const std::string& each) { return each.starts_with('^'); });
  std::set<std::int32_t> connected;
  for (int i = 0; i < metadata.topic_cnt; ++i) {
    const rd_kafka_metadata_topic_t& topic = metadata.topics[i];
    if (!any && std::ranges::find(settings.topics, std::string_view(topic.topic)) == settings.topics.end()) continue;
    for (int j = 0; j < topic.partition_cnt; ++j) {
      if (ending_ || connected.size() >= most_leaders) return;
      if (!connected.insert(topic.partitions[j].leader).second) continue;
      std::int64_t low = 0;
      std::int64_t high = 0;
      rd_kafka_query_watermark_offsets(client_, topic.topic, topic.partitions[j].id, &low, &high, request_ms);
    }
  }
}

}  // namespace kafka_events
