// A consumer's client that is connected ahead of its time: when it joins its group, it knows the brokers and the group's
// coordinator, and is connected to them.
#pragma once

#include <atomic>
#include <librdkafka/rdkafka.h>
#include <string>
#include <thread>

#include "config/settings.h"

namespace kafka_events {

/// Lifecycle thread. Its own thread, "kfk-prepare", ends with take() or drop().
class ConsumerPreparation {
 public:
  ConsumerPreparation() = default;
  ~ConsumerPreparation() { drop(); }
  ConsumerPreparation(const ConsumerPreparation&) = delete;
  ConsumerPreparation& operator=(const ConsumerPreparation&) = delete;

  /// Takes the client and connects it, without joining the group. A broker that is away is tried again until take().
  void begin(rd_kafka_t* client, const config::WorkerSettings& settings, std::string oauth_token_file);
  [[nodiscard]] bool begun() const noexcept { return client_ != nullptr; }
  /// The client, as far as it came; null: none was begun. Waits for a request that is under way, at most 200 ms.
  [[nodiscard]] rd_kafka_t* take();
  /// Ends the client, should there be one; it may still be closing its connections when this returns.
  void drop();

 private:
  void run(const config::WorkerSettings& settings, const std::string& oauth_token_file);
  void connect_leaders(const rd_kafka_metadata_t& metadata, const config::WorkerSettings& settings);

  rd_kafka_t* client_ = nullptr;
  std::thread thread_;
  std::atomic<bool> ending_{false};
};

}  // namespace kafka_events
