// Addresses of admin servers, and percent-encoding.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace host_stub::cli {

struct Url {
  std::string host;
  std::string port;
};

/// http://HOST[:PORT][/], with [::1] for IPv6 addresses; nothing for anything else.
[[nodiscard]] std::optional<Url> parse_url(std::string url);

/// Percent-encodes everything but unreserved characters (RFC 3986).
[[nodiscard]] std::string percent_encode(std::string_view text);

}  // namespace host_stub::cli
