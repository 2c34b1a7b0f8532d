// One process, and one instance in it, owns a directory.
#pragma once

#include <string>

#include "core/result.h"

namespace kafka_events {

/// An flock(2) on a file that also says who holds it. The system releases it when the process ends, however it ends.
class OwnerLock {
 public:
  /// Fails with `exists` and the owner's process id if somebody else has it, also within this process.
  static Result<OwnerLock> take(const std::string& directory);
  ~OwnerLock();
  OwnerLock(OwnerLock&& other) noexcept;
  OwnerLock& operator=(OwnerLock&& other) noexcept;

 private:
  explicit OwnerLock(int descriptor) noexcept : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace kafka_events
