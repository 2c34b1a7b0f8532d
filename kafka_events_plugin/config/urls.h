// Addresses of registries, and other texts with the grammar of RFC 3986.
#pragma once

#include <string>
#include <string_view>

#include "config/value_checks.h"
#include "core/result.h"

namespace kafka_events::config {

/// An address `http[s]://host[:port][/path]`, without a slash at its end. User information, query and fragment are
/// refused, and so are paths that an HTTP client would rewrite.
[[nodiscard]] Result<std::string> checked_url(const Shown& value);

/// A non-empty URI reference (RFC 3986, 4.1), by its characters.
[[nodiscard]] Result<std::string> checked_uri_reference(const Shown& value);

/// What is no unreserved character of RFC 3986, 2.3, as %XX.
[[nodiscard]] std::string percent_encoded(std::string_view text);

/// Whether the address's host is this machine by its name or number.
[[nodiscard]] bool is_loopback_url(std::string_view url);

}  // namespace kafka_events::config
