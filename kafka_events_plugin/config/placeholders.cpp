// Expansion of placeholders in one pass from left to right.
#include "config/placeholders.h"

#include <algorithm>
#include <array>
#include <optional>

#include "config/report.h"
#include "config/templates.h"

namespace kafka_events::config {

namespace {

constexpr std::size_t longest_expansion = std::size_t{1} << 20U;

bool is_variable_name(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; };
  const auto is_allowed = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); };
  return !name.empty() && is_letter(name.front()) && std::ranges::all_of(name, is_allowed);
}

void expand_file(std::string_view path, const LoadInput& input, Expansion& result) {
  result.secret = true;
  const std::string resolved = resolved_path(trimmed(path), input.base_dir);
  if (!input.read_file) {
    result.problems.push_back("${file:" + std::string(path) + "} cannot be used here");
    return;
  }
  Result<std::string> content = input.read_file(resolved);
  if (!content) {
    result.problems.push_back("${file:" + std::string(path) + "}: " + content.error().message);
    return;
  }
  std::string_view text = content.value();
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  if (text.find('\0') != std::string_view::npos) {
    result.problems.push_back("${file:" + std::string(path) + "}: the file holds binary data; text is needed");
    return;
  }
  result.text += text;
}

void expand_variable(std::string_view body, const LoadInput& input, Expansion& result) {
  const std::size_t mark = body.find(":-");
  const std::string_view name = body.substr(0, mark);
  std::optional<std::string_view> fallback;
  if (mark != std::string_view::npos) fallback = body.substr(mark + 2);
  if (!is_variable_name(name)) {
    result.problems.push_back("${" + std::string(name) +
                              "} names no environment variable; write ${NAME}, ${NAME:-default}, ${file:PATH}, or $$ "
                              "for a $");
    return;
  }
  if (fallback && fallback->find("${") != std::string_view::npos) {
    result.problems.push_back("the default of ${" + std::string(name) +
                              "} holds another placeholder; they do not nest");
    return;
  }
  result.secret = result.secret || names_a_secret(name);
  const std::optional<std::string> value = input.env ? input.env(name) : std::nullopt;
  if (value && !(value->empty() && fallback)) {
    result.text += *value;
  } else if (fallback) {
    result.text += *fallback;
  } else {
    std::string message = "the environment variable " + std::string(name) + " is not set; set it or write ${" +
                          std::string(name) + ":-default}";
    if (is_template_name(name)) {
      message += " (for the template's own placeholder, write {" + std::string(name) + "})";
    }
    result.problems.push_back(std::move(message));
  }
}

}  // namespace

Expansion expand(std::string_view text, const LoadInput& input) {
  Expansion result;
  while (!text.empty()) {
    const std::size_t dollar = std::min(text.find('$'), text.size());
    result.text += text.substr(0, dollar);
    text.remove_prefix(dollar);
    if (text.starts_with("$$")) {
      result.text += '$';
      text.remove_prefix(2);
    } else if (text.starts_with("${")) {
      const std::size_t end = text.find('}');
      if (end == std::string_view::npos) {
        result.problems.emplace_back("\"${\" is never closed; write } at its end, or $$ for a $");
        return result;
      }
      // In a default that holds another placeholder the first } is not ours; expand_variable() says so.
      const std::string_view body = text.substr(2, end - 2);
      if (body.starts_with("file:")) {
        expand_file(body.substr(5), input, result);
      } else {
        expand_variable(body, input, result);
      }
      text.remove_prefix(end + 1);
    } else if (!text.empty()) {
      result.text += '$';
      text.remove_prefix(1);
    }
    if (result.text.size() > longest_expansion) {
      result.problems.emplace_back("the placeholders bring in more than 1 MiB");
      return result;
    }
  }
  return result;
}

bool names_a_secret(std::string_view name) {
  constexpr std::array<std::string_view, 7> words = {"password", "passwd",  "passphrase", "secret",
                                                     "token",    "key.pem", "ssl_key"};
  // These only say where, or how.
  constexpr std::array<std::string_view, 4> harmless = {"token_file", "token.endpoint", "unsecure.jwt",
                                                        "password_file"};
  const std::string folded = lower(name);
  const auto is_in = [&](std::string_view word) { return folded.find(word) != std::string::npos; };
  return std::ranges::any_of(words, is_in) && !std::ranges::any_of(harmless, is_in);
}

std::string resolved_path(std::string_view path, std::string_view base_dir) {
  if (base_dir.empty() || path.starts_with('/')) return std::string(path);
  std::string result(base_dir);
  if (!result.ends_with('/')) result += '/';
  return result += path;
}

}  // namespace kafka_events::config
