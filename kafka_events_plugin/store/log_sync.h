// Puts RocksDB's log on the disk beside its writers. Not by DB::SyncWAL(): in 7.8 that ends the process when a write to a new
// log has just failed on a full disk (an assertion, and Debian's library has them on).
#pragma once

#include <cstdint>
#include <string>

#include "core/result.h"

namespace kafka_events {

/// Not thread-safe.
class LogSync {
 public:
  explicit LogSync(std::string directory) : directory_(std::move(directory)) {}
  ~LogSync();
  LogSync(const LogSync&) = delete;
  LogSync& operator=(const LogSync&) = delete;

  /// Everything that was written to the logs up to `newest`, the one that is written to. Those that are gone meanwhile are
  /// in tables, which RocksDB syncs.
  Result<void> sync(std::uint64_t newest);

 private:
  [[nodiscard]] Error error_of(std::uint64_t log) const;
  void open(std::uint64_t log);
  void close();

  const std::string directory_;
  std::uint64_t log_ = 0;  // that of file_
  int file_ = -1;
};

}  // namespace kafka_events
