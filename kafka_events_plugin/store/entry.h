// Records to outbox entries and back.
#pragma once

#include <memory>

#include "core/ports.h"
#include "store/outbox_store.h"

namespace kafka_events {

/// What is kept of a record that is sent, and of the event behind it. Views of both.
[[nodiscard]] StoredEntry to_entry(const OutboundRecord& record, std::string_view kafka_topic);

/// What is kept of a record that came back undelivered. `report.failed` must be set.
[[nodiscard]] StoredEntry to_entry(const DeliveryReport& report, const Event& source);

/// The record of an entry, told by its position. Views of the entry.
[[nodiscard]] OutboundRecord to_record(const StoredEntry& entry, std::uint64_t position, TopicId topic);

/// The event of an entry, as status events need it: without headers and handle. Views of the entry.
[[nodiscard]] Event to_event(const StoredEntry& entry);

/// A copy of the event of an entry.
class KeptEvent {
 public:
  explicit KeptEvent(const StoredEntry& entry);
  KeptEvent(const KeptEvent&) = delete;
  KeptEvent& operator=(const KeptEvent&) = delete;
  [[nodiscard]] const Event& event() const noexcept { return event_; }

 private:
  std::string memory_;
  Event event_;
};

/// What librdkafka counts against message.max.bytes.
[[nodiscard]] std::uint64_t counted_bytes(const OutboundRecord& record) noexcept;

}  // namespace kafka_events
