// One client of the producer and the topics opened on it. A fatal error of the idempotent producer ends a session, not
// the Producer: the next session opens the same topics under the same ids.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <span>
#include <string>

#include "config/settings.h"
#include "core/record.h"
#include "core/result.h"
#include "kafka/handles.h"

namespace kafka_events {

class ProducerSession {
 public:
  static constexpr std::size_t max_topics = 102'400;

  static Result<std::shared_ptr<ProducerSession>> create(std::span<const config::Property> properties);
  /// Ends the client within five seconds, or lets it end by itself.
  ~ProducerSession();
  ProducerSession(const ProducerSession&) = delete;
  ProducerSession& operator=(const ProducerSession&) = delete;

  /// Ids are handed out by the caller, each once, below max_topics. One thread at a time.
  Result<void> open(TopicId id, const std::string& name);

  /// Null: not opened. Lock-free. [any thread]
  [[nodiscard]] rd_kafka_topic_t* topic(TopicId id) const noexcept;

  [[nodiscard]] rd_kafka_t* client() const noexcept { return client_; }
  [[nodiscard]] rd_kafka_queue_t* queue() const noexcept { return queue_.get(); }

  /// Gives up all that is in flight; the reports come through the queue. Returns at once; what moves from one of
  /// librdkafka's queues to another meanwhile may escape, so ask again as long as something is in flight.
  void purge() noexcept;
  /// Records that were accepted and whose report was not served to the end (give or take an error event in the queue).
  [[nodiscard]] std::uint64_t in_flight() const noexcept;
  /// The client told of an error that it will not survive.
  [[nodiscard]] bool has_failed() const noexcept;

 private:
  // Two steps, so that a process with few topics touches one page.
  static constexpr std::size_t chunk_size = 1024;
  using Chunk = std::array<std::atomic<rd_kafka_topic_t*>, chunk_size>;

  explicit ProducerSession(rd_kafka_t* client) : client_(client), queue_(rd_kafka_queue_get_main(client)) {}

  rd_kafka_t* const client_;
  QueueHandle queue_;
  std::array<std::atomic<Chunk*>, max_topics / chunk_size> chunks_{};
};

}  // namespace kafka_events
