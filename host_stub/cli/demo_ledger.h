// What became of every event of the demo: written by the bus's threads, read by the one that shows it.
//
//   sent        the status event <topic>::sent_to_external_queue says where in Kafka the record lies
//   given up    the status event <topic>::undeliverable says why
//   came back   the record came in again as an event whose id is that place, <Kafka topic>:<partition>:<offset>
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agent_plugin/event.h"

#include "admin/event_fields.h"

namespace host_stub::cli {

/// One event and its fate.
struct LedgerEntry {
  std::string id;
  std::string event_topic;
  std::size_t payload_bytes = 0;
  std::size_t payload_hash = 0;
  std::uint32_t delivered = 0;      ///< how often
  std::uint32_t undeliverable = 0;  ///< likewise
  std::uint32_t came_back = 0;      ///< likewise
  bool changed = false;             ///< it came back with another payload
  bool refused = false;             ///< a handler failed on it, or none took it
  std::string kafka_topic;          ///< empty until it is delivered
  std::int32_t partition = -1;
  std::string reason;  ///< why it was given up or refused
};

struct LedgerCounts {
  std::uint64_t events = 0;
  std::uint64_t delivered = 0;
  std::uint64_t undeliverable = 0;
  std::uint64_t came_back = 0;
  std::uint64_t refused = 0;
};

class DemoLedger {
 public:
  explicit DemoLedger(const std::vector<EventFields>& events);

  /// The handler of status events and of those that came back; the patterns that it wants.
  void on_event(const agent_event& event);
  [[nodiscard]] static const std::vector<std::string>& patterns();

  /// The bus tells that no handler took event `index`, or that one failed.
  void on_refused(std::size_t index, std::string_view reason);

  [[nodiscard]] LedgerCounts counts() const;
  /// Every event has an end: delivered and back, or given up.
  [[nodiscard]] bool complete() const;
  [[nodiscard]] std::vector<LedgerEntry> entries() const;
  /// Events that came back from places where none of ours was written.
  [[nodiscard]] std::uint64_t strangers() const;

 private:
  struct Returned {
    std::uint32_t times = 0;
    std::size_t payload_bytes = 0;
    std::size_t payload_hash = 0;
  };
  void on_sent(const agent_event& event);
  void on_undeliverable(const agent_event& event);
  void on_returned(const agent_event& event);
  LedgerEntry* find(const agent_event& status_event);
  static void match(LedgerEntry& entry, const Returned& returned);

  mutable std::mutex mutex_;
  std::vector<LedgerEntry> entries_;  // guarded by mutex_, as is all below
  std::unordered_map<std::string, std::size_t> by_id_;
  std::unordered_map<std::string, std::size_t> by_place_;  // <topic>:<partition>:<offset>
  std::unordered_map<std::string, Returned> early_;        // came back before their status event
};

/// Delivered once, back once, unchanged.
[[nodiscard]] bool is_well(const LedgerEntry& entry) noexcept;

/// Why it is not: one line for a person.
[[nodiscard]] std::string what_is_wrong(const LedgerEntry& entry);

}  // namespace host_stub::cli
