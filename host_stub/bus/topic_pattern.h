// One pattern of a subscription: an RE2 expression that must match from the topic's first character on, and the literal
// text that it begins with, by which most topics are told apart without running the expression.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"

namespace re2 {
class RE2;
}

namespace host_stub {

class TopicPattern {
 public:
  static constexpr std::size_t max_bytes = 4096;

  /// AGENT_E_INVALID says what is wrong and where.
  static Result<TopicPattern> compile(std::string_view expression);

  TopicPattern(TopicPattern&&) noexcept;
  TopicPattern& operator=(TopicPattern&&) noexcept;
  ~TopicPattern();

  /// Every topic that matches begins with this.
  [[nodiscard]] const std::string& literal_prefix() const noexcept { return prefix_; }

  /// Any thread.
  [[nodiscard]] bool matches(std::string_view topic) const;

 private:
  enum class Kind : unsigned char { prefix, exact, expression };
  TopicPattern(std::string prefix, Kind kind, std::unique_ptr<re2::RE2> expression);

  std::string prefix_;
  Kind kind_;
  std::unique_ptr<re2::RE2> expression_;  // null unless Kind::expression: plain texts need no automaton
};

/// What a pattern starts with literally. `rest` becomes what follows it. Errs on the side of a shorter prefix.
[[nodiscard]] std::string literal_prefix(std::string_view pattern, std::string_view& rest);

}  // namespace host_stub
