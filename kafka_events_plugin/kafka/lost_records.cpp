// Keeping, ordering and letting go of lost records.
#include "kafka/lost_records.h"

#include <algorithm>

#include "kafka/delivery_reports.h"

namespace kafka_events {
namespace {

/// How exactly the first time of a record that was sent again is remembered.
constexpr std::int64_t time_grain_us = 10'000;
constexpr int clock_attempts = 16;

}  // namespace

std::int64_t steady_now_us() noexcept {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

std::int64_t sent_time_us(const rd_kafka_message_t& message) noexcept {
  // librdkafka says how long ago it was, by the same clock in whole microseconds: exact if none passes meanwhile.
  std::int64_t sent = 0;
  for (int attempt = 0; attempt < clock_attempts; ++attempt) {
    const std::int64_t before = steady_now_us();
    sent = before - rd_kafka_message_latency(&message);
    if (steady_now_us() == before) break;
  }
  return sent;
}

std::vector<const rd_kafka_message_t*> LostRecords::take(EventOwner& event, const Session& session) {
  std::vector<const rd_kafka_message_t*> messages = messages_of(event.get());
  const auto others = std::ranges::stable_partition(messages, [](const auto* message) { return is_lost(*message); });
  const auto lost = static_cast<std::size_t>(others.begin() - messages.begin());
  if (lost == 0) return messages;
  messages_taken_ += messages.size();
  holders_.push_back({session, std::move(event), lost});
  for (const rd_kafka_message_t* message : std::span(messages).first(lost)) {
    taken_.push_back({message, sent_time_us(*message), 0, holders_.size() - 1});
  }
  return {others.begin(), others.end()};
}

void LostRecords::sort() {
  std::ranges::stable_sort(taken_, {}, &LostRecord::sent_us);
  for (LostRecord& record : taken_) record.first_us = first_time_us(record.sent_us);
  records_.insert(records_.begin(), taken_.begin(), taken_.end());
  taken_.clear();
  messages_taken_ = 0;
  resent_.clear();
  resent_until_us_ = 0;
}

std::vector<const rd_kafka_message_t*> LostRecords::first(std::size_t count) const {
  std::vector<const rd_kafka_message_t*> messages;
  for (std::size_t i = 0; i < std::min(count, records_.size()); ++i) messages.push_back(records_[i].message);
  return messages;
}

void LostRecords::drop_front() {
  const std::size_t holder = records_.front().holder;
  records_.pop_front();
  let_go(holder);
}

void LostRecords::front_is_sent(std::int64_t now_us) {
  const std::int64_t first = records_.front().first_us;
  if (resent_.empty() || first - resent_.back().first_us > time_grain_us) resent_.push_back({now_us, first});
  resent_until_us_ = steady_now_us();
  drop_front();
}

std::int64_t LostRecords::first_time_us(std::int64_t sent_us) const {
  if (sent_us > resent_until_us_) return sent_us;
  const auto next = std::ranges::upper_bound(resent_, sent_us, {}, &Resent::sent_us);
  return next == resent_.begin() ? sent_us : std::prev(next)->first_us;
}

void LostRecords::let_go(std::size_t index) {
  Holder& holder = holders_[index];
  if (--holder.records > 0) return;
  holder = {};
  if (records_.empty() && taken_.empty()) holders_.clear();
}

}  // namespace kafka_events
