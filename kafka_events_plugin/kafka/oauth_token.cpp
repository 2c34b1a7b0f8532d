// A token file, and the two claims of a JWT that librdkafka wants to know.
#include "kafka/oauth_token.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <iterator>
#include <optional>

namespace kafka_events {
namespace {

constexpr std::size_t max_token_bytes = 64 * 1024;
constexpr std::chrono::minutes default_life{5};
constexpr std::string_view default_principal = "agent";
constexpr std::string_view white_space = " \t\r\n";

/// base64url without padding (RFC 4648, section 5); empty for anything else.
std::string decode_base64url(std::string_view text) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string bytes;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const std::size_t value = alphabet.find(c);
    if (value == std::string_view::npos) return {};
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<char>((bits >> count) & 0xFF));
  }
  return bytes;
}

/// What follows `"name":` in a JSON object, or empty.
std::string_view claim(std::string_view json, std::string_view name) {
  const std::size_t at = json.find(std::string("\"").append(name).append("\""));
  if (at == std::string_view::npos) return {};
  json.remove_prefix(at + name.size() + 2);
  const std::size_t value = json.find_first_not_of(" \t\r\n:");
  return value == std::string_view::npos ? std::string_view() : json.substr(value);
}

std::optional<std::int64_t> number_in(std::string_view json) {
  std::int64_t number = 0;
  const auto end = std::from_chars(json.data(), json.data() + json.size(), number);
  return end.ec == std::errc() ? std::optional(number) : std::nullopt;
}

std::string_view text_in(std::string_view json) {
  if (!json.starts_with('"')) return {};
  json.remove_prefix(1);
  return json.substr(0, json.find('"'));
}

}  // namespace

Result<OAuthToken> parse_oauth_token(std::string_view text, std::chrono::system_clock::time_point now) {
  const std::size_t begin = text.find_first_not_of(white_space);
  if (begin == std::string_view::npos) return Error(ErrorCode::invalid, "the token file is empty");
  text = text.substr(begin, text.find_last_not_of(white_space) - begin + 1);
  const bool visible = std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
  if (!visible || text.size() > max_token_bytes) return Error(ErrorCode::invalid, "the token file holds no token");

  const auto since_epoch = [](auto time) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
  };
  OAuthToken token{std::string(text), std::string(default_principal), since_epoch(now + default_life)};
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) return token;
  const std::string_view rest = text.substr(dot + 1);
  const std::string claims = decode_base64url(rest.substr(0, rest.find('.')));
  if (const auto expiry = number_in(claim(claims, "exp"))) token.expires_ms = *expiry * 1000;
  if (const std::string_view subject = text_in(claim(claims, "sub")); !subject.empty()) token.principal = subject;
  if (token.expires_ms <= since_epoch(now)) return Error(ErrorCode::invalid, "the token in the token file has expired");
  return token;
}

void refresh_oauth_token(rd_kafka_t* client, const std::string& file) {
  const auto fail = [client](const std::string& why) { rd_kafka_oauthbearer_set_token_failure(client, why.c_str()); };
  if (file.empty()) return fail("no source of tokens is configured (sasl_oauth_token_provider)");
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return fail("the token file " + file + " cannot be read");
  std::string text(max_token_bytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  const auto token = parse_oauth_token(text, std::chrono::system_clock::now());
  if (!token) return fail(token.error().message + ": " + file);
  std::array<char, 256> error{};
  const auto code =
      rd_kafka_oauthbearer_set_token(client, token.value().value.c_str(), token.value().expires_ms,
                                     token.value().principal.c_str(), nullptr, 0, error.data(), error.size());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) fail(error.data());
}

}  // namespace kafka_events
