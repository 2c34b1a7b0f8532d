// What the limits of tenants cost: enter() and leave() of one event, with all limits on. The reference is what one would
// write first: an unordered_map from the tenant to its buckets behind one mutex.

#include <algorithm>
#include <chrono>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "harness.h"
#include "outbound/tenant_gate.h"

namespace {

using namespace bench;
using kafka_events::TenantGate;
using kafka_events::TenantVerdict;

constexpr std::size_t payload = 1000;
constexpr std::uint64_t plenty = 1'000'000'000;  // no event is refused

class MapBehindMutex {
 public:
  bool enter(const std::string& tenant, std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    const std::int64_t now = kafka_events::monotonic_ns();
    Tenant& entry = tenants_[tenant];
    if (entry.in_flight >= plenty || entry.events_full_at > now + burst || entry.bytes_full_at > now + burst)
      return false;
    entry.events_full_at = std::max(entry.events_full_at, now) + 1;
    entry.bytes_full_at = std::max(entry.bytes_full_at, now) + static_cast<std::int64_t>(bytes) / 1000;
    ++entry.in_flight;
    return true;
  }
  void leave(const std::string& tenant) {
    const std::lock_guard lock(mutex_);
    --tenants_[tenant].in_flight;
  }

 private:
  static constexpr std::int64_t burst = 1'000'000'000;
  struct Tenant {
    std::int64_t events_full_at = 0;
    std::int64_t bytes_full_at = 0;
    std::uint64_t in_flight = 0;
  };
  std::mutex mutex_;
  std::unordered_map<std::string, Tenant> tenants_;
};

class Gate {
 public:
  Gate() : gate_(settings()) {}
  bool enter(const std::string& tenant, std::size_t bytes) { return gate_.enter(tenant, bytes) == TenantVerdict::pass; }
  void leave(const std::string& tenant) { gate_.leave(tenant, payload); }
  [[nodiscard]] kafka_events::TenantStatistics statistics() const { return gate_.statistics(); }

 private:
  static kafka_events::config::TenantSettings settings() {
    kafka_events::config::TenantSettings all;
    all.max_events_per_second = plenty;
    all.max_bytes_per_second = plenty * 1000;
    all.max_in_flight = plenty;
    all.fair_from = plenty;
    return all;
  }
  TenantGate gate_;
};

std::vector<std::string> names(std::size_t count) {
  std::vector<std::string> all;
  for (std::size_t number = 0; number < count; ++number) {
    std::string name = "wallet-00000000-0000-4000-8000-";
    all.push_back(name.append(std::to_string(100'000'000'000 + number * 7919)));
  }
  return all;
}

/// Each thread has a stride of its own, so that they meet in the table as publishers do. Nanoseconds an event and thread.
template <class Limits>
double run(Limits& limits, const std::vector<std::string>& tenants, std::size_t events, std::size_t threads) {
  const auto work = [&](std::size_t at, std::size_t stride) {
    for (std::size_t event = 0; event < events; ++event, at = (at + stride) % tenants.size()) {
      if (!limits.enter(tenants[at], payload)) give_up("an event was refused");
      limits.leave(tenants[at]);
    }
  };
  const double began = now();
  std::vector<std::thread> others;
  for (std::size_t other = 1; other < threads; ++other) others.emplace_back(work, other % tenants.size(), 7 + other);
  work(0, 1);
  for (std::thread& other : others) other.join();
  return (now() - began) * 1e9 / static_cast<double>(events);
}

void measure(const Options& options, std::size_t tenants, std::size_t threads) {
  const std::vector<std::string> all = names(tenants);
  const std::size_t events = options.count != 0 ? options.count : 1'000'000;
  MapBehindMutex map;
  Gate gate;
  Figure figure{"tenants_" + std::to_string(tenants) + "_threads_" + std::to_string(threads), "ns", Better::less, {}};
  figure.note("events", events);
  figure.note("reference", "unordered_map of the ids behind one mutex");
  figure.note("what", "enter and leave of one event, all limits on, ids of 43 characters");
  const Pairs pairs = run_pairs(
      options.pairs, [&] { return run(map, all, events, threads); }, [&] { return run(gate, all, events, threads); });
  figure.note("entries", gate.statistics().known);
  figure.note("table_bytes", gate.statistics().bytes);
  report(options, figure, pairs);
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse_options(argc, argv);
  for (const std::size_t threads : {1U, 2U}) {
    for (const std::size_t tenants : {1U, 1000U, 100'000U}) measure(options, tenants, threads);
  }
  return 0;
}
