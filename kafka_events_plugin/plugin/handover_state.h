// A handover as bytes: the state of agent.handover/1. Its first four bytes are its revision, big-endian.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/handover.h"
#include "core/result.h"

namespace kafka_events {

/// `revision` is one that this version knows.
[[nodiscard]] std::string write_state(const Handover& handover, std::uint32_t revision);

/// `unsupported` for a revision that this version does not know, `invalid` for bytes that no version wrote.
[[nodiscard]] Result<Handover> read_state(std::string_view state);

/// What describe() writes: the clients that could change hands.
[[nodiscard]] std::string write_clients(const ClientKeys& clients);
/// Empty for anything that write_clients() did not write: then nothing changes hands as it is.
[[nodiscard]] ClientKeys read_clients(std::string_view described);

}  // namespace kafka_events
