// What an inbound pipeline has done so far, for metrics and status pages.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/record.h"

namespace kafka_events {

/// The record that has been with its handlers for longest.
struct OldestInFlight {
  TopicPartition partition;
  std::int64_t offset = 0;
  std::chrono::milliseconds age{0};  ///< since it was first seen there, which is a second after its start at most
  bool too_old = false;              ///< its handlers hang, by all that can be told
};

/// Counts since creation of the pipeline; they only grow, but for in_flight and waiting_for_schema.
struct InboundStatistics {
  std::uint64_t records = 0;  ///< taken from the consumer
  std::uint64_t events = 0;   ///< published, attempts after the first not counted
  std::uint64_t done = 0;     ///< records whose handlers all succeeded
  std::uint64_t decode_failures = 0;
  std::uint64_t handler_failures = 0;  ///< attempts that ended failed or busy
  std::uint64_t retries = 0;           ///< attempts after the first
  std::uint64_t skipped = 0;
  std::uint64_t dead_lettered = 0;  ///< acknowledged by the broker
  std::uint64_t dead_letter_failures = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t aborted_transactions = 0;  ///< of exactly_once; their records were or will be handled again
  std::uint64_t own = 0;                 ///< records that this agent wrote itself, passed over (loop_guard.accept_own)
  std::uint64_t loops_ended = 0;         ///< records that came through max_hops agents, passed over
  std::uint64_t waiting_for_schema = 0;  ///< partitions that rest because a schema is not known yet; goes down too
  std::string waiting_reason;            ///< why the newest of these waits, for a person; empty: none does
  std::vector<TopicPartition> stopped;   ///< rest for good because a record could not be handled (on_failure: stop)
  std::string reason;                    ///< why the newest of them stopped, for a person; no payload, no tenant
  std::optional<OldestInFlight> oldest{};  ///< none: nothing is in flight, give or take a second
};

}  // namespace kafka_events
