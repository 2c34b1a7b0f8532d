// This version: the first revision of the state, which nothing was added to.
#include "plugin/version.h"

namespace kafka_events {
namespace {

std::string nothing(std::uint32_t /*revision*/) { return {}; }
Result<void> take_nothing(std::uint32_t /*revision*/, std::string_view /*state*/) { return {}; }

}  // namespace

const ModuleVersion& this_version() noexcept {
  static constexpr ModuleVersion version{1, &nothing, &take_nothing};
  return version;
}

}  // namespace kafka_events
