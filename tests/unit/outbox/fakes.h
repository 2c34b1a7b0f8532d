// A store in memory, a Kafka whose queue the test empties, and a bus that remembers completions.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/ports.h"
#include "core/transaction.h"
#include "store/entry.h"
#include "store/outbox_store.h"

namespace kafka_events::test {

inline bool eventually(const std::function<bool()>& holds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

/// An entry that owns what it shows.
struct OwnedEntry {
  std::string kafka_topic, key, value, event_topic, event_id;
  std::int32_t partition = 0;

  explicit OwnedEntry(const StoredEntry& entry)
      : kafka_topic(entry.kafka_topic),
        key(entry.key),
        value(entry.value),
        event_topic(entry.event_topic),
        event_id(entry.event_id),
        partition(entry.partition) {}
  [[nodiscard]] StoredEntry view() const {
    StoredEntry entry;
    entry.kafka_topic = kafka_topic;
    entry.key = key;
    entry.value = value;
    entry.payload = value;
    entry.event_topic = event_topic;
    entry.event_id = event_id;
    entry.partition = partition;
    return entry;
  }
};

class MemoryStore final : public OutboxStore {
 public:
  [[nodiscard]] const std::string& id() const noexcept override { return id_; }
  Result<std::uint64_t> append(Stream stream, const StoredEntry& entry) override {
    const std::lock_guard lock(mutex_);
    if (full) return Error(ErrorCode::busy, "the outbox is full");
    Positions& at = streams_[stream];
    at.entries.emplace(at.next, OwnedEntry(entry));
    return at.next++;
  }
  std::uint64_t reserve(Stream stream, std::uint64_t count) override {
    const std::lock_guard lock(mutex_);
    const std::uint64_t first = streams_[stream].next;
    streams_[stream].next += count;
    return first;
  }
  bool reserve_again(Stream, PositionRange) override { return true; }
  Result<void> append_at(Stream stream, std::uint64_t position, const StoredEntry& entry) override {
    const std::lock_guard lock(mutex_);
    if (full) return Error(ErrorCode::busy, "the outbox is full");
    streams_[stream].entries.emplace(position, OwnedEntry(entry));
    return {};
  }
  Result<std::uint64_t> read(Stream stream, std::uint64_t from, std::size_t max_entries, std::size_t,
                             const Visitor& visitor) override {
    std::uint64_t end = from;
    for (std::size_t count = 0; count < max_entries; ++count) {
      std::unique_ptr<std::pair<std::uint64_t, OwnedEntry>> next;
      {
        const std::lock_guard lock(mutex_);
        const auto found = streams_[stream].entries.lower_bound(end);
        if (found == streams_[stream].entries.end()) break;
        next = std::make_unique<std::pair<std::uint64_t, OwnedEntry>>(*found);
      }
      if (!visitor(next->first, next->second.view())) break;
      end = next->first + 1;
    }
    return end;
  }
  Result<void> erase(Stream stream, std::span<const PositionRange> ranges) override {
    const std::lock_guard lock(mutex_);
    auto& entries = streams_[stream].entries;
    for (const PositionRange& range : ranges)
      entries.erase(entries.lower_bound(range.first), entries.lower_bound(range.end));
    return {};
  }
  [[nodiscard]] PositionRange positions(Stream stream) const override {
    const std::lock_guard lock(mutex_);
    const Positions& at = streams_[stream];
    return {at.entries.empty() ? at.next : at.entries.begin()->first, at.next};
  }
  [[nodiscard]] std::uint64_t entries(Stream stream) const override {
    const std::lock_guard lock(mutex_);
    return streams_[stream].entries.size();
  }
  [[nodiscard]] std::vector<PositionRange> held(Stream stream, PositionRange among) const override {
    const std::lock_guard lock(mutex_);
    std::vector<PositionRange> ranges;
    for (const auto& [position, entry] : streams_[stream].entries) {
      if (position < among.first || position >= among.end) continue;
      if (ranges.empty() || ranges.back().end != position) ranges.push_back({position, position});
      ++ranges.back().end;
    }
    return ranges;
  }
  Result<void> sync() override {
    const std::lock_guard lock(mutex_);
    synced_end = streams_[Stream::exactly_once].next;
    return {};
  }
  [[nodiscard]] OutboxFigures figures() const override { return {}; }

  std::atomic<bool> full{false};
  std::atomic<std::uint64_t> synced_end{0};

 private:
  struct Positions {
    std::uint64_t next = 1;
    std::map<std::uint64_t, OwnedEntry> entries;
  };
  std::string id_ = "7e57";
  mutable std::mutex mutex_;
  mutable std::map<Stream, Positions> streams_;
};

struct QueuedRecord {
  EventHandle event = nullptr;
  std::uint64_t number = 0;
  std::string topic, key, value;
};

/// A producer's queue. Reports are made when the test says so, on the test's thread, which so is the delivery thread.
class FakeKafka : public TransactionalSink {
 public:
  Result<TopicId> open_topic(std::string_view name) override {
    const std::lock_guard lock(mutex_);
    auto found = std::find(topics_.begin(), topics_.end(), name);
    if (found == topics_.end()) found = topics_.insert(topics_.end(), std::string(name));
    return TopicId{static_cast<std::uint32_t>(found - topics_.begin())};
  }
  SendStatus send(const OutboundRecord& record) noexcept override {
    const std::lock_guard lock(mutex_);
    borrowed = borrowed || (record.event == nullptr && record.value_in_event);
    if (record.value == refused_value) return SendStatus::too_large;
    if (losing_ || queue_.size() >= capacity) return SendStatus::full;
    queue_.push_back({record.event, record.number, topics_[static_cast<std::size_t>(record.topic)],
                      std::string(record.key), std::string(record.value)});
    return SendStatus::accepted;
  }
  [[nodiscard]] std::string explain(SendStatus, const OutboundRecord&) const override { return "refused by the fake"; }

  [[nodiscard]] std::size_t in_flight() const {
    const std::lock_guard lock(mutex_);
    return queue_.size() + reporting_;
  }

  /// The broker acknowledges the first records.
  void deliver(std::size_t count, DeliveryListener& to) {
    for (const QueuedRecord& record : take(count)) {
      log.push_back(record);
      DeliveryReport report = report_of(record);
      report.delivered = true;
      report.partition = 0;
      report.offset = static_cast<std::int64_t>(log.size()) - 1;
      to.on_deliveries({&report, 1});
      reporting_.fetch_sub(1);
    }
  }
  /// Everything in the queue comes back; some of it was written all the same.
  void lose(DeliveryListener& to, std::size_t written = 0, std::chrono::milliseconds pause = {}) {
    losing_ = true;  // as the producer does, nobody is let through until everything was given back
    for (const QueuedRecord& record : take(SIZE_MAX)) {
      std::this_thread::sleep_for(pause);
      if (written > 0) {
        --written;
        log.push_back(record);
      }
      DeliveryReport report = report_of(record);
      FailedDelivery failed{record.key, record.value, {}, 0, false};
      report.failure = Failure::transient;
      report.reason = "lost";
      report.failed = &failed;
      to.on_deliveries({&report, 1});
      reporting_.fetch_sub(1);
    }
    losing_ = false;
  }
  void refuse_for_good(DeliveryListener& to) {
    for (const QueuedRecord& record : take(1)) {
      DeliveryReport report = report_of(record);
      FailedDelivery failed{record.key, record.value, {}, 0, false};
      report.failure = Failure::permanent;
      report.reason = "not authorized";
      report.failed = &failed;
      to.on_deliveries({&report, 1});
      reporting_.fetch_sub(1);
    }
  }

  // Transactions: what was sent becomes visible at the commit, with the position. The relay's thread reports.
  TransactionStep prepare(Deadline) override { return next(prepare_answers); }
  TransactionStep begin() override {
    ++begun;
    return {};
  }
  TransactionStep commit(std::span<const TransactionOffset> offsets, std::string_view, Deadline) override {
    std::vector<QueuedRecord> sent = take(SIZE_MAX);
    bool permanent = false;
    for (const QueuedRecord& record : sent) {
      DeliveryReport report = report_of(record);
      report.delivered = record.value != permanent_value;
      if (!report.delivered) report.failure = Failure::permanent;
      report.reason = report.delivered ? "" : "not authorized";
      permanent = permanent || !report.delivered;
      listener->on_deliveries({&report, 1});
      reporting_.fetch_sub(1);
    }
    if (permanent) return {TransactionState::abort, "a record failed"};
    const TransactionStep step = next(commit_answers);
    if (step.ok() || commit_happens_anyway) {
      const std::lock_guard lock(mutex_);
      visible.insert(visible.end(), sent.begin(), sent.end());
      position = offsets.front().next_offset;
    }
    return step;
  }
  TransactionStep abort(Deadline) override {
    for (std::size_t gone = take(SIZE_MAX).size(); gone > 0; --gone) reporting_.fetch_sub(1);
    return {};
  }
  [[nodiscard]] std::string plain_group_metadata(std::string_view group) const override { return std::string(group); }
  Result<std::int64_t> committed_position(std::string_view, Deadline) override {
    const std::lock_guard lock(mutex_);
    return position;
  }
  [[nodiscard]] std::vector<std::string> visible_values() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> values;
    for (const QueuedRecord& record : visible) values.push_back(record.value);
    return values;
  }

  std::atomic<std::size_t> capacity{SIZE_MAX};
  std::string refused_value = "(refused)";
  std::string permanent_value = "(permanent)";
  std::vector<QueuedRecord> log;  // test's thread
  DeliveryListener* listener = nullptr;
  std::deque<TransactionState> prepare_answers;
  std::deque<TransactionState> commit_answers;
  bool commit_happens_anyway = false;  // though its answer is lost
  std::int64_t position = -1;
  std::atomic<int> begun{0};
  std::atomic<bool> borrowed{false};  // a record without an event was to use an event's memory

 private:
  static DeliveryReport report_of(const QueuedRecord& record) {
    DeliveryReport report;
    report.event = record.event;
    report.number = record.number;
    report.topic = record.topic;
    report.value_bytes = record.value.size();
    return report;
  }
  static TransactionStep next(std::deque<TransactionState>& answers) {
    if (answers.empty()) return {};
    const TransactionState state = answers.front();
    answers.pop_front();
    return {state, "the fake said so"};
  }
  std::vector<QueuedRecord> take(std::size_t count) {
    const std::lock_guard lock(mutex_);
    count = std::min(count, queue_.size());
    std::vector<QueuedRecord> taken(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(count));
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(count));
    reporting_.fetch_add(count);
    return taken;
  }

