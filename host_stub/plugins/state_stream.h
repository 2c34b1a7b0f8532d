// What one version writes for the other, as the ABI's streams: bounded, and no exception leaves them.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>

#include "agent_plugin/ext/handover.h"

namespace host_stub {

/// Collects what a plugin writes. Stays where it is: the writer points to it.
class StateBuffer {
 public:
  explicit StateBuffer(std::size_t limit) : limit_(limit) {}
  StateBuffer(const StateBuffer&) = delete;
  StateBuffer& operator=(const StateBuffer&) = delete;

  [[nodiscard]] agent_byte_writer writer() noexcept {
    return {sizeof(agent_byte_writer), 0, this, &StateBuffer::write};
  }
  [[nodiscard]] std::string take() noexcept { return std::move(bytes_); }
  /// Something was refused, whether or not the plugin minded.
  [[nodiscard]] bool overflowed() const noexcept { return overflowed_; }

 private:
  static std::int32_t write(void* context, agent_bytes more) noexcept {
    auto& self = *static_cast<StateBuffer*>(context);
    if (more.size > self.limit_ - self.bytes_.size()) {
      self.overflowed_ = true;
      return AGENT_E_TOO_LARGE;
    }
    try {
      self.bytes_.append(static_cast<const char*>(static_cast<const void*>(more.data)), more.size);
      return AGENT_OK;
    } catch (...) {
      self.overflowed_ = true;
      return AGENT_E_FAILED;
    }
  }

  const std::size_t limit_;
  std::string bytes_;
  bool overflowed_ = false;
};

/// Gives bytes to a plugin. Stays where it is, as do the bytes.
class StateSource {
 public:
  explicit StateSource(const std::string& bytes) : bytes_(bytes) {}
  StateSource(const StateSource&) = delete;
  StateSource& operator=(const StateSource&) = delete;

  [[nodiscard]] agent_byte_reader reader() noexcept { return {sizeof(agent_byte_reader), 0, this, &StateSource::read}; }

 private:
  static std::size_t read(void* context, void* buffer, std::size_t capacity) noexcept {
    auto& self = *static_cast<StateSource*>(context);
    const std::size_t count = std::min(capacity, self.bytes_.size() - self.at_);
    std::memcpy(buffer, self.bytes_.data() + self.at_, count);
    self.at_ += count;
    return count;
  }

  const std::string& bytes_;
  std::size_t at_ = 0;
};

}  // namespace host_stub
