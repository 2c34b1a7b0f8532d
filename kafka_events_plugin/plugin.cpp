// What the host drives, and how: the configuration becomes a Bridge, the controller starts and stops it, the admin
// routes show it. Lifecycle calls and HTTP requests meet in the controller's queue, so they never overlap.
#include "plugin.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "admin/controller.h"
#include "admin/routes.h"
#include "host/instance.h"
#include "host/lifecycle.h"
#include "plugin/bridge.h"
#include "plugin/current_bridge.h"
#include "plugin/handover_state.h"
#include "plugin/read_settings.h"
#include "plugin/version.h"
#include "telemetry/figures.h"

namespace kafka_events {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

class Plugin final : public host::Lifecycle {
 public:
  explicit Plugin(const host::Ports& ports) : ports_(ports), controller_(bridge_, ports.log) {
    if (ports.routes != nullptr) routes_.emplace(*ports.routes, controller_, bridge_);
  }
  ~Plugin() override { (void)Plugin::stop(); }

  Result<void> configure(const host::Configuration& configuration) override;
  Result<void> start() override;
  Result<host::DrainCounts> drain(std::chrono::milliseconds timeout) override;
  Result<void> stop() override;
  [[nodiscard]] host::HealthReport health() const override;
  void collect(telemetry::MetricsWriter& writer) const override;

  [[nodiscard]] host::StateRevisions revisions() const noexcept override { return {1, this_version().newest_revision}; }
  Result<std::string> describe() override;
  Result<void> prepare(const host::OtherVersion& other) override;
  Result<void> quiesce(std::chrono::milliseconds timeout) override;
  Result<void> resume() override;
  Result<std::string> save(std::uint32_t revision, std::chrono::milliseconds timeout,
                           const host::OtherVersion& other) override;
  Result<void> load(std::string_view state) override;
  [[nodiscard]] bool reload_on_change() const noexcept override { return reload_on_change_; }

 private:
  Result<void> start_anew();
  Result<void> take_over(const Handover& from);

  static constexpr std::chrono::seconds start_deadline{10};
  static constexpr std::chrono::seconds stop_deadline{5};

  const host::Ports ports_;
  // Lifecycle thread.
  bool started_ = false;
  bool quiesced_ = false;           // the controller is closed: nobody else starts or stops the bridge
  std::optional<Handover> loaded_;  // for the next start()

