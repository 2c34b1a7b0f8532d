// A consumer by assignment only (KIP-211 keeps the offsets of such a group for offsets.retention.minutes).
#include "kafka/dead_letter_reader.h"

#include <algorithm>
#include <array>
#include <utility>

#include "kafka/client.h"
#include "kafka/message_headers.h"

namespace kafka_events {
namespace {

constexpr std::string_view reading = "reading dead letters";
constexpr int longest_wait_ms = 30'000;
constexpr int metadata_step_ms = 500;
constexpr std::chrono::seconds time_to_end{2};

/// What a reader without a subscription must not have, or must have.
bool is_of_membership(std::string_view name) {
  constexpr std::array names{std::string_view("group.instance.id"), std::string_view("enable.auto.commit"),
                             std::string_view("enable.partition.eof"), std::string_view("auto.offset.reset"),
                             std::string_view("queued.max.messages.kbytes")};
  return std::ranges::find(names, name) != names.end();
}

std::vector<config::Property> reader_properties(const config::WorkerSettings& worker) {
  std::vector<config::Property> properties;
  for (const config::Property& each : worker.properties) {
    if (!is_of_membership(each.name)) properties.push_back(each);
  }
  const auto add = [&](std::string name, std::string value) {
    properties.push_back({std::move(name), std::move(value), false, worker.place});
  };
  add("group.id", redrive_group(worker.group));
  add("enable.auto.commit", "false");
  add("auto.offset.reset", "earliest");
  add("enable.partition.eof", "true");
  add("queued.max.messages.kbytes", "16384");
  return properties;
}

Bytes to_bytes(const void* data, std::size_t size) {
  return data == nullptr ? Bytes() : Bytes(static_cast<const char*>(data), size);
}

Error kafka_error(rd_kafka_resp_err_t code, std::string_view doing) {
  const bool late = code == RD_KAFKA_RESP_ERR__TIMED_OUT || code == RD_KAFKA_RESP_ERR__TRANSPORT;
  return Error(late ? ErrorCode::timeout : ErrorCode::failed, rd_kafka_err2str(code)).within(doing);
}

PartitionList list_of(std::span<const DeadLetterPosition> positions) {
  PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(positions.size())));
  for (const DeadLetterPosition& each : positions) {
    rd_kafka_topic_partition_list_add(list.get(), each.partition.topic.c_str(), each.partition.partition)->offset =
        each.offset;
  }
  return list;
}

}  // namespace

std::string redrive_group(std::string_view group) { return std::string(group) + ".redrive"; }

Result<std::unique_ptr<DeadLetterSource>> DeadLetterReader::open(const config::WorkerSettings& worker, Log& log,
                                                                 std::string oauth_token_file) {
  auto client = new_client(reader_properties(worker), RD_KAFKA_CONSUMER);
  if (!client) return client.error().within("reader of dead letters");
  rd_kafka_poll_set_consumer(client.value());
  return std::unique_ptr<DeadLetterSource>(
      new DeadLetterReader(client.value(), redrive_group(worker.group), std::move(oauth_token_file), log));
}

DeadLetterReader::~DeadLetterReader() {
  at_hand_.reset();
  rd_kafka_assign(client_, nullptr);
  queue_.reset();
  (void)destroy_client(client_, std::chrono::steady_clock::now() + time_to_end);
}

Result<MetadataHandle> DeadLetterReader::metadata(Deadline deadline) {
  const rd_kafka_metadata_t* answer = nullptr;
  auto code = RD_KAFKA_RESP_ERR__TIMED_OUT;
  do {
    serve_waiting_events();  // a token for SASL may be asked for
    code = rd_kafka_metadata(client_, 1, nullptr, &answer, remaining_ms(deadline, metadata_step_ms));
  } while (code != RD_KAFKA_RESP_ERR_NO_ERROR && std::chrono::steady_clock::now() < deadline);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka_error(code, "topics of the cluster");
  return MetadataHandle(answer);
}

void DeadLetterReader::serve_waiting_events() {
  while (EventOwner event{rd_kafka_queue_poll(queue_.get(), 0)}) {
    (void)serve_common_event(client_, event.get(), oauth_token_file_, client_log_, log_);
  }
}

Result<std::vector<std::string>> DeadLetterReader::topics(Deadline deadline) {
  auto found = metadata(deadline);
  if (!found) return found.error();
  std::vector<std::string> names;
  for (int i = 0; i < found.value()->topic_cnt; ++i) names.emplace_back(found.value()->topics[i].topic);
  return names;
}

