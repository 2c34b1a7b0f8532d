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

  /// `digest`: what the client is made from, as client_key() says it.
  static Result<std::shared_ptr<ProducerSession>> create(std::span<const config::Property> properties,
                                                         std::string digest);
  /// Goes on with a client that another version of this module has left, and has it from now on.
  static std::shared_ptr<ProducerSession> adopt(rd_kafka_t* client, std::string digest);
  /// Ends everything of a session but its client, which is the caller's then. What is in flight stays so, and reports that
  /// were not taken stay in its queue. Waits for those who still look at the session: nobody may take it up any more.
  static rd_kafka_t* leave(std::shared_ptr<ProducerSession> session);
  /// Ends the client within five seconds, or lets it end by itself.
  ~ProducerSession();
  ProducerSession(const ProducerSession&) = delete;
  ProducerSession& operator=(const ProducerSession&) = delete;

  /// Ids are handed out by the caller, each once, below max_topics. One thread at a time.
  Result<void> open(TopicId id, const std::string& name);

  /// Null: not opened. Lock-free. [any thread]
  [[nodiscard]] rd_kafka_topic_t* topic(TopicId id) const noexcept;

  [[nodiscard]] rd_kafka_t* client() const noexcept { return client_; }
  [[nodiscard]] const std::string& digest() const noexcept { return digest_; }
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

  ProducerSession(rd_kafka_t* client, std::string digest)
      : client_(client), queue_(rd_kafka_queue_get_main(client)), digest_(std::move(digest)) {}

  rd_kafka_t* const client_;
  QueueHandle queue_;
  const std::string digest_;
  std::atomic<bool>* client_left_ = nullptr;  // set: the client is somebody else's, who waits for this
  std::array<std::atomic<Chunk*>, max_topics / chunk_size> chunks_{};
};

}  // namespace kafka_events
