// Collects the problems of one load, and says where a place is. Nothing here knows what an option means.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"

namespace kafka_events::config {

enum class Origin : std::uint8_t { file, override_, built_in };

/// A position in the file (line and column from 1), or which other source a value has.
struct Mark {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  Origin origin = Origin::file;
  auto operator<=>(const Mark&) const = default;
};

class Report {
 public:
  explicit Report(std::string_view file_name) : file_name_(file_name) {}

  [[nodiscard]] Place place(const Mark& mark, std::string key_path = {}) const;

  void error(Place place, std::string message);
  void warning(Place place, std::string message);

  [[nodiscard]] std::size_t errors() const noexcept { return errors_; }

  /// Whether there is an error at this key: what else seems wrong because of it need not be said.
  [[nodiscard]] bool is_refused(std::string_view key_path) const;

  /// In the order of the file; what has no line (overrides, defaults) comes last. The same problem of both clients,
  /// which share an option, is one.
  [[nodiscard]] std::vector<Problem> take();

 private:
  std::string file_name_;
  std::vector<Problem> problems_;
  std::set<std::string, std::less<>> refused_;
  std::size_t errors_ = 0;
};

/// `"text"`, with control characters escaped and long texts cut, for messages.
[[nodiscard]] std::string quoted(std::string_view text);

/// The candidate nearest to `word`, empty if none is near enough to be what was meant. Case, '-' and '_' do not count,
/// and a word that a candidate begins with is near to it.
[[nodiscard]] std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

/// How many characters must be changed, put in or taken out to make one from the other (Levenshtein).
[[nodiscard]] std::size_t edit_distance(std::string_view left, std::string_view right);

/// ` (did you mean "x"?)`, or nothing.
[[nodiscard]] std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates);

/// The parts of "a, b, c" without surrounding blanks; empty parts are left out.
[[nodiscard]] std::vector<std::string_view> split_list(std::string_view text, char separator = ',');

[[nodiscard]] std::string_view trimmed(std::string_view text);
[[nodiscard]] std::string lower(std::string_view text);

}  // namespace kafka_events::config
