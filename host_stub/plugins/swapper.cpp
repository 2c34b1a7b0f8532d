#include "plugins/swapper.h"

#include <pthread.h>
#include <system_error>
#include <utility>

namespace host_stub {

using std::chrono::milliseconds;

namespace {

constexpr milliseconds last_words{1000};  // from the outcome of a swap to the end of its thread

std::string summary(const SwapReport& report) {
  std::string text = "plugin " + report.plugin + ": swap " + std::to_string(report.id) + " from " +
                     report.from.version + " to " + (report.to.version.empty() ? report.to.path : report.to.version) +
                     " ";
  text += to_string(report.outcome);
  if (!report.reason.empty()) text += ": " + report.reason;
  if (report.unmapped == false) text += "; a module stays in memory: " + report.why_mapped;
  return text;
}

}  // namespace

Swapper::~Swapper() {
  const Pause pause(*this);
  join_finished();
}

void Swapper::join_finished() {
  if (thread_.joinable()) thread_.join();
}

Result<std::uint64_t> Swapper::begin(SwapRequest request) {
  std::unique_lock lock(mutex_);
  // Whoever waits for the end of a swap is told before its thread is through, and may ask for the next one at once.
  if (busy_ && is_final(current_->report().outcome)) changed_.wait_for(lock, last_words, [&] { return !busy_; });
  if (busy_) {
    const SwapReport other = current_->report();
    return Failure{AGENT_E_BUSY, "swap " + std::to_string(other.id) + " of plugin " + other.plugin + " is under way (" +
                                     std::string(to_string(other.outcome)) + "); try again later"};
  }
  if (pauses_ > 0) return Failure{AGENT_E_BUSY, "the host is starting or ending its plugins; try again later"};
  const auto instance = parts_.find(request.plugin);
  if (instance == nullptr) return Failure{AGENT_E_NOT_FOUND, "no plugin " + request.plugin + " is loaded"};
  if (instance->state() != PluginState::active && instance->state() != PluginState::quiesced) {
    return Failure{AGENT_E_STATE, "plugin " + request.plugin + " is " + std::string(to_string(instance->state())) +
                                      "; only an active one can be swapped"};
  }
  join_finished();  // it has set busy_ to false, and only returns
  const auto record = std::make_shared<SwapRecord>(last_id_ + 1, request.plugin);
  try {
    busy_ = true;
    current_ = record;
    thread_ = std::thread([this, request, instance, record] { run(request, instance, record); });
    pthread_setname_np(thread_.native_handle(), "plugin-swap");
  } catch (const std::system_error& problem) {
    busy_ = false;
    current_.reset();
    return Failure{AGENT_E_FAILED, std::string("no thread can be made for the swap: ") + problem.what()};
  }
  history_.add(record);
  return ++last_id_;
}

void Swapper::run(SwapRequest request, std::shared_ptr<PluginInstance> instance, std::shared_ptr<SwapRecord> record) {
  try {
    const SwapParts parts{parts_.services,    parts_.calls,
                          parts_.validator,   parts_.next_owner,
                          parts_.set_running, [this](milliseconds patience) { return ending(patience); }};
    Swap swap(parts, std::move(request), std::move(instance), *record);
    swap.run();
  } catch (const std::exception& problem) {  // no memory, no thread: whichever version runs stays
    record->change(
        [&](SwapReport& report) { report.reason = std::string("the host could not go on: ") + problem.what(); });
    record->settle(SwapOutcome::stuck);
  }
  const SwapReport report = record->report();
  history_.count(report);
  const bool well = report.outcome == SwapOutcome::swapped && report.unmapped != false;
  parts_.services.log.write(well ? LogLevel::info : LogLevel::warning, "host", "plugins", summary(report));
  const std::lock_guard lock(mutex_);
  busy_ = false;
  current_.reset();
  changed_.notify_all();
}

bool Swapper::ending(milliseconds patience) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [&] { return pauses_ > 0; });
}

bool Swapper::is_busy() const {
  const std::lock_guard lock(mutex_);
  return busy_;
}

bool Swapper::is_changing(const std::string& plugin) const {
  const std::lock_guard lock(mutex_);
  if (!busy_) return false;
  const SwapReport report = current_->report();
  return report.plugin == plugin && report.outcome == SwapOutcome::running;
}

Swapper::Pause::Pause(Swapper& swapper) : swapper_(swapper) {
  std::unique_lock lock(swapper.mutex_);
  ++swapper.pauses_;
  swapper.changed_.notify_all();
  swapper.changed_.wait(lock, [&] { return !swapper.busy_; });
}

Swapper::Pause::~Pause() {
  const std::lock_guard lock(swapper_.mutex_);
  --swapper_.pauses_;
}

}  // namespace host_stub
