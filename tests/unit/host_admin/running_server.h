// A real bus, route table and admin server on a free port, for tests.
#pragma once

#include <chrono>
#include <doctest/doctest.h>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "admin/host_control.h"
#include "admin/route_table.h"
#include "admin/server.h"
#include "bus/event_bus.h"
#include "log/log_sink.h"

namespace host_admin_tests {

class QuietLog : public host_stub::LogSink {
 public:
  [[nodiscard]] host_stub::LogLevel level() const noexcept override { return host_stub::LogLevel::error; }
  void write(host_stub::LogLevel, std::string_view, std::string_view, std::string_view,
             std::span<const host_stub::LogField>) noexcept override {}
};

class FixedControl : public host_stub::HostControl {
 public:
  std::string status_json() override { return R"({"label":"test agent"})"; }
  std::vector<host_stub::PluginSummary> plugins() override { return loaded; }
  host_stub::HostHealth health() override { return present_health; }
  void collect_metrics(const agent_metrics_sink& sink) override {
    if (collect) collect(sink);
  }
  void request_shutdown() override { shutdowns.fetch_add(1); }

  std::vector<host_stub::PluginSummary> loaded;
  host_stub::HostHealth present_health;
  std::function<void(const agent_metrics_sink&)> collect;
  std::atomic<int> shutdowns{0};
};

struct RunningServer {
  explicit RunningServer(host_stub::AdminServerOptions options = insecure(),
                         host_stub::EventBusOptions bus_options = {}, host_stub::RouteTable::Options table = {})
      : bus(std::move(bus_options)), routes(table) {
    REQUIRE(routes.start().ok());
    auto made = host_stub::AdminServer::create(std::move(options), routes, bus, control, log);
    REQUIRE_MESSAGE(made.ok(), made.error().message);
    server = std::move(made).value();
    const auto started = server->start();
    REQUIRE_MESSAGE(started.ok(), started.error().message);
    port = server->port();
  }

  static host_stub::AdminServerOptions insecure() {
    host_stub::AdminServerOptions options;
    options.insecure_mode = true;
    return options;
  }
  static host_stub::AdminServerOptions with_key(std::string key) {
    host_stub::AdminServerOptions options;
    options.api_key = std::move(key);
    return options;
  }

  host_stub::EventBus bus;
  host_stub::RouteTable routes;
  FixedControl control;
  QuietLog log;
  std::unique_ptr<host_stub::AdminServer> server;
  std::uint16_t port = 0;
};

/// Waits until `condition` holds; false after ten seconds.
inline bool eventually(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

inline agent_text text(std::string_view value) { return {value.data(), value.size()}; }

/// A handler on the bus that notes what it gets and answers as it is told.
class Recorder {
 public:
  using Answer = std::function<std::int32_t(const agent_event&)>;
  Recorder(host_stub::EventBus& bus, std::string_view pattern, Answer answer) : bus_(bus), answer_(std::move(answer)) {
    const agent_text patterns[] = {text(pattern)};
    agent_subscription subscription{};
    subscription.size = sizeof subscription;
    subscription.pattern_count = 1;
    subscription.patterns = patterns;
    subscription.name = text("recorder");
    subscription.context = this;
    subscription.on_event = [](void* self, const agent_event* event) {
      return static_cast<Recorder*>(self)->answer_(*event);
    };
    REQUIRE(bus.subscribe(subscription, 1, &token_, nullptr) == AGENT_OK);
  }
  ~Recorder() { bus_.unsubscribe(token_); }
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

 private:
  host_stub::EventBus& bus_;
  Answer answer_;
  std::uint64_t token_ = 0;
};

/// A route of a plugin, from a function.
class PluginRoute {
 public:
  using Handle = std::function<void(const agent_http_request&, std::uint64_t)>;
  PluginRoute(std::string method, std::string path, Handle handle)
      : method_(std::move(method)), path_(std::move(path)), handle_(std::move(handle)) {}
  PluginRoute(const PluginRoute&) = delete;
  PluginRoute& operator=(const PluginRoute&) = delete;

  [[nodiscard]] agent_route route() {
    agent_route made{};
    made.size = sizeof made;
    made.method = text(method_);
    made.path = text(path_);
    made.summary = text("A route of a test");
    made.context = this;
    made.handle = [](void* self, const agent_http_request* request, std::uint64_t exchange) {
      static_cast<PluginRoute*>(self)->handle_(*request, exchange);
    };
    return made;
  }
  std::int32_t add_to(host_stub::RouteTable& table, std::uint64_t owner = 7) {
    return table.add(route(), owner, &token, nullptr);
  }

  std::uint64_t token = 0;

 private:
  std::string method_;
  std::string path_;
  Handle handle_;
};

inline agent_http_reply json(std::string_view body, std::int32_t status = 200) {
  return {sizeof(agent_http_reply), status, text("application/json"), {body.data(), body.size()}};
}

inline std::string string(agent_text value) { return {value.data, value.size}; }

}  // namespace host_admin_tests