  mutable std::mutex mutex_;
  std::vector<std::string> topics_;
  std::deque<QueuedRecord> queue_;
  std::vector<QueuedRecord> visible;
  std::atomic<std::size_t> reporting_{0};
  std::atomic<bool> losing_{false};
};

/// Events whose handles are numbers, and what became of them.
class CountingBus final : public EventBus {
 public:
  Result<void> publish(const EventDraft&, PublishCompletion*, std::uint64_t) override { return {}; }
  Result<SubscriptionToken> subscribe(std::string_view, std::span<const std::string>, EventHandler&) override {
    return SubscriptionToken{1};
  }
  void unsubscribe(SubscriptionToken) override {}
  void defer(EventHandle, std::uint32_t) noexcept override {}
  void complete(EventHandle event, Outcome outcome, std::string_view detail) noexcept override {
    const std::lock_guard lock(mutex_);
    completed_[event].emplace_back(std::to_string(static_cast<int>(outcome)) + " " + std::string(detail));
  }
  void complete_many(std::span<const EventHandle> events, Outcome outcome) noexcept override {
    for (const EventHandle event : events) complete(event, outcome, {});
  }
  [[nodiscard]] Event view(EventHandle handle) const noexcept override {
    const std::lock_guard lock(mutex_);
    return events_.at(handle)->event;
  }
  [[nodiscard]] std::uint32_t listeners(std::string_view) const noexcept override { return 1; }

