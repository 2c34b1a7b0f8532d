#include "plugins/swap_record.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace host_stub {

using std::chrono::steady_clock;

SwapRecord::SwapRecord(std::uint64_t id, std::string plugin) {
  report_.id = id;
  report_.plugin = std::move(plugin);
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  report_.began_us = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

double SwapRecord::since(steady_clock::time_point then) const {
  return std::chrono::duration<double, std::milli>(steady_clock::now() - then).count();
}

void SwapRecord::begin(std::string_view step, SwapDirection direction) {
  const std::lock_guard lock(mutex_);
  step_began_ = steady_clock::now();
  report_.steps.push_back({std::string(step), direction, StepOutcome::running, since(began_), 0, {}});
}

void SwapRecord::end(StepOutcome outcome, std::string detail) {
  const std::lock_guard lock(mutex_);
  SwapStep& step = report_.steps.back();
  step.outcome = outcome;
  step.milliseconds = since(step_began_);
  step.detail = std::move(detail);
}

void SwapRecord::skip(std::string_view step, SwapDirection direction, std::string why) {
  const std::lock_guard lock(mutex_);
  report_.steps.push_back({std::string(step), direction, StepOutcome::skipped, since(began_), 0, std::move(why)});
}

void SwapRecord::change(const std::function<void(SwapReport&)>& edit) {
  const std::lock_guard lock(mutex_);
  edit(report_);
}

void SwapRecord::settle(SwapOutcome outcome) {
  std::vector<Waiter> waiters;
  SwapReport report;
  {
    const std::lock_guard lock(mutex_);
    report_.outcome = outcome;
    if (is_final(outcome)) report_.milliseconds = since(began_);
    settled_.notify_all();
    const auto first = std::partition(waiters_.begin(), waiters_.end(),
                                      [&](const Waiter& waiter) { return !is_settled(outcome, waiter.to_the_end); });
    waiters.assign(std::make_move_iterator(first), std::make_move_iterator(waiters_.end()));
    waiters_.erase(first, waiters_.end());
    report = locked_report();
  }
  for (const Waiter& waiter : waiters) waiter.done(report);
}

void SwapRecord::when_settled(bool to_the_end, std::function<void(const SwapReport&)> done) {
  SwapReport report;
  {
    const std::lock_guard lock(mutex_);
    if (!is_settled(report_.outcome, to_the_end)) return waiters_.push_back({to_the_end, std::move(done)});
    report = locked_report();
  }
  done(report);
}

SwapReport SwapRecord::locked_report() const {
  SwapReport report = report_;
  if (!is_final(report.outcome)) report.milliseconds = since(began_);
  for (SwapStep& step : report.steps) {
    if (step.outcome == StepOutcome::running) step.milliseconds = since(step_began_);
  }
  return report;
}

SwapReport SwapRecord::report() const {
  const std::lock_guard lock(mutex_);
  return locked_report();
}

SwapReport SwapRecord::wait(bool to_the_end, steady_clock::time_point deadline) const {
  std::unique_lock lock(mutex_);
  settled_.wait_until(lock, deadline, [&] { return is_settled(report_.outcome, to_the_end); });
  return locked_report();
}

void SwapHistory::add(std::shared_ptr<SwapRecord> record) {
  const std::lock_guard lock(mutex_);
  auto& records = records_[record->report().plugin];
  records.push_front(std::move(record));
  if (records.size() > kept_per_plugin) records.pop_back();
}

void SwapHistory::count(const SwapReport& report) {
  const std::lock_guard lock(mutex_);
  SwapCounts& counts = counts_[report.plugin];
  counts.plugin = report.plugin;
  counts.swapped += report.outcome == SwapOutcome::swapped ? 1 : 0;
  counts.rolled_back += report.outcome == SwapOutcome::rolled_back ? 1 : 0;
  counts.refused += report.outcome == SwapOutcome::refused ? 1 : 0;
  counts.stuck += report.outcome == SwapOutcome::stuck ? 1 : 0;
  counts.events_held += report.events_held;
  counts.modules_left_mapped += report.unmapped == false ? 1 : 0;
  if (report.pause_ms > 0) counts.last_pause_seconds = report.pause_ms / 1000;
}

std::shared_ptr<SwapRecord> SwapHistory::find(std::uint64_t id) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [plugin, records] : records_) {
    for (const auto& record : records) {
      if (record->report().id == id) return record;
    }
  }
  return nullptr;
}

std::vector<SwapReport> SwapHistory::of(std::string_view plugin) const {
  const std::lock_guard lock(mutex_);
  std::vector<SwapReport> reports;
  const auto found = records_.find(plugin);
  if (found == records_.end()) return reports;
  for (const auto& record : found->second) reports.push_back(record->report());
  return reports;
}

std::optional<SwapReport> SwapHistory::last(std::string_view plugin) const {
  const std::lock_guard lock(mutex_);
  const auto found = records_.find(plugin);
  if (found == records_.end() || found->second.empty()) return std::nullopt;
  return found->second.front()->report();
}

std::vector<SwapCounts> SwapHistory::counts() const {
  const std::lock_guard lock(mutex_);
  std::vector<SwapCounts> all;
  for (const auto& [plugin, counts] : counts_) all.push_back(counts);
  return all;
}

}  // namespace host_stub
