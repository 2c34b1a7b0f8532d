// The counters of routes under names that every version of this module understands.
#include <charconv>

#include "outbound/pipeline.h"

namespace kafka_events {
namespace {

constexpr std::string_view latency = "latency_us.";
constexpr std::string_view above = "more";

constexpr std::string_view status_events = "status_events";
constexpr std::string_view status_failures = "status_failures";

std::string bucket_name(std::size_t bucket) {
  const bool last = bucket == latency_bounds_us.size();
  return std::string(latency).append(last ? std::string(above) : std::to_string(latency_bounds_us[bucket]));
}

/// By its upper bound; a bound that this version does not have goes to the next one.
std::size_t bucket_of(std::string_view bound) noexcept {
  std::int64_t upper = 0;
  const auto parsed = std::from_chars(bound.data(), bound.data() + bound.size(), upper);
  if (parsed.ec != std::errc()) return latency_bounds_us.size();
  std::size_t bucket = 0;
  while (bucket < latency_bounds_us.size() && latency_bounds_us[bucket] < upper) ++bucket;
  return bucket;
}

}  // namespace

void RouteCounters::write(const std::string& name, Counters& to) const {
  const RouteStatistics now = read(name);
  const auto add = [&](std::string counter, std::uint64_t value) {
    if (value > 0) to.push_back({std::move(counter), name, value});
  };
  add("sent", now.sent);
  add("busy", now.busy);
  add("refused", now.refused);
  add("failed", now.failed);
  add("bytes", now.bytes);
  add("latency_sum_us", now.latency.sum_us);
  for (std::size_t bucket = 0; bucket < now.latency.buckets.size(); ++bucket) {
    add(bucket_name(bucket), now.latency.buckets[bucket]);
  }
}

void RouteCounters::seed(const CounterHandover& counter) noexcept {
  const std::string_view name = counter.name;
  if (name == "sent") sent_ = counter.value;
  if (name == "busy") busy_ = counter.value;
  if (name == "refused") refused_ = counter.value;
  if (name == "failed") failed_ = counter.value;
  if (name == "bytes") bytes_ = counter.value;
  if (name == "latency_sum_us") sum_us_ = counter.value;
  if (name.starts_with(latency)) add(buckets_[bucket_of(name.substr(latency.size()))], counter.value);
}

void RouteCounters::clear() noexcept {
  for (Counter* counter : {&sent_, &busy_, &refused_, &failed_, &bytes_, &sum_us_}) *counter = 0;
  for (Counter& bucket : buckets_) bucket = 0;
}

Counters OutboundPipeline::counters() const {
  Counters all = {{std::string(status_events), {}, status_events_.published()},
                  {std::string(status_failures), {}, status_events_.failures()}};
  const std::vector<Route>& routes = router_.routes();
  for (std::size_t index = 0; index < routes.size(); ++index) counters_[index].write(routes[index].settings.name, all);
  return all;
}

void OutboundPipeline::seed(const Counters& counters) {
  const std::vector<Route>& routes = router_.routes();
  for (std::size_t index = 0; index < routes.size(); ++index) counters_[index].clear();
  for (const CounterHandover& counter : counters) {
    if (counter.name == status_events) status_events_.seed_published(counter.value);
    if (counter.name == status_failures) status_events_.seed_failures(counter.value);
    for (std::size_t index = 0; index < routes.size(); ++index) {
      if (routes[index].settings.name == counter.of) counters_[index].seed(counter);
    }
  }
}

}  // namespace kafka_events
