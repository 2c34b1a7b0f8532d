// What is checked of a request before its body is read: target, Host, where it comes from, the API key.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "admin/http_message.h"

namespace host_stub {

class RouteTable;
struct AdminServerOptions;

/// The parts of a request's head that matter. Views into the parser's message.
struct RequestHead {
  std::string_view method;
  std::string_view target;
  bool is_http_1_1 = true;
  std::size_t host_count = 0;  ///< how many Host fields there are
  std::string_view host;
  std::optional<std::string_view> origin;
  std::string_view fetch_site;  ///< Sec-Fetch-Site, or empty
  std::string_view api_key;     ///< X-API-Key, or empty
};

/// The answer that refuses the request, or nothing: 400 for a malformed head, 401 without the right key, 403 for
/// requests that a browser makes on behalf of another site.
[[nodiscard]] std::optional<HttpReply> screen(const RequestHead& head, const AdminServerOptions& options,
                                              const RouteTable& routes);

}  // namespace host_stub
