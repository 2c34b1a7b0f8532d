// The bridge of the newest configuration, for a controller and routes that live longer than one configuration.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "admin/service.h"
#include "plugin/bridge.h"

namespace kafka_events {

/// Any thread. set() comes before everything else.
class CurrentBridge final : public admin::BridgeService {
 public:
  [[nodiscard]] std::shared_ptr<Bridge> get() const {
    const std::scoped_lock lock(mutex_);
    return bridge_;
  }
  void set(std::shared_ptr<Bridge> bridge) {
    const std::scoped_lock lock(mutex_);
    bridge_.swap(bridge);
  }
  /// From a drain on until the next start by the host, nobody else starts it again.
  void forbid_start(bool forbidden) { start_forbidden_ = forbidden; }

  Result<void> start() override {
    if (start_forbidden_) return Error(ErrorCode::state, "the host is ending the plugin");
    return get()->start();
  }
  Result<admin::StopCounts> stop(std::chrono::steady_clock::time_point deadline) override {
    return get()->stop(deadline);
  }
  [[nodiscard]] admin::StatusView status() const override { return get()->status(); }
  [[nodiscard]] admin::ConfigurationView configuration() const override { return get()->configuration(); }
  [[nodiscard]] Explanation explain(const Event& event) const override { return get()->explain(event); }
  Result<void> command(const std::string& worker, ConsumerCommand command,
                       std::chrono::steady_clock::time_point deadline, admin::CommandAnswer answer) override {
    return get()->command(worker, std::move(command), deadline, std::move(answer));
  }
  Result<void> topics(const admin::TopicCall& call) override { return get()->topics(call); }
  Result<void> list_dead_letters(DeadLetterQuery query, std::chrono::steady_clock::time_point deadline,
                                 admin::ListAnswer answer) override {
    return get()->list_dead_letters(std::move(query), deadline, std::move(answer));
  }
  Result<void> redrive(RedriveRequest request, std::chrono::steady_clock::time_point answer_by,
                       admin::RedriveAnswer answer) override {
    return get()->redrive(std::move(request), answer_by, std::move(answer));
  }
  [[nodiscard]] std::optional<RedriveReport> last_redrive() const override { return get()->last_redrive(); }
  [[nodiscard]] std::vector<std::string> worker_names() const override { return get()->worker_names(); }

 private:
  mutable std::mutex mutex_;  // guards bridge_
  std::shared_ptr<Bridge> bridge_;
  std::atomic<bool> start_forbidden_{false};
};

}  // namespace kafka_events
