// Figures of schemas, requests, tenants and single writers, and how they are named on a metrics page. No label ever holds
// a tenant.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "telemetry/metrics_writer.h"

namespace kafka_events::telemetry {

struct RegistryFigures {
  bool up = false;
  std::uint64_t schemas = 0;
  std::uint64_t requests = 0;
  std::uint64_t failures = 0;
};

struct RequestFigures {
  std::uint64_t pending = 0;
  std::uint64_t sent = 0;
  std::uint64_t answered = 0;
  std::uint64_t timed_out = 0;
  std::uint64_t late = 0;
  std::uint64_t unknown = 0;
  std::uint64_t refused = 0;
};

struct TenantFigures {
  std::uint64_t known = 0;
  std::uint64_t active = 0;
  std::uint64_t window = 0;
  std::uint64_t over_event_rate = 0;
  std::uint64_t over_byte_rate = 0;
  std::uint64_t over_in_flight = 0;
  std::uint64_t over_fair_share = 0;
};

struct WriterFigures {
  std::string topic;
  bool writing = false;
  std::uint64_t committed = 0;
  std::uint64_t aborted = 0;
};

struct ServicesFigures {
  std::optional<RegistryFigures> registry{};
  std::optional<RequestFigures> requests{};
  std::optional<TenantFigures> tenants{};
  std::vector<WriterFigures> writers{};
};

/// Writes those that are there. Any thread.
void write(const ServicesFigures& figures, MetricsWriter& writer);

}  // namespace kafka_events::telemetry
