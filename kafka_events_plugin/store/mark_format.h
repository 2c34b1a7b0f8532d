// The few numbers that are kept beside the entries: what is erased of a stream, and how far it was on the disk.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "core/result.h"

namespace kafka_events {

struct StreamMark;

[[nodiscard]] std::string encode_mark(const StreamMark& mark);
[[nodiscard]] Result<StreamMark> decode_mark(std::string_view bytes);

/// A file beside the database that says which positions a sync has reached. It is never synced itself, so that it may lag
/// behind, but what it says is true: if the database ends earlier, something was lost that was safe.
class SyncedFile {
 public:
  using Ends = std::array<std::uint64_t, 2>;  ///< the first position of each stream that was not synced

  /// Makes the file if it is missing.
  static Result<SyncedFile> open(const std::string& path);
  ~SyncedFile();
  SyncedFile(SyncedFile&& other) noexcept;
  SyncedFile& operator=(SyncedFile&& other) noexcept;

  [[nodiscard]] bool is_new() const noexcept { return is_new_; }
  [[nodiscard]] Ends read() const;  ///< zeros if it is not whole
  void write(const Ends& ends) const noexcept;

 private:
  explicit SyncedFile(int descriptor) noexcept : descriptor_(descriptor) {}
  int descriptor_ = -1;
  bool is_new_ = false;
};

}  // namespace kafka_events
