// The outbox on disk: entries with ascending positions, kept until they are erased, safe against kill -9 as soon as
// append() returns and against power loss as soon as the next group was fsynced. No type of the library appears here.
//
//   auto store = OutboxStore::open({.path = "/var/lib/agent/outbox", .max_bytes = 1 << 30}, log);
//   store.value()->append(Stream::at_least_once, entry);           // any thread; the position, or busy: full
//   store.value()->read(Stream::at_least_once, from, limit, [&](std::uint64_t position, const StoredEntry& entry) {…});
//   store.value()->erase(Stream::at_least_once, ranges);           // after the broker's acknowledgement
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/ports.h"

namespace kafka_events {

/// Entries of one stream are sent in the order of their positions, which begin with 1; streams know nothing of each other but the space.
enum class Stream : std::uint8_t { at_least_once = 1, exactly_once = 2 };

enum class FsyncPolicy : std::uint8_t {
  group,  ///< every few milliseconds, for all entries appended since
  each,   ///< before append() returns, together with what other threads append
  off,    ///< left to the operating system
};

struct OutboxOptions {
  std::string path;  ///< a directory; made if missing (0700), its parent must exist
  std::uint64_t max_bytes = std::uint64_t{1}
                            << 30U;  ///< keys and entries that are not erased, and so about what lies on disk
  FsyncPolicy fsync = FsyncPolicy::group;
  std::chrono::milliseconds group_interval{5};
  /// Another instance in this process has just closed it: what a crash may have done is not looked for.
  bool closed_in_order = false;
};

/// A record with what its status event needs. Views: the caller's for append(), valid during the visit for read().
struct StoredEntry {
  std::string_view kafka_topic;
  std::int32_t partition = partition_by_key;
  Bytes key;
  Bytes value;
  std::span<const Header> headers;
  std::int64_t timestamp_ms = 0;
  // The event behind it.
  std::string_view event_topic;
  std::string_view tenant;
  Bytes event_key;
  std::string_view event_id;
  std::string_view content_type;
  Bytes payload;  ///< stored once if it is the same memory as `value`
};

/// Positions from `first` up to, not including, `end`.
struct PositionRange {
  std::uint64_t first = 0;
  std::uint64_t end = 0;
};

struct OutboxFigures {
  std::uint64_t entries = 0;  ///< not erased, all streams
  std::uint64_t bytes = 0;    ///< of these, as counted against max_bytes
  std::uint64_t max_bytes = 0;
  std::uint64_t appended = 0;  ///< since opened
  std::uint64_t erased = 0;
  std::uint64_t refused = 0;  ///< busy: full, or the disk was
  std::uint64_t fsyncs = 0;
  std::string trouble;  ///< the last error that still holds (the disk is full, …), for a person; empty: none
};

class OutboxStore {
 public:
  /// Opens or makes it; the owner's lock is held until the end. Fails with `exists` and the owner's pid if another process
  /// (or another instance in this one) has it open, and with what to do for anything else. A last write that was torn by a
  /// crash is dropped; damage elsewhere is an error, never silence. Takes memory for about 32 MiB of buffers at most.
  static Result<std::unique_ptr<OutboxStore>> open(const OutboxOptions& options, Log& log);
  virtual ~OutboxStore() = default;

  /// Stable for as long as the directory lives; random (RFC 4122).
  [[nodiscard]] virtual const std::string& id() const noexcept = 0;

  /// Appends under the next position of its stream and returns that. Any thread; positions become readable in order.
  /// `busy`: full (max_bytes, or the disk), nothing was changed; try again when something was erased.
  /// `failed`: the disk does not take it (message says why); nothing was changed. `too_large`: it could never fit.
  virtual Result<std::uint64_t> append(Stream stream, const StoredEntry& entry) = 0;

  /// Leaves `count` positions free, which append_at() may fill in any order before reading goes past them. Returns the
  /// first of them. Later appends come after all of them. The next reservation ends this one, and so does a restart; until
  /// then a free position holds positions().first back, unless it is erased.
  virtual std::uint64_t reserve(Stream stream, std::uint64_t count) = 0;
  /// Goes on with a reservation of before it was closed: with what is left of it. Before anything else is done with the
  /// stream. False: entries behind it are erased for good already, and the positions cannot be used any more.
  virtual bool reserve_again(Stream stream, PositionRange left) = 0;
  /// Appends at a reserved position that is free.
  virtual Result<void> append_at(Stream stream, std::uint64_t position, const StoredEntry& entry) = 0;

  /// Visits entries from `from` on in order of positions, at most `max_entries` and about `max_bytes` of them; the visitor
  /// returns false to end early (that entry counts as not visited). Returns the position after the last one visited, or
  /// `from` if there was none. Any thread, several at once, beside any appends and erasures.
  using Visitor = std::function<bool(std::uint64_t position, const StoredEntry& entry)>;
  virtual Result<std::uint64_t> read(Stream stream, std::uint64_t from, std::size_t max_entries, std::size_t max_bytes,
                                     const Visitor& visitor) = 0;

  /// Erases entries; positions in the ranges that hold none are no error. An erasure that the disk does not take is kept in
  /// memory and written with a later one. Readers miss them at once; the disk knows with the next group, so that after a
  /// kill -9 entries that were erased in the last milliseconds are there again.
  virtual Result<void> erase(Stream stream, std::span<const PositionRange> ranges) = 0;

  /// The lowest position that may hold an entry, and the next one to be given. Never goes back, also after all was erased
  /// and over restarts.
  [[nodiscard]] virtual PositionRange positions(Stream stream) const = 0;
  [[nodiscard]] virtual std::uint64_t entries(Stream stream) const = 0;
  /// The positions of entries that are not erased, among these; ascending.
  [[nodiscard]] virtual std::vector<PositionRange> held(Stream stream, PositionRange among) const = 0;

  /// Everything appended so far is on the disk when this returns.
  virtual Result<void> sync() = 0;

  [[nodiscard]] virtual OutboxFigures figures() const = 0;  ///< [any thread]
};

}  // namespace kafka_events
