// Puts RocksDB's log on the disk beside its writers.
#include "store/log_sync.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace kafka_events {

LogSync::~LogSync() { close(); }

Result<void> LogSync::sync(std::uint64_t newest) {
  if (log_ == 0) log_ = newest;
  const bool is_new = file_ < 0 || log_ != newest;
  // The logs between the last one that was synced and the newest: few, and their numbers are those of all files.
  for (; log_ <= newest; ++log_) {
    if (file_ < 0) open(log_);
    if (file_ >= 0 && fdatasync(file_) != 0) return error_of(log_);
    if (log_ == newest) break;
    close();
  }
  if (!is_new) return {};
  const int directory = ::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = directory >= 0 && fsync(directory) == 0;
  Result<void> done = synced ? Result<void>() : error_of(newest);
  if (directory >= 0) ::close(directory);
  return done;
}

Error LogSync::error_of(std::uint64_t log) const {
  const int error = errno;
  if (error == ENOSPC || error == EDQUOT) {
    return {ErrorCode::busy,
            "outbox " + directory_ + ": the disk is full; make room on it, the outbox goes on by itself"};
  }
  return {ErrorCode::failed, "outbox " + directory_ + ": log " + std::to_string(log) + " does not reach the disk (" +
                                 std::generic_category().message(error) + "); check the disk and the kernel's log"};
}

void LogSync::open(std::uint64_t log) {
  std::array<char, 32> name{};
  (void)snprintf(name.data(), name.size(), "/%06llu.log", static_cast<unsigned long long>(log));
  file_ = ::open((directory_ + name.data()).c_str(), O_RDONLY | O_CLOEXEC);
}

void LogSync::close() {
  if (file_ >= 0) ::close(file_);
  file_ = -1;
}

}  // namespace kafka_events
