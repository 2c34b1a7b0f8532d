#include "cli/url.h"

#include <charconv>

namespace host_stub::cli {

std::optional<Url> parse_url(std::string url) {
  constexpr std::string_view scheme = "http://";
  if (!url.starts_with(scheme)) return std::nullopt;
  url.erase(0, scheme.size());
  if (!url.empty() && url.back() == '/') url.pop_back();
  const bool bracketed = url.starts_with('[');  // an IPv6 address
  const std::size_t host_end = bracketed ? url.find(']') : url.find(':');
  Url parts{bracketed ? url.substr(1, host_end - 1) : url.substr(0, host_end), "80"};
  const std::size_t colon = host_end == std::string::npos ? host_end : url.find(':', host_end);
  if (colon != std::string::npos) parts.port = url.substr(colon + 1);
  unsigned port = 0;
  const auto [end, error] = std::from_chars(parts.port.data(), parts.port.data() + parts.port.size(), port);
  const bool good = error == std::errc() && end == parts.port.data() + parts.port.size() && port > 0 && port < 65536;
  if (!good || parts.host.empty() || parts.host.find('/') != std::string::npos) return std::nullopt;
  return parts;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    const bool letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9');
    if (letter || std::string_view("-._~").find(character) != std::string_view::npos) {
      out += character;
    } else {
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
  return out;
}

}  // namespace host_stub::cli
