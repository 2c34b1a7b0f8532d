// The report of a swap as JSON, as the admin routes answer it.
#pragma once

#include <string>

#include "plugins/swap_types.h"

namespace host_stub::cli {

/// One object; its members are listed in docs/ and in the schema swap_report (admin/route_schemas.h).
[[nodiscard]] std::string swap_json(const SwapReport& report);

}  // namespace host_stub::cli
