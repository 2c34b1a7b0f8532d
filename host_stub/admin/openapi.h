// The OpenAPI 3.1 document of the admin interface, made from the routes that are registered at the moment.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "admin/route_table.h"

namespace host_stub {

struct OpenApiOptions {
  std::string title;
  std::string version;
  bool needs_key = true;  ///< false: insecure mode, no route asks for a key
};

/// JSON text.
[[nodiscard]] std::string openapi_document(const std::vector<RouteInfo>& routes, const OpenApiOptions& options);

}  // namespace host_stub
