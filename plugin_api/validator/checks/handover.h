// The calls of agent.handover/1 with the test host's byte streams: what a swap is made of.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "life.h"

namespace plugin_validator {

/// One instance on its side of a swap. Throws a Finding (skipped) if the plugin offers no handover.
class HandoverSide {
 public:
  explicit HandoverSide(Life& life);

  /// What describe() wrote; at most 64 KiB.
  std::string describe();
  Answer prepare(std::string_view other);
  Answer quiesce(std::uint32_t timeout_ms = 5000);
  Answer resume();
  /// `state` gets the bytes; writing fails once it has `capacity` of them.
  Answer save(std::string_view other, std::string& state, std::optional<std::size_t> capacity = {},
              bool close_connections = false);
  /// `step` bytes at most at each read.
  Answer load(std::string_view state, std::size_t step);

  [[nodiscard]] std::uint32_t newest_revision() const noexcept { return functions_.newest_revision; }
  [[nodiscard]] Life& life() const noexcept { return life_; }

 private:
  Life& life_;
  const agent_handover& functions_;
};

/// Lets `from` give everything up for `to`, which goes on; each step must succeed. False: the long way was refused for now
/// (AGENT_E_TIMEOUT: a peer is away and something waits for it), and `from` has gone on.
bool hand_over(HandoverSide& from, HandoverSide& to, Vault& vault, bool close_connections = false);

}  // namespace plugin_validator
