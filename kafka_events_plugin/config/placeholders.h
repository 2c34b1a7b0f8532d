// ${NAME}, ${NAME:-default} and ${file:PATH} within values; $$ is one $.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/loader.h"

namespace kafka_events::config {

struct Expansion {
  std::string text;
  bool secret = false;                ///< a part came from a file, or from a variable that is named like a secret
  std::vector<std::string> problems;  ///< each for a person; never with a value in it
};

/// Replaces the placeholders once: what they bring in is not searched again. A variable that is set but empty takes the
/// default, as in a shell.
[[nodiscard]] Expansion expand(std::string_view text, const LoadInput& input);

/// Whether a name (of a property, a variable) says that what it holds is not for anybody's eyes.
[[nodiscard]] bool names_a_secret(std::string_view name);

/// `path` as seen from the configuration file's folder.
[[nodiscard]] std::string resolved_path(std::string_view path, std::string_view base_dir);

}  // namespace kafka_events::config
