// Options that came with a version after the first: none yet. (A file of its own, so that a second version of the module
// can be built from the same parts, plugin/version.h.)
#include "config/options.h"

namespace kafka_events::config {

std::span<const Option> further_options() { return {}; }

}  // namespace kafka_events::config
