// Requests that wait for their answers, and the reader of the topics that answers come on.
//
//   PendingRequests pending(settings.requests, bus, log);           // the outbound pipeline enters requests here
//   consumer->start(pending.reader());                              // a worker of its own reads the reply topics
//
// What becomes of a request is published as an event of its tenant, with the headers `kafka_correlationId` and
// `agent-cause` (the request's event id):
//   <topic>::reply           the answer: its payload, content type and headers
//   <topic>::reply_timeout   none came in time; no payload
//   <topic>::late_reply      one came after that, within ten minutes
// A second answer is counted and passed over.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "core/handover.h"
#include "core/ports.h"
#include "core/request_book.h"

namespace kafka_events {

inline constexpr std::string_view reply_suffix = "::reply";
inline constexpr std::string_view reply_timeout_suffix = "::reply_timeout";
inline constexpr std::string_view late_reply_suffix = "::late_reply";

struct RequestStatus {
  std::uint64_t pending = 0;
  std::uint64_t sent = 0;
  std::uint64_t answered = 0;
  std::uint64_t timed_out = 0;
  std::uint64_t late = 0;     ///< answers after the deadline
  std::uint64_t unknown = 0;  ///< answers to nobody's request here: another instance's, or a second answer
  std::uint64_t refused = 0;  ///< requests that were not taken because too many waited, or answers cannot be read yet
  std::uint64_t latency_p50_us = 0;  ///< from open() to the answer, of the last minutes
  std::uint64_t latency_p99_us = 0;
};

class PendingRequests final : public RequestBook {
 public:
  /// Bus and log outlive it.
  PendingRequests(const config::RequestSettings& settings, EventBus& bus, Log& log);
  ~PendingRequests() override;
  PendingRequests(const PendingRequests&) = delete;
  PendingRequests& operator=(const PendingRequests&) = delete;

  Result<void> open(std::string_view correlation_id, const Event& request, std::chrono::milliseconds timeout) override;
  void cancel(std::string_view correlation_id) noexcept override;

  /// The handler for the consumer of the reply topics, whose thread also looks at the deadlines. open() takes requests once
  /// partitions were assigned to it, or it was told that there is nothing to read yet, until that consumer ends.
  [[nodiscard]] RecordHandler& reader() noexcept;
  /// Nobody answers any more: all that wait get <topic>::reply_timeout with a `reason`. At a stop, when the consumer has
  /// ended. [lifecycle thread]
  void give_up(std::string_view reason);

  /// What waits, for another version of this module: here nothing waits any more. And from it; taking them over replaces
  /// nothing that waits already.
  [[nodiscard]] std::vector<RequestHandover> hand_over();
  void take_over(const std::vector<RequestHandover>& requests);
  [[nodiscard]] Counters counters() const;
  void seed(const Counters& counters);

  [[nodiscard]] RequestStatus status() const;  ///< [any thread]

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// The worker that reads the reply topics of all routes with reply_to; none if there are none. Its group is this process's
/// alone, so that every instance sees all answers; topics are read from now on, those that appear later from the beginning.
/// `inbound` gives the properties of the client.
[[nodiscard]] std::optional<config::WorkerSettings> reply_worker(const config::Settings& settings);

}  // namespace kafka_events
