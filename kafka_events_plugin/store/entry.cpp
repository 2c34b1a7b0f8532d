// Records and reports to entries, entries to records and events.
#include "store/entry.h"

#include <array>

namespace kafka_events {
namespace {

void add_event(StoredEntry& entry, const Event& event) {
  entry.event_topic = event.topic;
  entry.tenant = event.tenant;
  entry.event_key = event.key;
  entry.event_id = event.id;
  entry.content_type = event.content_type;
  entry.payload = event.payload;
}

}  // namespace

StoredEntry to_entry(const OutboundRecord& record, std::string_view kafka_topic) {
  StoredEntry entry;
  entry.kafka_topic = kafka_topic;
  entry.partition = record.partition;
  entry.key = record.key;
  entry.value = record.value;
  entry.headers = record.headers;
  entry.timestamp_ms = record.timestamp_ms;
  if (record.source == nullptr) return entry;
  add_event(entry, *record.source);
  // Whenever it is sent, it says when it happened.
  if (entry.timestamp_ms == 0) entry.timestamp_ms = record.source->timestamp_us / 1000;
  return entry;
}

StoredEntry to_entry(const DeliveryReport& report, const Event& source) {
  StoredEntry entry;
  entry.kafka_topic = report.topic;
  entry.partition = report.partition;  // where the partitioner put it, if it got that far
  entry.key = report.failed->key;
  entry.value = report.failed->value;
  entry.headers = report.failed->headers;
  entry.timestamp_ms = report.failed->timestamp_ms;
  add_event(entry, source);
  return entry;
}

OutboundRecord to_record(const StoredEntry& entry, std::uint64_t position, TopicId topic) {
  OutboundRecord record;
  record.topic = topic;
  record.partition = entry.partition;
  record.key = entry.key;
  record.value = entry.value;
  record.headers = entry.headers;
  record.timestamp_ms = entry.timestamp_ms;
  record.number = position;
  return record;
}

Event to_event(const StoredEntry& entry) {
  Event event;
  event.topic = entry.event_topic;
  event.tenant = entry.tenant;
  event.key = entry.event_key;
  event.id = entry.event_id;
  event.content_type = entry.content_type;
  event.payload = entry.payload;
  return event;
}

KeptEvent::KeptEvent(const StoredEntry& entry) : event_(to_event(entry)) {
  const std::array views = {&event_.topic, &event_.tenant,       &event_.key,
                            &event_.id,    &event_.content_type, &event_.payload};
  std::size_t size = 0;
  for (const std::string_view* view : views) size += view->size();
  memory_.reserve(size);
  for (std::string_view* view : views) {
    if (view->data() == nullptr) continue;
    const std::size_t begin = memory_.size();
    memory_.append(*view);
    *view = std::string_view(memory_.data() + begin, view->size());
  }
}

std::uint64_t counted_bytes(const OutboundRecord& record) noexcept { return record.key.size() + record.value.size(); }

}  // namespace kafka_events
