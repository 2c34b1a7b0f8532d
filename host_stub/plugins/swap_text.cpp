// Names of a swap's outcomes, as reports, routes and metrics have them.
#include "plugins/swap_types.h"

namespace host_stub {

std::string_view to_string(SwapOutcome outcome) noexcept {
  switch (outcome) {
    case SwapOutcome::running:
      return "running";
    case SwapOutcome::probation:
      return "probation";
    case SwapOutcome::swapped:
      return "swapped";
    case SwapOutcome::rolled_back:
      return "rolled_back";
    case SwapOutcome::refused:
      return "refused";
    case SwapOutcome::stuck:
      return "stuck";
  }
  return "unknown";
}

std::string_view to_string(StepOutcome outcome) noexcept {
  switch (outcome) {
    case StepOutcome::running:
      return "running";
    case StepOutcome::done:
      return "done";
    case StepOutcome::failed:
      return "failed";
    case StepOutcome::skipped:
      return "skipped";
  }
  return "unknown";
}

std::string_view to_string(SwapDirection direction) noexcept {
  return direction == SwapDirection::forward ? "forward" : "back";
}

}  // namespace host_stub
