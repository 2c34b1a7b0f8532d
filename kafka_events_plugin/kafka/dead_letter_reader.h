// Reads dead-letter topics with a consumer of its own, in the group <group>.redrive, that subscribes to nothing.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/settings.h"
#include "core/dead_letter_source.h"
#include "core/ports.h"
#include "kafka/handles.h"
#include "kafka/recent_errors.h"

namespace kafka_events {

class DeadLetterReader final : public DeadLetterSource {
 public:
  /// Connects as the worker does. Starts the client, waits for nothing.
  static Result<std::unique_ptr<DeadLetterSource>> open(const config::WorkerSettings& worker, Log& log,
                                                        std::string oauth_token_file = {});
  ~DeadLetterReader() override;
  DeadLetterReader(const DeadLetterReader&) = delete;
  DeadLetterReader& operator=(const DeadLetterReader&) = delete;

  Result<std::vector<std::string>> topics(Deadline deadline) override;
  Result<std::vector<DeadLetterPartition>> partitions(std::span<const std::string> topics, Deadline deadline) override;
  Result<void> read(std::span<const DeadLetterPosition> from, Deadline deadline) override;
  Result<std::optional<DeadLetterRead>> next(Deadline deadline) override;
  Result<void> commit(std::span<const DeadLetterPosition> positions, Deadline deadline) override;

 private:
  DeadLetterReader(rd_kafka_t* client, std::string group, std::string oauth_token_file, Log& log)
      : client_(client),
        queue_(rd_kafka_queue_get_consumer(client)),
        group_(std::move(group)),
        oauth_token_file_(std::move(oauth_token_file)),
        log_(log),
        client_log_(log, "kafka.librdkafka") {}

  [[nodiscard]] Result<MetadataHandle> metadata(Deadline deadline);
  void serve_waiting_events();

  rd_kafka_t* const client_;
  QueueHandle queue_;
  const std::string group_;
  const std::string oauth_token_file_;
  Log& log_;
  RecentErrors client_log_;
  std::string last_error_;
  EventOwner at_hand_;  // the record that next() gave
  std::vector<Header> headers_;
};

/// The group whose offsets say what of a worker's dead letters was redriven.
[[nodiscard]] std::string redrive_group(std::string_view group);

}  // namespace kafka_events
