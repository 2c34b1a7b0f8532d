#include "requests/reply_reader.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/request_book.h"

namespace kafka_events {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view component = "requests";
constexpr std::chrono::milliseconds longest_turn = 100ms;
/// Answers at their handlers, above which no more are read.
constexpr std::uint64_t max_in_flight = 1000;
constexpr std::size_t timeouts_a_turn = 1000;
/// Among a worker's counters: the other version could read answers already.
constexpr std::string_view ready_counter = "replies.ready";

/// The last one of that name, as Kafka's own clients read headers.
Bytes correlation_of(const InboundRecord& record) {
  Bytes id;
  for (const Header& header : record.headers) {
    if (header.name == correlation_header) id = header.value;
  }
  return id;
}

}  // namespace

std::uint64_t ReplyReader::percentile(double share) const {
  const std::lock_guard lock(mutex_);
  return latencies_.percentile(share, std::chrono::steady_clock::now());
}

void ReplyReader::attach(ConsumerControl* consumer) {
  if (consumer != nullptr) return;
  ready_ = false;
  drop_kept();
}

std::chrono::milliseconds ReplyReader::next_turn_within() const noexcept {
  if (!kept_.empty()) return 1ms;
  const auto due = table_.next_due();
  if (!due) return longest_turn;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*due - std::chrono::steady_clock::now());
  return std::clamp(left, std::chrono::milliseconds(1ms), longest_turn);
}

void ReplyReader::on_assigned(std::span<const TopicPartition> partitions) {
  for (const TopicPartition& each : partitions) positions_[each] = {};
  last_position_ = nullptr;
  ready_ = true;
}

std::vector<Watermark> ReplyReader::on_revoked(std::span<const TopicPartition> partitions,
                                               std::chrono::steady_clock::time_point) {
  std::vector<Watermark> last;
  for (const TopicPartition& each : partitions) {
    const auto found = positions_.find(each);
    if (found != positions_.end() && found->second.next >= 0) last.push_back({each, found->second.next});
  }
  on_lost(partitions);
  return last;
}

void ReplyReader::on_lost(std::span<const TopicPartition> partitions) {
  for (const TopicPartition& each : partitions) {
    positions_.erase(each);
    std::erase_if(kept_, [&](const Kept& kept) {
      if (kept.record.topic != each.topic || kept.record.partition != each.partition) return false;
      kept.record.release(kept.record.owner);
      return true;
    });
  }
  last_position_ = nullptr;
}

void ReplyReader::on_record(const InboundRecord& record) {
  Position& position = position_of(record);
  if (record.offset < position.next) return record.release(record.owner);  // the other version has done it
  if (!kept_.empty()) return keep(record);
  if (!handle(record)) return keep(record);
  record.release(record.owner);
}

ReplyReader::Position& ReplyReader::position_of(const InboundRecord& record) {
  if (last_position_ == nullptr || last_.partition != record.partition || last_.topic != record.topic) {
    last_ = {std::string(record.topic), record.partition};
    last_position_ = &positions_[last_];
  }
  return *last_position_;
}

bool ReplyReader::handle(const InboundRecord& record) {
  auto request = table_.take(correlation_of(record));
  if (!request) {
    counts_.unknown.fetch_add(1, std::memory_order_relaxed);
  } else if (!publish(std::move(*request), record)) {
    return false;
  }
  Position& position = position_of(record);  // its handlers may have come round to here
  position = {std::max(position.next, record.offset + 1), true};
  any_moved_ = true;
  return true;
}

bool ReplyReader::publish(PendingRequest&& request, const InboundRecord& record) {
  const auto now = std::chrono::steady_clock::now();
  const Result<void> published = events_.answer(request, record);
  if (!published) {
    const ErrorCode code = published.error().code;
    if (code != ErrorCode::invalid && code != ErrorCode::too_large) {
      table_.put_back(std::move(request));
      return false;
    }
    report_refused(record, published.error());
    counts_.timed_out.fetch_add(request.late ? 0 : 1, std::memory_order_relaxed);
    if (!request.late)
      (void)events_.timeout(request, "its answer cannot become an event: " + published.error().message);
    return true;
  }
  (request.late ? counts_.late : counts_.answered).fetch_add(1, std::memory_order_relaxed);
  if (request.late) return true;
  const std::lock_guard lock(mutex_);
  latencies_.add(std::chrono::duration_cast<std::chrono::microseconds>(now - request.opened), now);
  return true;
}

void ReplyReader::report_refused(const InboundRecord& record, const Error& error) {
  const std::string partition = std::to_string(record.partition);
  const std::string offset = std::to_string(record.offset);
  const std::array fields{LogField{"messaging.destination.name", record.topic},
                          LogField{"messaging.destination.partition.id", partition},
                          LogField{"messaging.kafka.offset", offset}};
  log_.write(LogLevel::warning, component, "an answer cannot become an event: " + error.message, fields);
}

// ---- Answers that the bus could not take ----

void ReplyReader::keep(const InboundRecord& record) {
  kept_.push_back({record, {record.headers.begin(), record.headers.end()}});
}

void ReplyReader::handle_kept() {
  while (!kept_.empty()) {
    InboundRecord record = kept_.front().record;
    record.headers = kept_.front().headers;
    if (!handle(record)) return;
    record.release(record.owner);
    kept_.pop_front();
  }
}

void ReplyReader::drop_kept() {
  for (const Kept& kept : kept_) kept.record.release(kept.record.owner);
  kept_.clear();
}

// ---- Turns ----

std::vector<Watermark> ReplyReader::watermarks() {
  std::vector<Watermark> moved;
  if (!std::exchange(any_moved_, false)) return moved;
  for (auto& [partition, position] : positions_) {
    if (std::exchange(position.moved, false)) moved.push_back({partition, position.next});
  }
  return moved;
}

void ReplyReader::on_turn(std::chrono::steady_clock::time_point now) {
  if (quiesced_) return;
  handle_kept();
  expire(now);
}

void ReplyReader::expire(std::chrono::steady_clock::time_point now) {
  for (const PendingRequest& each : table_.expire(now, timeouts_a_turn)) {
    counts_.timed_out.fetch_add(1, std::memory_order_relaxed);
    if (const auto told = events_.timeout(each, {}); !told) {
      log_.write(LogLevel::warning, component,
                 "nobody could be told that a request had no answer: " + told.error().message,
                 std::array{LogField{"kafka_events.event_id", each.id}});
    }
  }
}

bool ReplyReader::wants_pause() const noexcept { return !kept_.empty() || in_flight() >= max_in_flight; }

// ---- From one version of the module to another ----

void ReplyReader::hand_over(WorkerHandover& to) const {
  for (PartitionHandover& each : to.partitions) {
    const auto found = positions_.find(each.partition);
    if (found != positions_.end() && found->second.next >= 0) each.next_offset = found->second.next;
  }
  to.counters.push_back({std::string(ready_counter), to.worker, ready() ? 1U : 0U});
}

void ReplyReader::take_over_counters(const WorkerHandover& from) {
  for (const CounterHandover& each : from.counters) {
    if (each.name == ready_counter && each.value != 0) ready_ = true;
  }
}

void ReplyReader::take_over(std::span<const PartitionHandover> partitions) {
  for (const PartitionHandover& each : partitions) positions_[each.partition].next = each.next_offset;
  last_position_ = nullptr;
}

}  // namespace kafka_events
