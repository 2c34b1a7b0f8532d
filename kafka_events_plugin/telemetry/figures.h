// All figures of one instance at one moment, and how they are named on a metrics page.
//
// Names and units follow Prometheus; consumer lag is called as the Kafka exporters call it, so that their dashboards
// work. No label ever holds a tenant; partitions appear while they are assigned and never as -1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "telemetry/metrics_writer.h"
#include "telemetry/services_figures.h"

namespace kafka_events::telemetry {

struct RouteFigures {
  std::string route{};
  std::uint64_t delivered = 0;
  std::uint64_t failed = 0;
  std::uint64_t busy = 0;
  std::uint64_t refused = 0;
  std::uint64_t bytes = 0;
  std::vector<std::uint64_t> latency_buckets{};  ///< not cumulative; one more than Figures::latency_bounds
  std::uint64_t latency_count = 0;
  double latency_seconds = 0;  ///< sum
};

struct PartitionFigures {
  std::string topic{};
  std::int32_t partition = -1;
  std::int64_t committed = -1;  ///< -1: not known, not written
  std::int64_t lag = -1;        ///< likewise
};

struct WorkerFigures {
  std::string worker{};
  std::string group{};
  bool up = false;
  std::uint64_t done = 0;
  std::uint64_t skipped = 0;
  std::uint64_t dead_lettered = 0;
  std::uint64_t decode_failures = 0;
  std::uint64_t handler_failures = 0;
  std::uint64_t dead_letter_failures = 0;
  std::uint64_t retries = 0;
  std::uint64_t rebalances = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t own = 0;
  std::uint64_t loops_ended = 0;
  std::uint64_t waiting_for_schema = 0;
  double oldest_seconds = 0;  ///< since the oldest record in flight went to its handlers
  std::vector<PartitionFigures> partitions{};
};

struct OutboxFigures {
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;
  std::uint64_t max_bytes = 0;
  std::uint64_t appended = 0;
  std::uint64_t refused = 0;
  std::uint64_t taken_back = 0;
  std::uint64_t committed = 0;
  std::uint64_t aborted = 0;
};

struct Figures {
  bool up = false;  ///< running, and a broker answers
  bool producer_up = false;
  std::uint64_t queue_messages = 0;
  std::uint64_t producer_recreated = 0;
  std::uint64_t status_events = 0;
  std::uint64_t status_failures = 0;
  std::vector<double> latency_bounds{};  ///< seconds, ascending
  std::optional<OutboxFigures> outbox{};
  std::vector<RouteFigures> routes{};
  std::vector<WorkerFigures> workers{};
  ServicesFigures services{};
};

/// Writes everything. Any thread.
void write(const Figures& figures, MetricsWriter& writer);

}  // namespace kafka_events::telemetry
