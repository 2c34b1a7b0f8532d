// Walks along a pattern and writes the simplest text for each part; <regex> then says whether that guess fits.
#include "host/topics.h"

#include <algorithm>
#include <regex>
#include <string_view>

namespace plugin_validator {
namespace {

constexpr std::string_view any_text = "validator";

/// The first alternative of a group's inside, and where the group ends.
std::string_view first_alternative(std::string_view pattern, std::size_t& at) {
  int depth = 0;
  std::size_t end = std::string_view::npos;
  const std::size_t begin = at + (pattern.substr(at).starts_with("(?:") ? 3 : 1);
  for (; at < pattern.size(); ++at) {
    if (pattern[at] == '\\') {
      ++at;
    } else if (pattern[at] == '(') {
      ++depth;
    } else if (pattern[at] == '|' && depth == 1 && end == std::string_view::npos) {
      end = at;
    } else if (pattern[at] == ')' && --depth == 0) {
      return pattern.substr(begin, (end == std::string_view::npos ? at : end) - begin);
    }
  }
  return {};
}

char of_class(std::string_view inside) {
  if (inside.starts_with('^')) return inside.find('v') == std::string_view::npos ? 'v' : '0';
  return inside.starts_with('\\') ? '1' : inside.empty() ? 'v' : inside[0];
}

char of_escape(char c) { return c == 'd' ? '1' : c == 'w' || c == 'S' || c == 'D' ? 'v' : c; }

std::string guess(std::string_view pattern) {
  std::string topic;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    const char c = pattern[at];
    if (c == '|') break;
    if (c == '(') {
      topic += guess(first_alternative(pattern, at));
    } else if (c == '[') {
      const std::size_t end = std::min(pattern.find(']', at + 2), pattern.size());
      topic += of_class(pattern.substr(at + 1, end - at - 1));
      at = end;
    } else if (c == '{') {
      at = std::min(pattern.find('}', at), pattern.size());
    } else if (c == '\\' && at + 1 < pattern.size()) {
      topic += of_escape(pattern[++at]);
    } else if (c == '.') {
      const bool repeats = at + 1 < pattern.size() && (pattern[at + 1] == '*' || pattern[at + 1] == '+');
      topic += repeats ? any_text : any_text.substr(0, 1);
    } else if (std::string_view("^$*+?").find(c) == std::string_view::npos) {
      topic += c;
    }
  }
  return topic;
}

bool is_match(const std::string& pattern, const std::string& topic) {
  try {
    return std::regex_search(topic, std::regex(pattern), std::regex_constants::match_continuous);
  } catch (const std::regex_error&) {
    return false;  // RE2 has syntax that <regex> lacks; such a handler is not called here
  }
}

}  // namespace

std::string topic_for(const std::vector<std::string>& patterns) {
  for (const std::string& pattern : patterns) {
    std::string topic = guess(pattern);
    if (topic.empty()) topic = any_text;
    if (is_match(pattern, topic)) return topic;
  }
  return {};
}

}  // namespace plugin_validator