Result<std::vector<DeadLetterPartition>> DeadLetterReader::partitions(std::span<const std::string> topics,
                                                                      Deadline deadline) {
  auto found = metadata(deadline);
  if (!found) return found.error();
  const PartitionList list(rd_kafka_topic_partition_list_new(8));
  for (int i = 0; i < found.value()->topic_cnt; ++i) {
    const rd_kafka_metadata_topic_t& topic = found.value()->topics[i];
    if (std::ranges::find(topics, std::string_view(topic.topic)) == topics.end()) continue;
    for (int p = 0; p < topic.partition_cnt; ++p) {
      rd_kafka_topic_partition_list_add(list.get(), topic.topic, topic.partitions[p].id);
    }
  }
  std::vector<DeadLetterPartition> result;
  if (list->cnt == 0) return result;
  auto code = rd_kafka_committed(client_, list.get(), remaining_ms(deadline, longest_wait_ms));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka_error(code, "offsets of group " + group_);
  for (int i = 0; i < list->cnt; ++i) {
    const rd_kafka_topic_partition_t& each = list->elems[i];
    DeadLetterPartition partition{{each.topic, each.partition}, 0, 0, each.offset >= 0 ? each.offset : -1, {}};
    if (each.metadata != nullptr)
      partition.metadata.assign(static_cast<const char*>(each.metadata), each.metadata_size);
    code = rd_kafka_query_watermark_offsets(client_, each.topic, each.partition, &partition.low, &partition.high,
                                            remaining_ms(deadline, longest_wait_ms));
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka_error(code, std::string("ends of topic ") + each.topic);
    result.push_back(std::move(partition));
  }
  return result;
}

Result<void> DeadLetterReader::read(std::span<const DeadLetterPosition> from, Deadline /*deadline*/) {
  at_hand_.reset();
  const auto code = rd_kafka_assign(client_, list_of(from).get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka_error(code, reading);
  return {};
}

Result<std::optional<DeadLetterRead>> DeadLetterReader::next(Deadline deadline) {
  at_hand_.reset();
  do {
    EventOwner event(rd_kafka_queue_poll(queue_.get(), remaining_ms(deadline, longest_wait_ms)));
    if (event == nullptr) continue;
    if (serve_common_event(client_, event.get(), oauth_token_file_, client_log_, log_)) continue;
    if (rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_ERROR) {
      client_log_.add(LogLevel::warning, rd_kafka_err2name(rd_kafka_event_error(event.get())),
                      rd_kafka_event_error_string(event.get()));
      continue;
    }
    if (rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_FETCH) continue;
    const rd_kafka_message_t* message = rd_kafka_event_message_next(event.get());
    if (message == nullptr) continue;
    DeadLetterRead step;
    InboundRecord& record = step.record;
    step.end = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    if (!step.end && message->err != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka_error(message->err, reading);
    record.topic = rd_kafka_topic_name(message->rkt);
    record.partition = message->partition;
    record.offset = message->offset;
    if (!step.end) {
      record.timestamp_ms = rd_kafka_message_timestamp(message, nullptr);
      record.key = to_bytes(message->key, message->key_len);
      record.value = to_bytes(message->payload, message->len);
      read_headers(*message, headers_);
      record.headers = headers_;
    }
    at_hand_ = std::move(event);
    return std::optional(step);
  } while (std::chrono::steady_clock::now() < deadline);
  return std::optional<DeadLetterRead>();
}

Result<void> DeadLetterReader::commit(std::span<const DeadLetterPosition> positions, Deadline deadline) {
  if (positions.empty()) return {};
  const PartitionList list = list_of(positions);
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const std::string& text = positions[i].metadata;
    if (text.empty()) continue;
    rd_kafka_topic_partition_t& element = list->elems[i];
    element.metadata = rd_kafka_mem_malloc(client_, text.size());  // the list frees it
    element.metadata_size = text.size();
    std::copy(text.begin(), text.end(), static_cast<char*>(element.metadata));
  }
  const QueueHandle answers(rd_kafka_queue_new(client_));
  auto code = rd_kafka_commit_queue(client_, list.get(), answers.get(), nullptr, nullptr);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka_error(code, "committing for group " + group_);
  const EventOwner answer(rd_kafka_queue_poll(answers.get(), remaining_ms(deadline, longest_wait_ms)));
  if (answer == nullptr) return Error(ErrorCode::timeout, "committing for group " + group_ + ": no answer in time");
  code = rd_kafka_event_error(answer.get());
  const rd_kafka_topic_partition_list_t* answered = rd_kafka_event_topic_partition_list(answer.get());
  for (int i = 0; code == RD_KAFKA_RESP_ERR_NO_ERROR && answered != nullptr && i < answered->cnt; ++i) {
    code = answered->elems[i].err;
  }
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka_error(code, "committing for group " + group_);
  return {};
}

}  // namespace kafka_events
