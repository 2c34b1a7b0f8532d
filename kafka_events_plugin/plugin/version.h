// What tells this version of the module from others in a handover. The tests build a second version of the module by
// linking another definition of this_version() and of config::further_options().
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace kafka_events {

struct ModuleVersion {
  std::uint32_t newest_revision;  ///< of the state; every version reads and writes all from 1 to this one
  /// What revisions after the first add to the state: written behind everything else, and read back.
  std::string (*further_state)(std::uint32_t revision);
  Result<void> (*take_further_state)(std::uint32_t revision, std::string_view state);
};

[[nodiscard]] const ModuleVersion& this_version() noexcept;

}  // namespace kafka_events
