// A bus that remembers what was published, records that count their releases, and requests.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "core/request_book.h"
#include "requests/pending_requests.h"

namespace kafka_events::reply_test {

struct Told {
  std::string topic, tenant, key, id, content_type, payload;
  bool null_key = false;
  bool null_payload = false;
  std::vector<std::pair<std::string, std::string>> headers;

  [[nodiscard]] std::string header(std::string_view name) const {
    for (const auto& [each, value] : headers) {
      if (each == name) return value;
    }
    return "(none)";
  }
};

class Bus final : public EventBus {
 public:
  std::function<Result<void>(const Told&)> answer = [](const Told&) { return Result<void>(); };
  bool completes = true;  // else complete_all() does
  std::vector<Told> told;
  std::vector<PublishCompletion*> waiting;

  Result<void> publish(const EventDraft& draft, PublishCompletion* completion, std::uint64_t cookie) override {
    Told event{std::string(draft.topic), std::string(draft.tenant),       std::string(draft.key),
               std::string(draft.id),    std::string(draft.content_type), std::string(draft.payload),
               is_null(draft.key),       is_null(draft.payload),          {}};
    for (const Header& header : draft.headers) event.headers.emplace_back(header.name, header.value);
    if (Result<void> refused = answer(event); !refused) return refused;
    told.push_back(std::move(event));
    if (completes) {
      completion->completed(cookie, Outcome::done, "");
    } else {
      waiting.push_back(completion);
    }
    return {};
  }
  void complete_all() {
    for (PublishCompletion* each : std::exchange(waiting, {})) each->completed(0, Outcome::done, "");
  }

  Result<SubscriptionToken> subscribe(std::string_view, std::span<const std::string>, EventHandler&) override {
    return SubscriptionToken{1};
  }
  void unsubscribe(SubscriptionToken) override {}
  void defer(EventHandle, std::uint32_t) noexcept override {}
  void complete(EventHandle, Outcome, std::string_view) noexcept override {}
  void complete_many(std::span<const EventHandle>, Outcome) noexcept override {}
  [[nodiscard]] Event view(EventHandle) const noexcept override { return {}; }
  [[nodiscard]] std::uint32_t listeners(std::string_view) const noexcept override { return 1; }
};

class NoLog final : public Log {
 public:
  std::vector<std::string> lines;
  [[nodiscard]] bool enabled(LogLevel) const noexcept override { return true; }
  void write(LogLevel, std::string_view, std::string_view message, std::span<const LogField>) noexcept override {
    lines.emplace_back(message);
  }
};

/// A record whose memory is freed when it is released: a late look at it is found by the sanitizers.
class Records {
 public:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  InboundRecord make(std::int64_t offset, Headers headers, std::string value = "answer", std::int32_t partition = 0) {
    auto* owned = new Owned{"a.reply", std::move(value), std::move(headers), {}, &released};
    for (const auto& [name, content] : owned->headers) owned->views.push_back({name, content});
    InboundRecord record;
    record.topic = owned->topic;
    record.partition = partition;
    record.offset = offset;
    record.value = owned->value;
    record.headers = owned->views;
    record.owner = owned;
    record.release = &Owned::release;
    return record;
  }
  InboundRecord answer(std::int64_t offset, const std::string& correlation_id) {
    return make(offset, {{"kafka_correlationId", correlation_id}});
  }
  int released = 0;

 private:
  struct Owned {
    std::string topic, value;
    Headers headers;
    std::vector<Header> views;
    int* released;
    static void release(void* owner) {
      auto* record = static_cast<Owned*>(owner);
      ++*record->released;
      delete record;
    }
  };
};

inline const std::vector<TopicPartition> both = {{"a.reply", 0}, {"a.reply", 1}};

struct Fixture {
  Bus bus;
  NoLog log;
  Records records;
  PendingRequests pending;
  RecordHandler& reader = pending.reader();

  explicit Fixture(std::uint64_t max_pending = 100) : pending({max_pending, ".*"}, bus, log) {}

  void assign() { reader.on_assigned(both); }
  Result<void> ask(const std::string& id, std::chrono::milliseconds timeout = std::chrono::hours(1)) {
    Event event;
    event.topic = "a::question";
    event.tenant = "wallet";
    event.key = "key";
    event.id = "event-1";
    return pending.open(id, event, timeout);
  }
  /// What the consumer would commit for partition 0; -1: nothing new.
  std::int64_t watermark() {
    for (const Watermark& each : reader.watermarks()) {
      if (each.partition == both[0]) return each.next_offset;
    }
    return -1;
  }
};

}  // namespace kafka_events::reply_test
