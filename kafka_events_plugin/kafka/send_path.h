// The way of a record into librdkafka's queue, which any thread may take, and the gate that is closed while the client
// behind it is replaced. Topics keep their ids over all clients.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/ports.h"
#include "core/sender_gate.h"
#include "kafka/producer_session.h"

namespace kafka_events {

/// What a report is told by, as librdkafka carries it: the event's reference, or number<<1|1 (events are aligned).
[[nodiscard]] void* to_opaque(const OutboundRecord& record) noexcept;

class SendPath {
 public:
  using Session = std::shared_ptr<ProducerSession>;

  explicit SendPath(std::uint64_t max_record_bytes) : max_record_bytes_(max_record_bytes) {}

  // Any thread.
  Result<TopicId> open_topic(std::string_view name);
  SendStatus send(const OutboundRecord& record) noexcept;
  [[nodiscard]] std::string explain(SendStatus status, const OutboundRecord& record) const;
  [[nodiscard]] Session session() const;  ///< null: none at the moment
  [[nodiscard]] std::size_t topics() const;
  [[nodiscard]] std::vector<std::string> topic_names() const;  ///< in the order of their ids
  [[nodiscard]] std::uint64_t in_flight() const;               ///< records of the session that were not reported
  [[nodiscard]] bool running() const noexcept { return answer_.load() != SendStatus::refused; }

  // The owner's thread.
  /// Opens every topic that was opened so far, then `more` that are not among them. The gate stays closed. On failure the
  /// session is not taken.
  Result<void> attach(const Session& session, std::span<const std::string> more = {});
  /// Senders reach the session from now on.
  void open_gate();
  /// Senders get `answer` from now on: full (come back) or refused (stopped). Returns when nobody is inside.
  void close_gate(SendStatus answer);
  /// The session, which nobody else takes up any more. Call with a closed gate.
  Session detach();

 private:
  SendStatus refuse(rd_kafka_resp_err_t code) noexcept;

  const std::uint64_t max_record_bytes_;

  // What senders read. It is hidden, and the gate empty, before its session ends.
  SenderGate gate_;
  std::atomic<ProducerSession*> current_{nullptr};
  std::atomic<SendStatus> answer_{SendStatus::refused};  // while current_ is null
  std::atomic<rd_kafka_resp_err_t> last_refusal_{RD_KAFKA_RESP_ERR_NO_ERROR};

  mutable std::mutex mutex_;         // guards what follows, and opening of topics
  Session session_;                  // null: stopped, or between two clients
  std::vector<std::string> topics_;  // by TopicId
  std::unordered_map<std::string, TopicId> ids_;
};

}  // namespace kafka_events
