// A record that is seen again and again, unfinished, is old.
#include "inbound/slow_handlers.h"

#include <algorithm>
#include <array>

#include "inbound/event_maker.h"

namespace kafka_events {

std::optional<OldestInFlight> SlowHandlers::look(std::span<const InFlightRecord> oldest, Clock::time_point now) {
  next_look_ = now + interval;
  {
    const std::lock_guard lock(mutex_);
    std::map<TopicPartition, Seen> seen;
    for (const InFlightRecord& each : oldest) {
      const auto before = seen_.find(each.partition);
      const bool same =
          before != seen_.end() && before->second.offset == each.offset && before->second.attempt == each.attempt;
      seen[each.partition] = {each.offset, each.attempt, same ? before->second.since : now};
    }
    seen_ = std::move(seen);
  }
  auto found = this->oldest(now);
  if (!found || found->age < limit_ || now < next_report_) return std::nullopt;
  next_report_ = now + report_interval;
  return found;
}

std::optional<OldestInFlight> SlowHandlers::oldest(Clock::time_point now) const {
  const std::lock_guard lock(mutex_);
  const auto first = std::ranges::min_element(seen_, {}, [](const auto& each) { return each.second.since; });
  if (first == seen_.end()) return std::nullopt;
  const auto age = std::chrono::duration_cast<std::chrono::milliseconds>(now - first->second.since);
  return OldestInFlight{first->first, first->second.offset, age, age >= limit_};
}

void report_slow_handler(Log& log, std::string_view worker, const OldestInFlight& slow, std::string_view event_topic) {
  const std::string record = record_id(slow.partition.topic, slow.partition.partition, slow.offset);
  const std::string seconds = std::to_string(slow.age.count() / 1000);
  const std::array fields{LogField{"kafka_events.event_topic", event_topic}, LogField{"kafka_events.record", record},
                          LogField{"seconds", seconds}};
  log.write(LogLevel::warning, "inbound." + std::string(worker), "a handler does not complete an event", fields);
}

void AtHandNote::change(std::string_view topic, std::int32_t partition, std::string_view event_topic) {
  const std::lock_guard lock(mutex_);
  partition_.topic = topic;
  partition_.partition = partition;
  event_topic_ = event_topic;
}

AtHand AtHandNote::get() const {
  const std::lock_guard lock(mutex_);
  const std::int64_t offset = offset_.load(std::memory_order_relaxed);
  if (offset < 0) return {};
  return {event_topic_, record_id(partition_.topic, partition_.partition, offset)};
}

}  // namespace kafka_events
