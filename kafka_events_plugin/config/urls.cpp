// One pass over scheme, authority and path; the messages never show what may be a password.
#include "config/urls.h"

#include <algorithm>
#include <charconv>

#include "config/report.h"

namespace kafka_events::config {

namespace {

Error wrong(std::string message) { return {ErrorCode::invalid, std::move(message)}; }

bool is_unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~").find(c) != std::string_view::npos;
}

bool is_hexadecimal(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f'); }

// Unreserved characters, those of `others`, and %XX.
bool is_made_of(std::string_view text, std::string_view others) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size() || !is_hexadecimal(text[i + 1]) || !is_hexadecimal(text[i + 2])) return false;
      i += 2;
    } else if (!is_unreserved(text[i]) && others.find(text[i]) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

struct Address {
  std::string_view host;  ///< in brackets if it is IPv6
  std::string_view port;
  bool has_port = false;
};

Address split_authority(std::string_view authority) {
  const std::size_t bracket = authority.starts_with('[') ? authority.find(']') : 0;
  const std::size_t colon = authority.find(':', std::min(bracket, authority.size()));
  if (colon == std::string_view::npos) return {authority, {}, false};
  return {authority.substr(0, colon), authority.substr(colon + 1), true};
}

bool is_host(std::string_view host) {
  if (!host.starts_with('[')) return !host.empty() && is_made_of(host, "");
  const std::string_view inner = host.substr(1, host.size() - 2);
  return host.size() > 3 && host.ends_with(']') &&
         std::ranges::all_of(inner, [](char c) { return is_hexadecimal(c) || c == ':' || c == '.'; });
}

bool is_port(std::string_view port) {
  unsigned number = 0;
  const auto [end, failure] = std::from_chars(port.data(), port.data() + port.size(), number);
  return failure == std::errc() && end == port.data() + port.size() && number >= 1 && number <= 65535;
}

// "//", "." and ".." would be another path after an HTTP client had it.
bool is_plain_path(std::string_view path) {
  if (path.empty()) return true;
  path.remove_prefix(1);
  for (;;) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view segment = path.substr(0, end);
    if (segment.empty() || segment == "." || segment == "..") return false;
    if (end == path.size()) return true;
    path.remove_prefix(end + 1);
  }
}

std::string no_scheme(const Shown& value) {
  const bool like_server = value.text.find("://") == std::string_view::npos && !value.secret &&
                           value.text.find('@') == std::string_view::npos;
  std::string message = value.name() + " does not begin with http:// or https://";
  if (like_server && is_host(split_authority(value.text.substr(0, value.text.find('/'))).host)) {
    message.append(" (did you mean ").append(quoted(std::string("http://").append(value.text))).append("?)");
  }
  return message;
}

}  // namespace

Result<std::string> checked_url(const Shown& value) {
  const std::size_t mark = value.text.find("://");
  const std::string scheme = lower(value.text.substr(0, std::min(mark, value.text.size())));
  const std::string_view rest = mark == std::string_view::npos ? value.text : value.text.substr(mark + 3);
  // Looked for first: what stands before the @ must not be shown.
  if (rest.substr(0, rest.find('/')).find('@') != std::string_view::npos) {
    return wrong("the value holds a user; write it without, and username and password as options");
  }
  if (mark == std::string_view::npos || (scheme != "http" && scheme != "https")) return wrong(no_scheme(value));
  if (rest.find_first_of("?#") != std::string_view::npos) {
    return wrong(value.name() + " has a query or a fragment (\"?\", \"#\"); write http://host:port/path only");
  }
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  const Address address = split_authority(rest.substr(0, slash));
  if (!is_host(address.host)) return wrong(value.name() + " has no host after ://");
  if (address.has_port && !is_port(address.port)) {
    return wrong(value.name() + " has no port from 1 to 65535 after the colon");
  }
  std::string_view path = rest.substr(slash);
  while (path.ends_with('/')) path.remove_suffix(1);
  if (!is_made_of(path, "/!$&'()*+,;=:@") || !is_plain_path(path)) {
    return wrong(value.name() + " has a path that is none: no blanks, no empty part, no \".\" or \"..\"");
  }
  return scheme + "://" + std::string(rest.substr(0, slash)) + std::string(path);
}

Result<std::string> checked_uri_reference(const Shown& value) {
  if (value.text.empty()) return wrong("is empty; write a URI reference, such as /agents/agent-1");
  if (is_made_of(value.text, ":/?#[]@!$&'()*+,;=")) return std::string(value.text);
  return wrong(value.name() + " is no URI reference (RFC 3986): it has blanks or other characters that need %XX");
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    if (is_unreserved(c)) {
      result += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      result += '%';
      result += digits[byte >> 4U];
      result += digits[byte & 0xfU];
    }
  }
  return result;
}

bool is_loopback_url(std::string_view url) {
  url.remove_prefix(std::min(url.find("://") + 3, url.size()));
  const std::string host = lower(split_authority(url.substr(0, url.find('/'))).host);
  return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

}  // namespace kafka_events::config