  std::atomic<bool> reload_on_change_{false};
  CurrentBridge bridge_;
  admin::Controller controller_;
  std::optional<admin::Routes> routes_;  // last: no request comes when the others go
};

Result<void> Plugin::configure(const host::Configuration& configuration) {
  if (started_) return Error(ErrorCode::state, "it is running; stop it before it is configured anew");
  Result<config::Settings> read = read_settings(configuration);
  if (!read) return read.error();
  const bool reload_on_change = read.value().reload_on_change;
  auto bridge = Bridge::create(std::move(read).value(), ports_.bus, ports_.log);
  if (!bridge) {
    configuration.report({.file = configuration.file, .key_path = "kafka_events", .message = bridge.error().message});
    return Error(ErrorCode::invalid, bridge.error().message);
  }
  bridge_.set(std::move(bridge).value());
  reload_on_change_ = reload_on_change;
  return routes_ ? routes_->add() : Result<void>();
}

Result<void> Plugin::start() {
  if (started_) return Error(ErrorCode::state, "it was started already");
  if (bridge_.get() == nullptr) return Error(ErrorCode::state, "it has no configuration yet");
  bridge_.forbid_start(false);
  if (!loaded_) return start_anew();
  Result<void> taken_over = take_over(*loaded_);
  if (taken_over) loaded_.reset();
  return taken_over;
}

Result<void> Plugin::start_anew() {
  Result<void> opened = controller_.open();
  if (!opened) return opened;
  const Result<admin::StopCounts> started = controller_.run(admin::Command::start, Clock::now() + start_deadline);
  started_ = true;
  if (started) return {};
  (void)stop();
  return started.error();
}

Result<host::DrainCounts> Plugin::drain(std::chrono::milliseconds timeout) {
  if (!started_) return Error(ErrorCode::state, "it is not running");
  if (quiesced_) (void)resume();
  bridge_.forbid_start(true);
  // A drain without time still has to reach the control thread.
  const Result<admin::StopCounts> drained =
      controller_.run(admin::Command::stop, Clock::now() + std::max<std::chrono::milliseconds>(timeout, 200ms));
  if (!drained) return drained.error();
  const admin::StopCounts& counts = drained.value();
  return host::DrainCounts{counts.delivered, counts.undelivered, counts.kept,
                           counts.in_time && counts.undelivered == 0};
}

Result<void> Plugin::stop() {
  if (!started_) return {};
  if (quiesced_) (void)resume();
  bridge_.forbid_start(true);
  const Result<admin::StopCounts> stopped = controller_.run(admin::Command::stop, Clock::now() + stop_deadline);
  controller_.close();
  bridge_.get()->unsubscribe();
  started_ = false;
  if (!stopped) return stopped.error();
  return {};
}

// ---- From one version to the next ----

Result<void> Plugin::take_over(const Handover& from) {
  const std::shared_ptr<Bridge> bridge = bridge_.get();
  Result<void> taken = from.running ? bridge->take_over(from, ports_.deposits) : bridge->stay_stopped(from);
  if (!taken) return taken;
  controller_.set(from.running ? admin::BridgeState::running : admin::BridgeState::stopped);
  started_ = true;
  quiesced_ = true;
  return {};
}

Result<std::string> Plugin::describe() {
  const std::shared_ptr<Bridge> bridge = bridge_.get();
  if (bridge == nullptr) return Error(ErrorCode::state, "it has no configuration yet");
  return write_clients(bridge->clients());
}

Result<void> Plugin::prepare(const host::OtherVersion& other) {
  const std::shared_ptr<Bridge> bridge = bridge_.get();
  if (bridge == nullptr) return Error(ErrorCode::state, "it has no configuration yet");
  return bridge->prepare(other.close_connections ? ClientKeys() : read_clients(other.described));
}

Result<void> Plugin::quiesce(std::chrono::milliseconds timeout) {
  if (!started_) return Error(ErrorCode::state, "it is not running");
  controller_.close();
  quiesced_ = true;
  Result<void> quiesced = bridge_.get()->quiesce(Clock::now() + timeout);
  if (quiesced) return {};
  const Result<void> resumed = resume();
  return resumed ? quiesced : resumed;
}

Result<void> Plugin::resume() {
  if (!started_) return Error(ErrorCode::state, "it is not running");
  bridge_.get()->resume();
  quiesced_ = false;
  return controller_.open();
}

Result<std::string> Plugin::save(std::uint32_t revision, std::chrono::milliseconds timeout,
                                 const host::OtherVersion& other) {
  if (!started_) return Error(ErrorCode::state, "it is not running");
  if (revision == 0 || revision > this_version().newest_revision) {
    return Error(ErrorCode::unsupported, "this version cannot write its state in revision " + std::to_string(revision));
  }
  const ClientKeys clients = other.close_connections ? ClientKeys() : read_clients(other.described);
  Result<Handover> handover = bridge_.get()->suspend({Clock::now() + timeout, clients}, ports_.deposits);
  if (!handover) return handover.error();
  // One that could not be started is to be tried by the other version.
  if (controller_.state() == admin::BridgeState::failed) handover.value().running = true;
  controller_.set(admin::BridgeState::stopped);
  started_ = quiesced_ = false;
  return write_state(handover.value(), revision);
}

Result<void> Plugin::load(std::string_view state) {
  if (started_) return Error(ErrorCode::state, "it is running");
  Result<Handover> read = read_state(state);
  if (!read) return read.error();
  loaded_ = std::move(read).value();
  return {};
}

host::HealthReport Plugin::health() const {
  const std::shared_ptr<Bridge> bridge = bridge_.get();
  if (bridge == nullptr) return {true, false, "it has no configuration yet"};
  if (controller_.state() == admin::BridgeState::failed) return {true, false, controller_.reason()};
  return bridge->health();
}

void Plugin::collect(telemetry::MetricsWriter& writer) const {
  const std::shared_ptr<Bridge> bridge = bridge_.get();
  if (bridge != nullptr) telemetry::write(bridge->figures(), writer);
}

Result<std::unique_ptr<host::Lifecycle>> make(const host::Ports& ports) {
  return std::unique_ptr<host::Lifecycle>(std::make_unique<Plugin>(ports));
}

}  // namespace

std::int32_t create_plugin(const ::agent_host* host, ::agent_plugin** plugin, ::agent_error* error) noexcept {
  return host::create_instance(host, plugin, error, &make);
}

}  // namespace kafka_events
