// Errors are few kinds repeated often: one entry a kind, found by its code and text.
#include "kafka/recent_errors.h"

#include <algorithm>
#include <utility>

namespace kafka_events {

void RecentErrors::add(LogLevel level, std::string_view code, std::string_view message) {
  const auto now = std::chrono::steady_clock::now();
  std::uint64_t unlogged = 0;
  {
    const std::lock_guard lock(mutex_);
    auto same = std::ranges::find_if(entries_, [&](const Entry& entry) { return entry.error.code == code; });
    if (same == entries_.end()) {
      if (entries_.size() == capacity) entries_.pop_back();
      entries_.push_front({{std::chrono::system_clock::now(), std::string(code), std::string(message), 1}, now, 0});
    } else {
      Entry entry = std::move(*same);
      entries_.erase(same);
      entry.error.last_seen = std::chrono::system_clock::now();
      entry.error.message = message;
      ++entry.error.times;
      const bool quiet = now - entry.logged < log_interval;
      if (quiet) {
        ++entry.unlogged;
      } else {
        entry.logged = now;
        unlogged = std::exchange(entry.unlogged, 0);
      }
      entries_.push_front(std::move(entry));
      if (quiet) return;
    }
  }
  const std::string repeated = std::to_string(unlogged);
  const LogField fields[] = {{"error.type", code}, {"repeated", repeated}};
  log_.write(level, component_, message, std::span(fields).first(unlogged > 0 ? 2 : 1));
}

std::vector<RecentError> RecentErrors::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<RecentError> errors;
  errors.reserve(entries_.size());
  for (const Entry& entry : entries_) errors.push_back(entry.error);
  return errors;
}

}  // namespace kafka_events
