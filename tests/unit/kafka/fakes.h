// Small stand-ins for the ports that kafka/ talks to.
#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "config/settings.h"
#include "core/ports.h"

namespace kafka_events {

class SilentLog final : public Log {
 public:
  [[nodiscard]] bool enabled(LogLevel level) const noexcept override { return level >= LogLevel::info; }
  void write(LogLevel, std::string_view, std::string_view message, std::span<const LogField>) noexcept override {
    const std::lock_guard lock(mutex_);
    lines_.emplace_back(message);
  }
  [[nodiscard]] std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

/// An event handle that is only a number.
inline EventHandle numbered(std::uintptr_t number) { return reinterpret_cast<EventHandle>(number); }
inline std::uintptr_t number_of(EventHandle event) { return reinterpret_cast<std::uintptr_t>(event); }

struct Report {
  std::uintptr_t number = 0;
  std::string topic;
  std::int32_t partition = -1;
  std::int64_t offset = -1;
  bool delivered = false;
  std::string reason;
  std::int64_t latency_us = 0;
};

class ReportCollector final : public DeliveryListener {
 public:
  void on_deliveries(std::span<const DeliveryReport> reports) noexcept override {
    const std::lock_guard lock(mutex_);
    for (const DeliveryReport& report : reports) {
      reports_.push_back({number_of(report.event), std::string(report.topic), report.partition, report.offset,
                          report.delivered, std::string(report.reason), report.latency_us});
    }
  }
  [[nodiscard]] std::vector<Report> all() const {
    const std::lock_guard lock(mutex_);
    return reports_;
  }
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return reports_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Report> reports_;
};

inline config::Property property(std::string name, std::string value, bool secret = false) {
  return {std::move(name), std::move(value), secret, {"test.yaml", 3, 5, "kafka_events.librdkafka"}};
}

inline std::chrono::steady_clock::time_point in(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

}  // namespace kafka_events
