// One process, and one instance in it, owns a directory.
#include "store/owner_lock.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace kafka_events {
namespace {

Error taken_error(int descriptor, const std::string& directory) {
  std::array<char, 32> text{};
  const ssize_t size = pread(descriptor, text.data(), text.size() - 1, 0);
  std::string owner(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  owner.erase(owner.find_last_not_of("\n ") + 1);
  const std::string who = owner.empty()                       ? "another process"
                          : owner == std::to_string(getpid()) ? "this process (" + owner + ")"
                                                              : "process " + owner;
  return {ErrorCode::exists,
          "outbox " + directory + ": " + who +
              " has it open; each instance needs an outbox path of its own, or the other one must end"};
}

}  // namespace

Result<OwnerLock> OwnerLock::take(const std::string& directory) {
  const std::string path = directory + "/lock";
  OwnerLock lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (lock.descriptor_ < 0) {
    return Error(ErrorCode::failed, path + " cannot be opened (" + std::generic_category().message(errno) +
                                        "); the agent's user must be able to write there");
  }
  if (flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return taken_error(lock.descriptor_, directory);
    return Error(ErrorCode::failed, path + " cannot be locked (" + std::generic_category().message(errno) +
                                        "); the outbox needs a local file system");
  }
  const std::string pid = std::to_string(getpid()) + "\n";
  // Only for people: on a full disk the lock holds without it.
  if (ftruncate(lock.descriptor_, 0) == 0 && pwrite(lock.descriptor_, pid.data(), pid.size(), 0) < 0) errno = 0;
  return lock;
}

OwnerLock::~OwnerLock() {
  if (descriptor_ < 0) return;
  // A child process that was just forked may hold the descriptor a little longer: closing alone would not release it.
  flock(descriptor_, LOCK_UN);
  close(descriptor_);
}

OwnerLock::OwnerLock(OwnerLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

OwnerLock& OwnerLock::operator=(OwnerLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

}  // namespace kafka_events
