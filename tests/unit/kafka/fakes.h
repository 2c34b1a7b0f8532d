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

/// An event handle that is only a number, aligned as events are.
inline EventHandle numbered(std::uintptr_t number) { return reinterpret_cast<EventHandle>(number << 4U); }
inline std::uintptr_t number_of(EventHandle event) { return reinterpret_cast<std::uintptr_t>(event) >> 4U; }

struct Report {
  std::uintptr_t number = 0;
  std::string topic;
  std::int32_t partition = -1;
  std::int64_t offset = -1;
  bool delivered = false;
  std::string reason;
  std::int64_t latency_us = 0;
  bool has_event = true;
  Failure failure = Failure::none;
  // Of a failed record.
  bool maybe_written = false;
  std::string key{};
  std::string value{};
  std::vector<std::pair<std::string, std::string>> headers{};
  std::int64_t timestamp_ms = 0;
};

class ReportCollector final : public DeliveryListener {
 public:
  void on_deliveries(std::span<const DeliveryReport> reports) noexcept override {
    const std::lock_guard lock(mutex_);
    for (const DeliveryReport& report : reports) {
      const bool has_event = report.event != nullptr;
      reports_.push_back({has_event ? number_of(report.event) : report.number, std::string(report.topic),
                          report.partition, report.offset, report.delivered, std::string(report.reason),
                          report.latency_us, has_event, report.failure});
      if (report.failed != nullptr) note(*report.failed, reports_.back());
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
  static void note(const FailedDelivery& failed, Report& report) {
    report.maybe_written = failed.maybe_written;
    report.key = failed.key;
    report.value = failed.value;
    for (const Header& header : failed.headers) report.headers.emplace_back(header.name, header.value);
    report.timestamp_ms = failed.timestamp_ms;
  }

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
