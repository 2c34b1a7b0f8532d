// The real host around the real module: bus, routes, plugin manager, and Kafka inside the process.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "admin/route_table.h"
#include "bus/event_bus.h"
#include "embedded_kafka/embedded_kafka.h"
#include "log/log_sink.h"
#include "plugins/plugin_manager.h"

namespace module_test {

using namespace std::chrono_literals;

/// Waits until it is so; false if it never was.
template <class Predicate>
[[nodiscard]] bool eventually(Predicate predicate, std::chrono::milliseconds limit = 20s) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!predicate()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

/// Keeps every line, so that a test can look for what must not be there.
class KeptLog final : public host_stub::LogSink {
 public:
  [[nodiscard]] host_stub::LogLevel level() const noexcept override { return host_stub::LogLevel::trace; }
  void write(host_stub::LogLevel level, std::string_view origin, std::string_view component, std::string_view message,
             std::span<const host_stub::LogField> fields) noexcept override;
  [[nodiscard]] bool mentions(std::string_view text) const;
  void clear();

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

/// A copy of an event that was seen on the bus.
struct SeenEvent {
  std::string topic;
  std::string tenant;
  std::string key;
  std::string id;
  std::string payload;
  bool null_payload = false;
  std::vector<std::pair<std::string, std::string>> headers;

  [[nodiscard]] std::string header(std::string_view name) const;
};

/// Sees what matches a pattern, for as long as it lives.
class Watcher {
 public:
  Watcher(host_stub::EventBus& bus, std::string_view pattern);
  ~Watcher();
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  [[nodiscard]] std::size_t count() const;
  [[nodiscard]] std::vector<SeenEvent> events() const;
  [[nodiscard]] bool wait_for(std::size_t count, std::chrono::milliseconds limit = 20s) const;

 private:
  static std::int32_t on_event(void* context, const agent_event* event);
  host_stub::EventBus& bus_;
  std::uint64_t token_ = 0;
  mutable std::mutex mutex_;
  std::vector<SeenEvent> events_;
};

class Host {
 public:
  Host();
  ~Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  /// Loads kafka_events.so; the outcome of the last one asked for.
  host_stub::Result<host_stub::PluginInfo> load(std::string_view path);
  host_stub::Result<void> configure(const std::string& yaml);
  /// load, configure, start with a good configuration; fails the test otherwise.
  void run(const std::string& yaml);
  /// Drains, stops and unloads; the reports tell whether the module left.
  std::vector<host_stub::UnloadReport> end();

  std::int32_t publish(std::string_view topic, std::string_view payload, std::string_view tenant = {},
                       std::string_view key = {});
  host_stub::HttpReply call(std::string_view method, std::string_view target);
  [[nodiscard]] host_stub::PluginHealth health() const;

  host_stub::EventBus bus{{.wallet_id = "base"}};
  host_stub::RouteTable routes;
  KeptLog log;
  std::vector<host_stub::ConfigProblem> problems;
  host_stub::PluginManager plugins;
};

/// kafka_events: {bootstrap_servers: …} and what is added to it, indented by two.
[[nodiscard]] std::string yaml(const std::string& servers, const std::string& more = {});

}  // namespace module_test
