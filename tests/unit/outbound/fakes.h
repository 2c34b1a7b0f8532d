// Small stand-ins for the ports around the outbound pipeline: they record what they are asked for, in order.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "config/settings.h"
#include "core/ports.h"

namespace kafka_events::test {

/// A record as it was given to the sink.
struct SentRecord {
  std::string topic;
  std::int32_t partition = 0;
  std::string key;
  bool key_is_null = true;
  std::string value;
  bool value_is_null = true;
  bool value_in_event = false;
  std::vector<std::pair<std::string, std::string>> headers;
  std::int64_t timestamp_ms = 0;
  EventHandle event = nullptr;
};

class FakeSink final : public RecordSink {
 public:
  Result<TopicId> open_topic(std::string_view name) override {
    ++opened;
    if (!open_error.empty()) return Error(ErrorCode::state, open_error);
    const auto found = std::find(topics.begin(), topics.end(), name);
    if (found == topics.end()) topics.emplace_back(name);
    return TopicId{static_cast<std::uint32_t>(std::find(topics.begin(), topics.end(), name) - topics.begin())};
  }

  SendStatus send(const OutboundRecord& record) noexcept override {
    const SendStatus status = answers.empty() ? SendStatus::accepted : answers.front();
    if (!answers.empty()) answers.pop_front();
    if (status != SendStatus::accepted) return status;
    SentRecord sent{topics.at(static_cast<std::size_t>(record.topic)),
                    record.partition,
                    std::string(record.key),
                    is_null(record.key),
                    std::string(record.value),
                    is_null(record.value),
                    record.value_in_event,
                    {},
                    record.timestamp_ms,
                    record.event};
    for (const Header& header : record.headers) sent.headers.emplace_back(header.name, header.value);
    records.push_back(std::move(sent));
    return status;
  }

  [[nodiscard]] std::string explain(SendStatus status, const OutboundRecord&) const override {
    return status == SendStatus::too_large ? "the record is too large" : "the producer is stopped";
  }

  std::deque<SendStatus> answers;  // of the next sends; then accepted
  std::string open_error;
  std::vector<std::string> topics;
  std::vector<SentRecord> records;
  int opened = 0;
};

/// Keeps what was published and completed, as lines of one journal.
class FakeBus final : public EventBus {
 public:
  Result<void> publish(const EventDraft& draft, PublishCompletion*, std::uint64_t) override {
    std::string line = "publish " + std::string(draft.topic) + " of " + name(draft.payload_of);
    for (const Header& header : draft.headers) {
      line.append(1, ' ').append(header.name).append(1, '=').append(header.value);
    }
    last_tenant = draft.tenant;
    last_key = draft.key;
    last_payload = draft.payload;
    journal.push_back(line);
    if (on_publish) on_publish();
    if (publish_fails) return Error(ErrorCode::state, "the bus is closed");
    return {};
  }
  Result<SubscriptionToken> subscribe(std::string_view, std::span<const std::string> patterns, EventHandler&) override {
    journal.push_back("subscribe");
    subscribed.assign(patterns.begin(), patterns.end());
    return SubscriptionToken{7};
  }
  void unsubscribe(SubscriptionToken) override { journal.emplace_back("unsubscribe"); }
  void defer(EventHandle event, std::uint32_t more) noexcept override {
    journal.push_back("defer " + name(event) + " " + std::to_string(more));
  }
  void complete(EventHandle event, Outcome outcome, std::string_view detail) noexcept override {
    journal.push_back("complete " + name(event) + " " + std::to_string(static_cast<int>(outcome)) +
                      (detail.empty() ? "" : " ") + std::string(detail));
  }
  void complete_many(std::span<const EventHandle> handled, Outcome outcome) noexcept override {
    journal.push_back("complete_many " + std::to_string(handled.size()) + " " +
                      std::to_string(static_cast<int>(outcome)));
  }
  [[nodiscard]] Event view(EventHandle event) const noexcept override { return events.at(event); }
  [[nodiscard]] std::uint32_t listeners(std::string_view) const noexcept override {
    ++listeners_asked;
    return listener_count;
  }

  /// An event of this bus; its texts must outlive it.
  Event make(std::string_view topic, std::string_view payload = "{}", std::string_view tenant = "w1") {
    Event event;
    event.topic = topic;
    event.tenant = tenant;
    event.payload = payload;
    event.id = "id";
    event.handle = reinterpret_cast<EventHandle>(&handles.emplace_back());
    events[event.handle] = event;
    return event;
  }

  std::vector<std::string> journal;
  std::vector<std::string> subscribed;
  std::string last_tenant;
  std::string last_key;
  std::string last_payload;
  bool publish_fails = false;
  std::function<void()> on_publish;
  std::uint32_t listener_count = 1;
  mutable int listeners_asked = 0;

 private:
  std::string name(EventHandle handle) const {
    const auto found = events.find(handle);
    return found == events.end() ? "?" : std::string(found->second.topic);
  }
  std::deque<char> handles;
  std::map<EventHandle, Event> events;
};

class FakeLog final : public Log {
 public:
  [[nodiscard]] bool enabled(LogLevel) const noexcept override { return true; }
  void write(LogLevel, std::string_view, std::string_view message, std::span<const LogField> fields) noexcept override {
    const std::lock_guard lock(mutex_);
    std::string line(message);
    for (const LogField& field : fields) line.append(1, ' ').append(field.name).append(1, '=').append(field.value);
    lines.push_back(line);
  }
  std::vector<std::string> lines;

 private:
  std::mutex mutex_;
};

inline config::RouteSettings route(std::string match = "^acapy::outbound::.*") {
  config::RouteSettings settings;
  settings.name = "default";
  settings.match = std::move(match);
  return settings;
}

}  // namespace kafka_events::test
