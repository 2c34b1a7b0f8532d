// Compiles patterns, and reads the literal text at their beginning.
#include "bus/topic_pattern.h"

#include <re2/re2.h>
#include <utility>

#include "agent_plugin/status.h"

#include "core/utf8.h"

namespace host_stub {
namespace {

// RE2's default of 8 MiB each would let ten thousand patterns take all memory; past the bound it gets slower, not
// wrong.
constexpr std::int64_t max_automaton_bytes = 128 << 10;

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

bool is_meta(char c) { return std::string_view("\\^$.|?*+()[]{}").find(c) != std::string_view::npos; }
bool is_quantifier(char c) { return c == '?' || c == '*' || c == '+' || c == '{'; }
bool is_punctuation(char c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

/// Could a `|` stand outside of all groups, so that the pattern has more than one beginning? When in doubt, yes.
bool may_alternate_at_top(std::string_view pattern) {
  if (pattern.find('|') == std::string_view::npos) return false;
  if (pattern.find('[') != std::string_view::npos || pattern.find("\\Q") != std::string_view::npos) return true;
  int depth = 0;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    if (pattern[at] == '\\') {
      ++at;
    } else if (pattern[at] == '(') {
      ++depth;
    } else if (pattern[at] == ')') {
      --depth;
    } else if (pattern[at] == '|' && depth <= 0) {
      return true;
    }
  }
  return false;
}

Failure refused(std::string_view expression, const re2::RE2& compiled) {
  std::string message = "pattern \"" + std::string(expression) + "\" is not valid RE2 syntax: " + compiled.error();
  const std::size_t place =
      compiled.error_arg().empty() ? std::string_view::npos : expression.find(compiled.error_arg());
  if (place != std::string_view::npos) message += ", at character " + std::to_string(place + 1);
  return {AGENT_E_INVALID, std::move(message)};
}

}  // namespace

std::string literal_prefix(std::string_view pattern, std::string_view& rest) {
  rest = pattern;
  if (may_alternate_at_top(pattern)) return {};
  if (rest.starts_with('^')) rest.remove_prefix(1);
  std::string prefix;
  while (!rest.empty()) {
    std::size_t taken = 0;
    std::string_view literal;
    if (rest[0] == '\\' && rest.size() > 1 && is_punctuation(rest[1])) {
      literal = rest.substr(1, 1);
      taken = 2;
    } else if (!is_meta(rest[0])) {
      taken = utf8_character_size(rest);
      literal = rest.substr(0, taken);
    }
    const bool repeated = taken < rest.size() && is_quantifier(rest[taken]);
    if (taken == 0 || repeated) break;
    prefix += literal;
    rest.remove_prefix(taken);
  }
  return prefix;
}

Result<TopicPattern> TopicPattern::compile(std::string_view expression) {
  if (expression.size() > max_bytes) {
    return Failure{AGENT_E_INVALID, "a pattern has " + std::to_string(expression.size()) + " bytes, more than the " +
                                        std::to_string(max_bytes) + " allowed: \"" +
                                        std::string(expression.substr(0, 64)) + "…\""};
  }
  re2::RE2::Options options;
  options.set_max_mem(max_automaton_bytes);
  options.set_log_errors(false);
  options.set_never_capture(true);
  auto compiled = std::make_unique<re2::RE2>(piece(expression), options);
  if (!compiled->ok()) return refused(expression, *compiled);
  std::string_view rest;
  std::string prefix = host_stub::literal_prefix(expression, rest);
  const Kind kind = rest.empty() || rest == ".*" ? Kind::prefix : rest == "$" ? Kind::exact : Kind::expression;
  if (kind != Kind::expression) compiled.reset();
  return TopicPattern(std::move(prefix), kind, std::move(compiled));
}

TopicPattern::TopicPattern(std::string prefix, Kind kind, std::unique_ptr<re2::RE2> expression)
    : prefix_(std::move(prefix)), kind_(kind), expression_(std::move(expression)) {}
TopicPattern::TopicPattern(TopicPattern&&) noexcept = default;
TopicPattern& TopicPattern::operator=(TopicPattern&&) noexcept = default;
TopicPattern::~TopicPattern() = default;

bool TopicPattern::matches(std::string_view topic) const {
  if (!topic.starts_with(prefix_)) return false;
  if (kind_ == Kind::prefix) return true;
  if (kind_ == Kind::exact) return topic.size() == prefix_.size();
  return expression_->Match(piece(topic), 0, topic.size(), re2::RE2::ANCHOR_START, nullptr, 0);
}

}  // namespace host_stub
