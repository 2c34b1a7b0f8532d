// The requests that wait, by correlation id and by deadline. Any thread; the time comes from the caller.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/event.h"
#include "core/result.h"

namespace kafka_events {

/// What is kept of a request's event; not its payload.
struct PendingRequest {
  using Time = std::chrono::steady_clock::time_point;

  std::string correlation_id;
  std::string topic;
  std::string tenant;
  std::string key;
  bool null_key = false;
  std::string id;
  Time opened;
  Time due;           ///< of a late one: when it is forgotten
  bool late = false;  ///< its time was over; its answer is awaited only to be reported
};

class RequestTable {
 public:
  using Time = PendingRequest::Time;
  /// For how long the answer to a request whose time was over is still known as late.
  static constexpr std::chrono::minutes late_time{10};

  /// At most `max_pending` wait, and as many late ones are kept in mind, the latest ones.
  explicit RequestTable(std::uint64_t max_pending) : max_pending_(max_pending) {}

  /// busy: too many wait; exists: one with this id waits. A late one gives way.
  Result<void> add(PendingRequest request);
  /// The request, which is in the table no more; none: nobody waits for this id.
  std::optional<PendingRequest> take(std::string_view correlation_id);
  /// Back from take(): its answer could not be given to anybody yet. Beyond the bound, if need be.
  void put_back(PendingRequest request);
  /// No such id: nothing happens.
  void remove(std::string_view correlation_id) noexcept;

  /// Those whose time is over, at most `most` at once; they are late ones from now on. Late ones that are old are forgotten.
  std::vector<PendingRequest> expire(Time now, std::size_t most);
  /// All, late ones too; the table is empty then.
  std::vector<PendingRequest> take_all();

  /// Without the late ones.
  [[nodiscard]] std::uint64_t size() const;
  /// The first deadline; none: none waits.
  [[nodiscard]] std::optional<Time> next_due() const;

 private:
  struct Entry;
  using ByDue = std::multimap<Time, Entry*>;
  struct Entry {
    PendingRequest request;
    ByDue::iterator place;
  };
  void insert(PendingRequest&& request);
  PendingRequest extract(Entry& entry);
  void forget_oldest_late(Time now);

  const std::uint64_t max_pending_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string_view, std::unique_ptr<Entry>> entries_;  // each key lies in its entry
  ByDue waiting_;
  ByDue late_;
};

}  // namespace kafka_events
