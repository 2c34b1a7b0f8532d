// The second revision of the state: it also says which revision it is in words, and refuses a state that does not.
#include "plugin/version.h"

namespace kafka_events {
namespace {

constexpr std::string_view mark = "second revision";

std::string further_state(std::uint32_t /*revision*/) { return std::string(mark); }

Result<void> take_further_state(std::uint32_t /*revision*/, std::string_view state) {
  if (state == mark) return {};
  return Error(ErrorCode::invalid, "the state has revision 2 and lacks what this revision added");
}

}  // namespace

const ModuleVersion& this_version() noexcept {
  static constexpr ModuleVersion version{2, &further_state, &take_further_state};
  return version;
}

}  // namespace kafka_events
