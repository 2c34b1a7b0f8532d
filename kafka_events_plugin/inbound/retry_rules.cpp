#include "inbound/retry_rules.h"

#include <algorithm>
#include <array>

namespace kafka_events {

std::chrono::milliseconds pause_after(const config::RetrySettings& retries, std::uint32_t attempts) {
  const std::uint32_t doublings = std::min(attempts > 0 ? attempts - 1 : 0, 30U);
  const std::int64_t pause = retries.backoff.count() * (std::int64_t{1} << doublings);
  return std::min(std::chrono::milliseconds(pause), retries.max_backoff);
}

std::chrono::milliseconds pause_undecided(std::uint32_t times) {
  constexpr std::chrono::milliseconds first{50};
  constexpr std::chrono::milliseconds longest{5000};
  const std::uint32_t doublings = std::min(times > 0 ? times - 1 : 0, 10U);
  return std::min(first * (1U << doublings), longest);
}

std::string dead_letter_topic(const config::WorkerSettings& settings, std::string_view prefix, std::string_view topic) {
  if (topic.starts_with(prefix)) topic.remove_prefix(prefix.size());
  std::string name = settings.dead_letter_topic;
  for (const std::string_view placeholder : {"{topic}", "$topic"}) {
    if (const std::size_t at = name.find(placeholder); at != std::string::npos) {
      name.replace(at, placeholder.size(), topic);
    }
  }
  return std::string(prefix) + name;
}

namespace {

void announce(EventBus& bus, std::string_view topic, std::string_view record_id, std::string_view reason) {
  const std::array headers{Header{"kafka_events-reason", reason}};
  EventDraft announcement;
  announcement.topic = topic;
  announcement.id = record_id;
  announcement.headers = headers;
  (void)bus.publish(announcement, nullptr, 0);  // an announcement that nobody takes changes nothing
}

}  // namespace

void announce_skipped(EventBus& bus, std::string_view record_id, std::string_view reason) {
  announce(bus, "kafka_events::skipped", record_id, reason);
}

void announce_loop_ended(EventBus& bus, std::string_view record_id) {
  announce(bus, "kafka_events::loop_ended", record_id, loop_reason);
}

}  // namespace kafka_events
