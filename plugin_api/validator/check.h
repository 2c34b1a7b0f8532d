// One check of the validator: what it is called, which rule it stands for, and how it ended.
//
// A check is a function that returns when the module passed and throws a Finding when it did not: like a test's REQUIRE,
// a finding ends the check at once, however deep in it. No finding is thrown through the module's code.
#pragma once

#include <span>
#include <sstream>
#include <string>
#include <string_view>

namespace plugin_validator {

class Subject;

enum class Outcome { passed, warning, skipped, failed, crashed, timed_out };

[[nodiscard]] const char* name_of(Outcome outcome) noexcept;
/// failed, crashed or timed_out: the module is refused.
[[nodiscard]] bool is_refusal(Outcome outcome) noexcept;

struct Finding {
  Outcome outcome;
  std::string detail;  // for a person: what was found, where, what to do about it
};

/// How one check ended.
struct Result {
  Outcome outcome = Outcome::passed;
  std::string detail;
  double milliseconds = 0;
};

struct Check {
  const char* name;
  const char* rule;   // where it comes from: a header, and what it says there
  const char* needs;  // the check that must have passed before, or ""
  bool quick;         // also with --quick
  void (*run)(Subject& subject);
};

/// All of them, in the order in which they run: a check comes after the one that it needs.
[[nodiscard]] std::span<const Check> all_checks() noexcept;
[[nodiscard]] const Check* find_check(std::string_view name) noexcept;

template <class... Parts>
[[nodiscard]] std::string text_of(const Parts&... parts) {
  std::ostringstream text;
  (text << ... << parts);
  return std::move(text).str();
}

template <class... Parts>
[[noreturn]] void fail(const Parts&... parts) {
  throw Finding{Outcome::failed, text_of(parts...)};
}
template <class... Parts>
[[noreturn]] void warn(const Parts&... parts) {
  throw Finding{Outcome::warning, text_of(parts...)};
}
template <class... Parts>
[[noreturn]] void skip(const Parts&... parts) {
  throw Finding{Outcome::skipped, text_of(parts...)};
}

}  // namespace plugin_validator
