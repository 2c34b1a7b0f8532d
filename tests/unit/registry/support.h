// A client against the tiny server, a log that remembers, and waiting with a deadline.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/ports.h"
#include "http_server.h"
#include "registry/schema_registry_client.h"

namespace registry_test {

using kafka_events::ErrorCode;
using kafka_events::Result;
using kafka_events::SchemaPointer;
using kafka_events::SchemaRegistryClient;
using kafka_events::SubjectRequest;

class MemoryLog final : public kafka_events::Log {
 public:
  [[nodiscard]] bool enabled(kafka_events::LogLevel) const noexcept override { return true; }
  void write(kafka_events::LogLevel, std::string_view, std::string_view message,
             std::span<const kafka_events::LogField> fields) noexcept override {
    const std::lock_guard lock(mutex_);
    lines_.emplace_back(message);
    for (const auto& field : fields) lines_.back().append(" ").append(field.value);
  }
  [[nodiscard]] std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

template <class Condition>
bool within(std::chrono::milliseconds limit, const Condition& condition) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}
inline constexpr std::chrono::milliseconds patience{10000};

/// The first answer that is not `unavailable`.
template <class Ask>
Result<SchemaPointer> settled(const Ask& ask) {
  Result<SchemaPointer> answer = ask();
  within(patience, [&] { return (answer = ask()).ok() || answer.error().code != ErrorCode::unavailable; });
  return answer;
}

struct Client {
  MemoryLog log;
  kafka_events::config::RegistrySettings settings;
  std::unique_ptr<SchemaRegistryClient> client;

  explicit Client(std::vector<std::string> urls, bool start = true) {
    settings.urls = std::move(urls);
    make();
    if (start && !client->start().ok()) std::abort();
  }
  void make() {
    auto made = SchemaRegistryClient::create(settings, log);
    if (!made) std::abort();
    client = std::move(made.value());
  }
  Result<SchemaPointer> by_id(std::uint32_t id) {
    return settled([&] { return client->by_id(id); });
  }
  Result<SchemaPointer> by_subject(const SubjectRequest& request) {
    return settled([&] { return client->by_subject(request); });
  }
};

}  // namespace registry_test
