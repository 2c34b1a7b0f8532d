// The calls of "agent.handover/1".
#include <algorithm>
#include <limits>
#include <utility>

#include "plugins/guarded_call.h"
#include "plugins/plugin_instance.h"
#include "plugins/state_stream.h"

namespace host_stub {
namespace {

agent_bytes as_bytes(const std::string& text) { return {text.data(), text.size()}; }

std::uint32_t as_milliseconds(std::chrono::milliseconds time) {
  constexpr std::chrono::milliseconds::rep most = std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint32_t>(std::clamp<std::chrono::milliseconds::rep>(time.count(), 0, most));
}

}  // namespace

template <class Call>
Result<void> PluginInstance::hand_over(std::string_view name, Call call) {
  if (handover_ == nullptr) return Failure{AGENT_E_UNSUPPORTED, "plugin " + name_ + " has no " AGENT_EXT_HANDOVER};
  agent_error error = AGENT_ERROR_INIT;
  const std::int32_t status = guarded(error, [&] { return call(&error); });
  if (status != AGENT_OK) return failed(name, status, error);
  return {};
}

StateRevisions PluginInstance::revisions() const noexcept {
  return handover_ == nullptr ? StateRevisions{}
                              : StateRevisions{handover_->oldest_revision, handover_->newest_revision};
}

bool PluginInstance::reloads_on_change() noexcept {
  const CallGate::Pass pass(gate_);
  if (!pass) return false;
  agent_error error = AGENT_ERROR_INIT;
  std::int32_t policy = AGENT_RELOAD_ON_REQUEST;
  if (handover_ == nullptr || state() != PluginState::active) return false;
  guarded(error, [&] { return policy = handover_->reload_policy(plugin_), AGENT_OK; });
  return policy == AGENT_RELOAD_ON_CHANGE;
}

Result<std::string> PluginInstance::describe() {
  StateBuffer buffer(max_description_bytes);
  const agent_byte_writer writer = buffer.writer();
  auto done = hand_over("describe()", [&](agent_error* error) { return handover_->describe(plugin_, &writer, error); });
  if (!done) return done.error();
  if (buffer.overflowed()) return Failure{AGENT_E_TOO_LARGE, "plugin " + name_ + ": describe() wrote more than 64 KiB"};
  return buffer.take();
}

Result<void> PluginInstance::prepare(const std::string& other, bool close_connections) {
  if (state() != PluginState::configured) return not_allowed("prepare()");
  const agent_prepare_request request{sizeof(agent_prepare_request), close_connections ? 1 : 0, as_bytes(other)};
  return hand_over("prepare()", [&](agent_error* error) { return handover_->prepare(plugin_, &request, error); });
}

Result<void> PluginInstance::quiesce(std::chrono::milliseconds timeout) {
  if (state() == PluginState::quiesced) return {};  // it could not be resumed after an earlier swap
  if (state() != PluginState::active) return not_allowed("quiesce()");
  auto done = hand_over(
      "quiesce()", [&](agent_error* error) { return handover_->quiesce(plugin_, as_milliseconds(timeout), error); });
  if (done) state_.store(PluginState::quiesced, std::memory_order_release);
  return done;
}

Result<void> PluginInstance::resume() {
  if (state() != PluginState::quiesced) return not_allowed("resume()");
  auto done = hand_over("resume()", [&](agent_error* error) { return handover_->resume(plugin_, error); });
  if (done) state_.store(PluginState::active, std::memory_order_release);
  stays_quiesced_.store(!done.ok(), std::memory_order_release);
  return done;
}

Result<std::string> PluginInstance::save(const SaveCall& call) {
  if (state() != PluginState::quiesced) return not_allowed("save()");
  StateBuffer buffer(max_state_bytes);
  const agent_byte_writer writer = buffer.writer();
  const agent_save_request request{sizeof(agent_save_request), call.revision, as_milliseconds(call.timeout),
                                   call.close_connections ? 1 : 0, as_bytes(call.other)};
  auto done =
      hand_over("save()", [&](agent_error* error) { return handover_->save(plugin_, &request, &writer, error); });
  if (!done) return done.error();
  quiet_threads_ = threads_of_this_process();
  state_.store(PluginState::configured, std::memory_order_release);
  // It is stopped by now: what it wrote is all there is, and whoever reads it finds out if it is cut short.
  return buffer.take();
}

Result<void> PluginInstance::load(const std::string& state_bytes) {
  if (state() != PluginState::configured) return not_allowed("load()");
  StateSource source(state_bytes);
  const agent_byte_reader reader = source.reader();
  auto done = hand_over("load()", [&](agent_error* error) { return handover_->load(plugin_, &reader, error); });
  loaded_ = loaded_ || done.ok();
  return done;
}

std::string PluginInstance::late_call() const {
  const std::lock_guard lock(late_mutex_);
  return late_call_;
}

void PluginInstance::set_late_call(std::string call) {
  const std::lock_guard lock(late_mutex_);
  late_call_ = std::move(call);
}

}  // namespace host_stub
