// A bus, a log and a sink small enough to see through, and records that count their releases.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "config/settings.h"
#include "core/ports.h"

namespace kafka_events {

class SilentLog final : public Log {
 public:
  [[nodiscard]] bool enabled(LogLevel) const noexcept override { return true; }
  void write(LogLevel, std::string_view, std::string_view message, std::span<const LogField> fields) noexcept override {
    std::string line(message);
    for (const LogField& field : fields) line.append(" ").append(field.value);
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
  }
  [[nodiscard]] std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

/// An event as it was published, with its completion to be told later.
struct Published {
  std::string topic, tenant, id, content_type, payload;
  bool null_payload = false;
  bool zero_copy = false;
  std::string key;
  std::vector<std::pair<std::string, std::string>> headers;
  std::int64_t timestamp_us = 0;
  PublishCompletion* completion = nullptr;
  std::uint64_t cookie = 0;
  void* owner = nullptr;
  void (*release)(void*) = nullptr;
  std::vector<Header> header_views;
};

/// Completes each event as `answer` says: at once, or not before complete_next().
class FakeBus final : public EventBus {
 public:
  enum class Answer { done, failed, busy, later, refuse, refuse_too_large };
  std::function<Answer(const Published&)> answer = [](const Published&) { return Answer::done; };

  Result<void> publish(const EventDraft& draft, PublishCompletion* completion, std::uint64_t cookie) override {
    Published event{std::string(draft.topic),
                    std::string(draft.tenant),
                    std::string(draft.id),
                    std::string(draft.content_type),
                    std::string(draft.payload),
                    is_null(draft.payload),
                    draft.payload_owner != nullptr,
                    std::string(draft.key),
                    {},
                    draft.timestamp_us,
                    completion,
                    cookie,
                    draft.payload_owner,
                    draft.payload_release,
                    {}};
    for (const Header& header : draft.headers) event.headers.emplace_back(header.name, header.value);
    const Answer given = answer(event);
    if (given == Answer::refuse || given == Answer::refuse_too_large) {
      if (event.owner != nullptr) event.release(event.owner);
      return Error(given == Answer::refuse ? ErrorCode::state : ErrorCode::too_large, "refused");
    }
    auto kept = std::make_unique<Published>(std::move(event));
    for (const auto& [name, value] : kept->headers) kept->header_views.push_back({name, value});
    all.push_back(*kept);
    if (handle(*kept))
      given_later(std::move(kept));
    else if (given == Answer::later)
      given_later(std::move(kept));
    else
      end(*kept, given == Answer::done ? Outcome::done : given == Answer::busy ? Outcome::busy : Outcome::failed);
    return {};
  }

  /// Ends one of those that were answered later; by default the oldest.
  void complete_next(Outcome outcome, std::size_t index = 0) {
    auto event = std::move(waiting_.at(index));
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(index));
    end(*event, outcome);
  }
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

  Result<SubscriptionToken> subscribe(std::string_view, std::span<const std::string> patterns,
                                      EventHandler& handler) override {
    subscribed = patterns[0];
    handler_ = &handler;
    return SubscriptionToken{1};
  }
  void unsubscribe(SubscriptionToken) override { handler_ = nullptr; }
  void defer(EventHandle, std::uint32_t) noexcept override {}
  void complete(EventHandle event, Outcome outcome, std::string_view) noexcept override {
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
      if (reinterpret_cast<EventHandle>(waiting_[i].get()) == event) return complete_next(outcome, i);
    }
  }
  void complete_many(std::span<const EventHandle> events, Outcome outcome) noexcept override {
    for (EventHandle event : events) complete(event, outcome, "");
  }
  [[nodiscard]] Event view(EventHandle) const noexcept override { return {}; }
  [[nodiscard]] std::uint32_t listeners(std::string_view) const noexcept override {
    return handler_ == nullptr ? 0 : 1;
  }

  std::vector<Published> all;
  std::string subscribed;

 private:
  /// Offers dead letters to their subscriber. True: it answered later.
  bool handle(const Published& event) {
    if (handler_ == nullptr || !event.topic.starts_with("kafka_events::dead_letter::")) return false;
    Event seen;
    seen.topic = event.topic;
    seen.key = event.key;
    seen.payload = event.null_payload ? Bytes() : Bytes(event.payload);
    seen.headers = event.header_views;
    seen.timestamp_us = event.timestamp_us;
    seen.published_by_us = true;
    seen.handle = reinterpret_cast<EventHandle>(&event);
    return handler_->on_event(seen) == HandlerAnswer::later;
  }
  void given_later(std::unique_ptr<Published> event) { waiting_.push_back(std::move(event)); }
  void end(const Published& event, Outcome outcome) {
    // As the real bus: the event, and with it the record, lives until its completion has been told.
    if (event.completion != nullptr)
      event.completion->completed(event.cookie, outcome, outcome == Outcome::failed ? "boom" : "");
    if (event.owner != nullptr) event.release(event.owner);
  }

  EventHandler* handler_ = nullptr;
  std::deque<std::unique_ptr<Published>> waiting_;
};

/// A record in memory of its own, freed (and counted) when it is released.
struct TestRecord {
  std::string topic, key, value;
  std::vector<std::pair<std::string, std::string>> headers;
  std::vector<Header> views;
  std::atomic<int>* released = nullptr;

  static void release(void* owner) {
    auto* record = static_cast<TestRecord*>(owner);
    ++*record->released;
    delete record;
  }
};

class RecordMaker {
 public:
  InboundRecord make(std::string topic, std::int32_t partition, std::int64_t offset, std::string value = "{}",
                     std::vector<std::pair<std::string, std::string>> headers = {}, std::string key = "wallet-1") {
    auto* owned = new TestRecord{std::move(topic), std::move(key), std::move(value), std::move(headers), {}, &released};
    for (const auto& [name, content] : owned->headers) owned->views.push_back({name, content});
    ++created;
    return {owned->topic, partition,    offset, 1700000000123,       owned->key,
            owned->value, owned->views, owned,  &TestRecord::release};
  }
  std::atomic<int> released{0};
  int created = 0;
};

}  // namespace kafka_events
