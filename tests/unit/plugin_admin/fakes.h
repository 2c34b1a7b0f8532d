// Small fakes of the ports around the admin part.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "admin/service.h"
#include "core/admin_routes.h"
#include "core/ports.h"

namespace kafka_events::test {

class QuietLog final : public Log {
 public:
  [[nodiscard]] bool enabled(LogLevel /*level*/) const noexcept override { return false; }
  void write(LogLevel /*level*/, std::string_view /*component*/, std::string_view /*message*/,
             std::span<const LogField> /*fields*/) noexcept override {}
};

/// Does what the test says; counts calls, and fails the test if two overlap.
class FakeBridge : public admin::BridgeService {
 public:
  Result<void> start() override {
    const Entered entered(*this);
    ++starts;
    return on_start ? on_start() : Result<void>();
  }
  Result<admin::StopCounts> stop(std::chrono::steady_clock::time_point deadline) override {
    const Entered entered(*this);
    ++stops;
    last_deadline = deadline;
    return on_stop ? on_stop() : Result<admin::StopCounts>(admin::StopCounts{1, 2, 3, true});
  }
  [[nodiscard]] admin::StatusView status() const override { return status_view; }
  [[nodiscard]] admin::ConfigurationView configuration() const override { return configuration_view; }
  [[nodiscard]] Explanation explain(const Event& event) const override {
    Explanation explanation;
    explanation.event_topic = event.topic;
    explanation.not_sent_because = is_null(event.payload) ? "null payload" : std::string(event.payload);
    return explanation;
  }

  Result<void> command(const std::string& worker, ConsumerCommand command,
                       std::chrono::steady_clock::time_point /*deadline*/, admin::CommandAnswer answer) override {
    commands.emplace_back(worker, command);
    if (refuse) return *refuse;
    answer(fail_later ? Result<std::vector<admin::PartitionView>>(*fail_later) : partitions);
    return {};
  }
  Result<void> list_dead_letters(DeadLetterQuery query, std::chrono::steady_clock::time_point /*deadline*/,
                                 admin::ListAnswer answer) override {
    queries.push_back(query);
    if (refuse) return *refuse;
    answer(fail_later ? Result<DeadLetterList>(*fail_later) : letters);
    return {};
  }
  Result<void> redrive(RedriveRequest request, std::chrono::steady_clock::time_point /*answer_by*/,
                       admin::RedriveAnswer answer) override {
    redrives.push_back(request);
    if (refuse) return *refuse;
    answer(report);
    return {};
  }
  [[nodiscard]] std::optional<RedriveReport> last_redrive() const override { return last; }
  [[nodiscard]] std::vector<std::string> worker_names() const override { return workers; }

  std::vector<std::pair<std::string, ConsumerCommand>> commands;
  std::vector<DeadLetterQuery> queries;
  std::vector<RedriveRequest> redrives;
  std::optional<Error> refuse;
  std::optional<Error> fail_later;
  std::vector<admin::PartitionView> partitions;
  DeadLetterList letters;
  RedriveReport report;
  std::optional<RedriveReport> last;
  std::vector<std::string> workers{"inbound"};

  std::function<Result<void>()> on_start;
  std::function<Result<admin::StopCounts>()> on_stop;
  std::atomic<int> starts{0};
  std::atomic<int> stops{0};
  std::atomic<bool> overlapped{false};
  std::chrono::steady_clock::time_point last_deadline;
  admin::StatusView status_view;
  admin::ConfigurationView configuration_view;

 private:
  struct Entered {
    explicit Entered(FakeBridge& fake) : bridge(fake) {
      if (bridge.inside_.fetch_add(1) != 0) bridge.overlapped = true;
    }
    ~Entered() { --bridge.inside_; }
    Entered(const Entered&) = delete;
    Entered& operator=(const Entered&) = delete;
    FakeBridge& bridge;
  };
  std::atomic<int> inside_{0};
};

/// A server without sockets.
class FakeServer final : public AdminRoutes {
 public:
  Result<void> add(const RouteSpec& spec, RequestHandler& handler) override {
    const std::string name = std::string(spec.method) + " " + std::string(spec.path);
    if (name == taken) return Error(ErrorCode::exists, "taken");
    schemas[name] = spec.response_schema;
    if (!spec.request_schema.empty()) schemas[name + " request"] = spec.request_schema;
    handlers[name] = &handler;
    return {};
  }
  void remove_all() noexcept override { handlers.clear(); }
  void reply(std::uint64_t exchange, const HttpReply& reply) noexcept override {
    const std::scoped_lock lock(mutex_);
    replies_[exchange] = reply;
    answered_.notify_all();
  }

  /// Sends a request and waits for its reply; status 0 if none came within five seconds.
  HttpReply call(const std::string& method, const std::string& path,
                 std::vector<std::pair<std::string, std::string>> query = {}, std::string body = {}) {
    const std::uint64_t exchange = ++next_;
    const auto handler = handlers.find(method + " " + path);
    if (handler == handlers.end()) return {404, "", ""};
    handler->second->on_request(
        {method, path, std::move(query), std::move(body), std::chrono::seconds(5), path_parameters}, exchange);
    std::unique_lock lock(mutex_);
    answered_.wait_for(lock, std::chrono::seconds(5), [&] { return replies_.contains(exchange); });
    return replies_.contains(exchange) ? replies_[exchange] : HttpReply{0, "", ""};
  }

  std::vector<std::pair<std::string, std::string>> path_parameters;
  std::string taken;
  std::map<std::string, RequestHandler*> handlers;
  std::map<std::string, std::string> schemas;

 private:
  std::uint64_t next_ = 0;
  std::mutex mutex_;
  std::condition_variable answered_;
  std::map<std::uint64_t, HttpReply> replies_;
};

}  // namespace kafka_events::test
