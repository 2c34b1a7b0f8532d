// A YAML file that holds flags: `--arg-file args.yml` with lines such as `plugin: [kafka_events]` or `log_level:
// debug`.
#pragma once

#include <map>
#include <string>

#include "cli/settings.h"
#include "cli/verbs.h"
#include "core/result.h"

namespace host_stub::cli {

/// The flags set in `text`, by name. Keys are flag names with - or _; a list gives several values; `true` sets a
/// toggle. AGENT_E_INVALID: no YAML, no map, an unknown key (with the nearest flag) or a value of the wrong shape, with
/// file:line:column. `file` is for messages only.
[[nodiscard]] Result<std::map<std::string, Setting>> parse_arg_file(const std::string& file, const std::string& text,
                                                                    const Verb& verb);

}  // namespace host_stub::cli
