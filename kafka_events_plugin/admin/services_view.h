// What /kafka/status says of schemas, requests, tenants and single writers; each only if the configuration has it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kafka_events::admin {

struct RegistryView {
  std::string url;
  bool reachable = false;
  std::string trouble;
  std::uint64_t schemas = 0;
  std::uint64_t requests = 0;
  std::uint64_t failures = 0;
  std::uint64_t registered = 0;
  std::uint64_t waiting = 0;
};

struct RequestsView {
  std::uint64_t pending = 0;
  std::uint64_t sent = 0;
  std::uint64_t answered = 0;
  std::uint64_t timed_out = 0;
  std::uint64_t late = 0;
  std::uint64_t unknown = 0;
  std::uint64_t refused = 0;
  double p50_seconds = 0;
  double p99_seconds = 0;
};

/// Never which ones.
struct TenantsView {
  std::uint64_t known = 0;
  std::uint64_t active = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t refused_events_per_second = 0;
  std::uint64_t refused_bytes_per_second = 0;
  std::uint64_t refused_in_flight = 0;
  std::uint64_t refused_fair_share = 0;
  std::uint64_t without_entry = 0;
  std::uint64_t bytes = 0;
};

struct WriterView {
  std::string topic;
  std::string state;
  std::string trouble;
  std::uint64_t committed = 0;
  std::uint64_t aborted = 0;
  std::uint64_t delivered = 0;
  std::uint64_t failed = 0;
  std::uint64_t waiting = 0;
};

struct ServicesView {
  std::optional<RegistryView> registry;
  std::optional<RequestsView> requests;
  std::optional<TenantsView> tenants;
  std::vector<WriterView> writers;
};

}  // namespace kafka_events::admin