  const Event& make(std::string value) {
    const std::lock_guard lock(mutex_);
    auto made = std::make_unique<Made>();
    made->value = std::move(value);
    made->event.topic = "acapy::outbound::x";
    made->event.payload = made->value;
    made->event.id = made->value;
    made->event.handle = reinterpret_cast<EventHandle>(made.get());
    const Event& event = made->event;
    events_[event.handle] = std::move(made);
    return event;
  }
  [[nodiscard]] std::vector<std::string> completions(EventHandle event) const {
    const std::lock_guard lock(mutex_);
    const auto found = completed_.find(event);
    return found == completed_.end() ? std::vector<std::string>() : found->second;
  }

 private:
  struct Made {
    std::string value;
    Event event;
  };
  mutable std::mutex mutex_;
  std::map<EventHandle, std::unique_ptr<Made>> events_;
  std::map<EventHandle, std::vector<std::string>> completed_;
};

class QuietLog final : public Log {
 public:
  [[nodiscard]] bool enabled(LogLevel) const noexcept override { return false; }
  void write(LogLevel, std::string_view, std::string_view, std::span<const LogField>) noexcept override {}
};

/// The pipeline's place: what it is told, by the event's id.
class Reports final : public DeliveryListener {
 public:
  explicit Reports(EventBus& bus) : bus_(bus) {}
  void on_deliveries(std::span<const DeliveryReport> reports) noexcept override {
    const std::lock_guard lock(mutex_);
    for (const DeliveryReport& report : reports) {
      const Event source = report.event != nullptr ? bus_.view(report.event) : *report.source;
      told_.push_back(std::string(source.id) +
                      (report.delivered ? " delivered" : " failed: " + std::string(report.reason)));
      if (report.event != nullptr) bus_.complete(report.event, report.delivered ? Outcome::done : Outcome::failed, {});
    }
  }
  [[nodiscard]] std::vector<std::string> told() const {
    const std::lock_guard lock(mutex_);
    return told_;
  }

 private:
  EventBus& bus_;
  mutable std::mutex mutex_;
  std::vector<std::string> told_;
};

}  // namespace kafka_events::test
