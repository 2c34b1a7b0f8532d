// Partitions that come and go while a transaction is under way, and the pressure that a worker tells its consumer of.
#include <algorithm>
#include <thread>

#include "inbound/transactional_flow.h"

namespace kafka_events {
namespace {

constexpr std::chrono::milliseconds soon{1};
constexpr std::chrono::milliseconds queue_interval{5};
constexpr std::chrono::milliseconds idle_interval{100};
/// Kept of a revocation's time, to commit or to abort.
constexpr std::chrono::milliseconds longest_reserve{3000};

}  // namespace

// ---- Assignment ----

void TransactionalFlow::on_assigned(std::span<const TopicPartition> partitions) { queue_.assign(partitions); }

std::vector<Watermark> TransactionalFlow::on_revoked(std::span<const TopicPartition> partitions,
                                                     Clock::time_point deadline) {
  const auto begun = Clock::now();
  const auto time = std::max(deadline - begun, Clock::duration::zero());
  const auto handle_until = deadline - std::min<Clock::duration>(time / 2, longest_reserve);
  const bool concerned = batch_ != nullptr && touches(partitions);
  bool first = true;  // a deadline that has passed still leaves one try
  for (auto now = begun; concerned && batch_ != nullptr && (first || now < deadline); now = Clock::now()) {
    first = false;
    if (stage_ == Stage::handling && now >= handle_until) abandon();
    if (step(now, std::max(deadline, now + soon))) continue;
    if (stage_ == Stage::failed) break;
    if (stage_ == Stage::handling) {
      (void)batch_->wait(handle_until);
    } else {
      std::this_thread::sleep_for(soon);
    }
  }
  if (concerned && stage_ == Stage::handling) abandon();
  drop(partitions);
  return watermarks();
}

void TransactionalFlow::on_lost(std::span<const TopicPartition> partitions) {
  if (stage_ == Stage::handling && touches(partitions)) abandon();
  drop(partitions);
}

void TransactionalFlow::drop(std::span<const TopicPartition> partitions) {
  queue_.drop(partitions);
  for (const TopicPartition& each : partitions) decided(each);
  const std::lock_guard lock(mutex_);
  for (const TopicPartition& each : partitions) std::erase(counts_.stopped, each);
  if (counts_.stopped.empty()) counts_.reason.clear();
}

bool TransactionalFlow::touches(std::span<const TopicPartition> partitions) const {
  for (const Watermark& end : batch_->ends()) {
    if (std::ranges::find(partitions, end.partition) != partitions.end()) return true;
  }
  return false;
}

// ---- Pressure ----

std::chrono::milliseconds TransactionalFlow::next_turn_within() const noexcept {
  if (stage_ == Stage::preparing || stage_ == Stage::failed) return idle_interval;
  if (stage_ != Stage::idle) return soon;
  return queue_.empty() ? idle_interval : queue_interval;
}

bool TransactionalFlow::wants_pause() const noexcept {
  const std::size_t records = pressed_ ? settings_.max_in_flight / 2 : settings_.max_in_flight - 1;
  const std::uint64_t bytes = pressed_ ? max_batch_bytes / 2 : max_batch_bytes - 1;
  pressed_ = queue_.bytes() > bytes || (queue_.records() > records && queue_.active(Clock::now()) > records);
  return pressed_;
}

std::uint64_t TransactionalFlow::in_flight() const noexcept {
  const std::lock_guard lock(mutex_);
  return visible_batch_ == nullptr ? 0 : visible_batch_->in_flight();
}

InboundStatistics TransactionalFlow::statistics() const {
  const std::uint64_t running = in_flight();
  const std::lock_guard lock(mutex_);
  InboundStatistics statistics = counts_;
  statistics.in_flight = running;
  statistics.oldest = slow_handlers_.oldest(Clock::now());
  return statistics;
}

}  // namespace kafka_events
