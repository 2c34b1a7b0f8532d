// Keeps some room on the outbox's file system, so that full buffers can still be written and erasures be noted.
#pragma once

#include <cstdint>
#include <string>
#include <sys/statvfs.h>
#include <utility>

namespace kafka_events {

/// Not thread-safe.
class FreeSpace {
 public:
  FreeSpace(std::string path, std::uint64_t headroom) : path_(std::move(path)), headroom_(headroom) {}

  /// Whether `bytes` may be written. Asks the file system once for many of them, and each time while it is full.
  [[nodiscard]] bool take(std::uint64_t bytes) noexcept {
    if (bytes > granted_) granted_ = room() > bytes + granted_at_once ? bytes + granted_at_once : 0;
    if (bytes > granted_) return false;
    granted_ -= bytes;
    return true;
  }

  /// Bytes above the headroom.
  [[nodiscard]] std::uint64_t room() const noexcept {
    struct statvfs about {};
    if (statvfs(path_.c_str(), &about) != 0) return UINT64_MAX;  // writing will tell
    const std::uint64_t available = std::uint64_t{about.f_bavail} * about.f_frsize;
    return available > headroom_ ? available - headroom_ : 0;
  }

 private:
  static constexpr std::uint64_t granted_at_once = 256U << 10U;

  std::string path_;
  std::uint64_t headroom_;
  std::uint64_t granted_ = 0;
};

}  // namespace kafka_events
