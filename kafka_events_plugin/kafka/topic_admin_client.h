// The client that administers topics: it asks one thing at a time, and meanwhile serves its own log lines and tokens.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "config/settings.h"
#include "core/ports.h"
#include "core/result.h"
#include "kafka/handles.h"
#include "kafka/recent_errors.h"

namespace kafka_events {

/// For one thread, but for wake().
class TopicAdminClient {
 public:
  using Deadline = std::chrono::steady_clock::time_point;
  using Request = std::function<void(rd_kafka_t* client, rd_kafka_AdminOptions_t* options, rd_kafka_queue_t* answers)>;

  /// `stopping` (outlives it, as `log`): waits end soon after it was set.
  static Result<std::unique_ptr<TopicAdminClient>> create(const config::ProducerSettings& settings,
                                                          std::string oauth_token_file, Log& log,
                                                          const std::atomic<bool>& stopping);
  /// Ends the client within two seconds, or lets it end by itself.
  ~TopicAdminClient();
  TopicAdminClient(const TopicAdminClient&) = delete;
  TopicAdminClient& operator=(const TopicAdminClient&) = delete;

  /// Waits for events of the client for at most so long, or until wake().
  void serve(int timeout_ms);
  void wake() noexcept { rd_kafka_queue_yield(queue_.get()); }  ///< [any thread]

  /// Brokers, and every topic that this user may see; creates none. Fails at the deadline.
  Result<MetadataHandle> metadata(Deadline deadline);
  /// Sends a request of the admin API and waits for its answer. An answer that is an error as a whole is an Error here.
  Result<EventOwner> ask(rd_kafka_admin_op_t operation, Deadline deadline, const Request& request);
  /// Fails if the cluster has nobody to ask about topics, as the embedded Kafka, which librdkafka would wait for.
  Result<void> find_controller(Deadline deadline);
  /// false: stopping.
  bool rest(std::chrono::milliseconds time);

 private:
  TopicAdminClient(rd_kafka_t* client, std::vector<config::Property> properties, std::string oauth_token_file, Log& log,
                   const std::atomic<bool>& stopping);
  void take(rd_kafka_event_t* event);
  [[nodiscard]] Error failure(rd_kafka_resp_err_t code, std::string_view text) const;

  rd_kafka_t* const client_;
  QueueHandle queue_;
  const std::vector<config::Property> properties_;
  const std::string oauth_token_file_;
  RecentErrors client_log_;
  Log& log_;
  const std::atomic<bool>& stopping_;
  std::uintptr_t asked_ = 0;
  std::string last_error_;  // of a connection; empty: none since the last answer
};

}  // namespace kafka_events
