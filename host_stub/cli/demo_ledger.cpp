#include "cli/demo_ledger.h"

#include <algorithm>
#include <charconv>
#include <functional>

namespace host_stub::cli {
namespace {

constexpr std::string_view sent_suffix = "::sent_to_external_queue";
constexpr std::string_view undeliverable_suffix = "::undeliverable";
constexpr std::string_view returned_prefix = "returned::";

std::string_view view(agent_text text) noexcept {
  return text.size == 0 ? std::string_view() : std::string_view(text.data, text.size);
}

std::string_view view(agent_bytes bytes) noexcept {
  return bytes.size == 0 ? std::string_view() : std::string_view(static_cast<const char*>(bytes.data), bytes.size);
}

std::string_view header(const agent_event& event, std::string_view name) noexcept {
  for (std::uint32_t index = 0; index < event.header_count; ++index) {
    if (view(event.headers[index].name) == name) return view(event.headers[index].value);
  }
  return {};
}

std::size_t hash_of(std::string_view payload) noexcept { return std::hash<std::string_view>{}(payload); }

std::int32_t number_in(std::string_view text) noexcept {
  std::int32_t value = -1;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

const std::vector<std::string>& DemoLedger::patterns() {
  static const std::vector<std::string> all{".*::sent_to_external_queue$", ".*::undeliverable$", "returned::"};
  return all;
}

DemoLedger::DemoLedger(const std::vector<EventFields>& events) {
  for (const EventFields& event : events) {
    LedgerEntry entry;
    const std::string_view payload = event.payload.has_value() ? std::string_view(*event.payload) : std::string_view();
    entry.id = event.id;
    entry.event_topic = event.topic;
    entry.payload_bytes = payload.size();
    entry.payload_hash = hash_of(payload);
    by_id_.emplace(event.id, entries_.size());
    entries_.push_back(std::move(entry));
  }
}

void DemoLedger::on_event(const agent_event& event) {
  const std::lock_guard lock(mutex_);
  const std::string_view topic = view(event.topic);
  if (topic.starts_with(returned_prefix)) {
    on_returned(event);
  } else if (topic.ends_with(sent_suffix)) {
    on_sent(event);
  } else if (topic.ends_with(undeliverable_suffix)) {
    on_undeliverable(event);
  }
}

LedgerEntry* DemoLedger::find(const agent_event& status_event) {
  const auto found = by_id_.find(std::string(header(status_event, "event-id")));
  return found == by_id_.end() ? nullptr : &entries_[found->second];
}

void DemoLedger::on_sent(const agent_event& event) {
  LedgerEntry* entry = find(event);
  if (entry == nullptr) return;
  entry->kafka_topic = header(event, "kafka-topic");
  entry->partition = number_in(header(event, "kafka-partition"));
  ++entry->delivered;
  const std::string place = entry->kafka_topic + ":" + std::string(header(event, "kafka-partition")) + ":" +
                            std::string(header(event, "kafka-offset"));
  by_place_[place] = static_cast<std::size_t>(entry - entries_.data());
  if (const auto early = early_.find(place); early != early_.end()) {
    match(*entry, early->second);
    early_.erase(early);
  }
}

void DemoLedger::on_undeliverable(const agent_event& event) {
  LedgerEntry* entry = find(event);
  if (entry == nullptr) return;
  ++entry->undeliverable;
  entry->reason = header(event, "reason");
}

void DemoLedger::on_returned(const agent_event& event) {
  const std::string_view payload = view(event.payload);
  const std::string place(view(event.id));
  const Returned returned{1, payload.size(), hash_of(payload)};
  if (const auto found = by_place_.find(place); found != by_place_.end()) {
    match(entries_[found->second], returned);
    return;
  }
  Returned& early = early_[place];
  early = {early.times + 1, returned.payload_bytes, returned.payload_hash};
}

void DemoLedger::match(LedgerEntry& entry, const Returned& returned) {
  entry.came_back += returned.times;
  if (returned.payload_bytes != entry.payload_bytes || returned.payload_hash != entry.payload_hash)
    entry.changed = true;
}

void DemoLedger::on_refused(std::size_t index, std::string_view reason) {
  const std::lock_guard lock(mutex_);
  entries_[index].refused = true;
  if (entries_[index].reason.empty()) entries_[index].reason = reason;
}

LedgerCounts DemoLedger::counts() const {
  const std::lock_guard lock(mutex_);
  LedgerCounts counts;
  for (const LedgerEntry& entry : entries_) {
    ++counts.events;
    counts.delivered += entry.delivered > 0 ? 1 : 0;
    counts.undeliverable += entry.undeliverable > 0 ? 1 : 0;
    counts.came_back += entry.came_back > 0 ? 1 : 0;
    counts.refused += entry.refused ? 1 : 0;
  }
  return counts;
}

bool DemoLedger::complete() const {
  const std::lock_guard lock(mutex_);
  return std::all_of(entries_.begin(), entries_.end(), [](const LedgerEntry& entry) {
    return (entry.delivered > 0 && entry.came_back > 0) || entry.undeliverable > 0 || entry.refused;
  });
}

std::vector<LedgerEntry> DemoLedger::entries() const {
  const std::lock_guard lock(mutex_);
  return entries_;
}

std::uint64_t DemoLedger::strangers() const {
  const std::lock_guard lock(mutex_);
  std::uint64_t count = 0;
  for (const auto& [place, returned] : early_) count += returned.times;
  return count;
}

bool is_well(const LedgerEntry& entry) noexcept {
  return entry.delivered == 1 && entry.came_back == 1 && entry.undeliverable == 0 && !entry.changed && !entry.refused;
}

std::string what_is_wrong(const LedgerEntry& entry) {
  const auto times = [](std::uint32_t count) { return std::to_string(count) + " times"; };
  if (entry.undeliverable > 0) return "undeliverable: " + entry.reason;
  if (entry.refused) return "not sent: " + entry.reason;
  if (entry.delivered == 0) return "never delivered";
  if (entry.delivered > 1) return "delivered " + times(entry.delivered);
  if (entry.came_back == 0) return "never came back from " + entry.kafka_topic;
  if (entry.came_back > 1) return "came back " + times(entry.came_back) + " from " + entry.kafka_topic;
  return entry.changed ? "came back from " + entry.kafka_topic + " with another payload" : "";
}

}  // namespace host_stub::cli
