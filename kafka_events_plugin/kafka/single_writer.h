// The only writer of its topics: every topic has a transactional id of its own, so that a second writer fences the first
// (KIP-98). Records go in transactions that are committed every few milliseconds.
//
//   bus ─► pipeline ─send─► queue (bounded) ─► a thread: begin, produce, commit ─► reports after the commit
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "config/settings.h"
#include "core/handover.h"
#include "core/ports.h"

namespace kafka_events {

struct SingleWriterStatus {
  std::string topic;
  std::string state;            ///< connecting, writing, fenced, stopped
  std::string trouble;          ///< for a person; empty if there is none
  std::uint64_t committed = 0;  ///< transactions
  std::uint64_t aborted = 0;
  std::uint64_t delivered = 0;  ///< records
  std::uint64_t failed = 0;
  std::uint64_t waiting = 0;  ///< records without a report
};

/// A sink for routes with single_writer. A record whose topic was taken over by another writer is refused, and its event
/// undeliverable, until the plugin is started anew, which takes the topic back.
class SingleWriter final : public RecordSink {
 public:
  /// Each topic has a client of its own, with its threads.
  static constexpr std::size_t max_topics = 16;

  /// Starts and connects nothing. `log` outlives it.
  static Result<std::unique_ptr<SingleWriter>> create(const config::ProducerSettings& settings, Log& log,
                                                      std::string oauth_token_file = {});
  ~SingleWriter() override;
  SingleWriter(const SingleWriter&) = delete;
  SingleWriter& operator=(const SingleWriter&) = delete;

  /// `listener` outlives stop(). Topics are taken when they are opened first, those of an earlier start at once.
  /// [lifecycle thread]
  Result<void> start(DeliveryListener& listener);
  /// Commits what there is, to the deadline; the rest is reported as failed. True: nothing was left. [lifecycle thread]
  bool stop(std::chrono::steady_clock::time_point deadline);

  Result<TopicId> open_topic(std::string_view name) override;
  SendStatus send(const OutboundRecord& record) noexcept override;
  [[nodiscard]] std::string explain(SendStatus status, const OutboundRecord& record) const override;

  [[nodiscard]] std::vector<SingleWriterStatus> status() const;  ///< [any thread]

 private:
  class Impl;
  explicit SingleWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace kafka_events
