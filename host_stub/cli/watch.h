// The verb `watch`: events of a running host, as they happen.
#pragma once

#include <string>
#include <string_view>

#include "cli/options.h"

namespace host_stub::cli {

/// Returns the exit status.
[[nodiscard]] int run_watch(const WatchOptions& options);

/// An event as GET /events sends it, on one line for people: time, topic, tenant, payload.
[[nodiscard]] std::string event_for_people(std::string_view json);

}  // namespace host_stub::cli
