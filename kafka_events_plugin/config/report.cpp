// Problems in order, and the small text helpers that messages need.
#include "config/report.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

namespace kafka_events::config {

namespace {

constexpr std::size_t longest_quote = 80;

// What stays equal when only case or the choice of '-' or '_' differs.
std::string folded(std::string_view text) {
  std::string result = lower(text);
  std::replace(result.begin(), result.end(), '-', '_');
  return result;
}

}  // namespace

Place Report::place(const Mark& mark, std::string key_path) const {
  switch (mark.origin) {
    case Origin::file:
      return {file_name_, mark.line, mark.column, std::move(key_path)};
    case Origin::override_:
      return {"-o", 0, 0, std::move(key_path)};
    case Origin::built_in:
      break;
  }
  return {"", 0, 0, std::move(key_path)};
}

void Report::error(Place place, std::string message) {
  ++errors_;
  if (!place.key_path.empty()) refused_.insert(place.key_path);
  problems_.push_back({Severity::error, std::move(place), std::move(message)});
}

bool Report::is_refused(std::string_view key_path) const { return refused_.find(key_path) != refused_.end(); }

void Report::warning(Place place, std::string message) {
  problems_.push_back({Severity::warning, std::move(place), std::move(message)});
}

std::vector<Problem> Report::take() {
  const auto order = [](const Problem& problem) {
    return std::tuple(problem.place.line == 0, problem.place.line, problem.place.column);
  };
  std::stable_sort(problems_.begin(), problems_.end(),
                   [&](const Problem& left, const Problem& right) { return order(left) < order(right); });
  const auto same = [](const Problem& left, const Problem& right) {
    return std::tie(left.message, left.place.line, left.place.column, left.place.key_path) ==
           std::tie(right.message, right.place.line, right.place.column, right.place.key_path);
  };
  std::vector<Problem> distinct;
  for (Problem& problem : problems_) {
    if (std::ranges::none_of(distinct, [&](const Problem& each) { return same(each, problem); })) {
      distinct.push_back(std::move(problem));
    }
  }
  problems_ = std::move(distinct);
  // A problem of a setting without a place of its own is one of the file as a whole.
  for (Problem& problem : problems_) {
    if (problem.place.file.empty()) problem.place.file = file_name_;
  }
  return std::move(problems_);
}

std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text.substr(0, longest_quote)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      constexpr std::string_view digits = "0123456789abcdef";
      result += "\\x";
      result += digits[byte >> 4U];
      result += digits[byte & 0xfU];
    } else {
      result += c;
    }
  }
  if (text.size() > longest_quote) {
    // A character of several bytes is left out as a whole.
    while (!result.empty() && (static_cast<unsigned char>(result.back()) & 0x80U) != 0) result.pop_back();
    result += "…";
  }
  return result + "\"";
}

std::size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < left.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < right.size(); ++j) {
      const std::size_t replaced = diagonal + (left[i] == right[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
  constexpr std::size_t longest_word = 64;
  if (word.size() > longest_word) return {};
  const std::string wanted = folded(word);
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 2) + 1;
  for (const std::string_view candidate : candidates) {
    const std::string offered = folded(candidate);
    const bool begins_with = wanted.size() > 2 && offered.starts_with(wanted);
    const std::size_t distance = begins_with ? 1 : edit_distance(wanted, offered);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates) {
  const std::string_view found = nearest(word, candidates);
  return found.empty() ? std::string() : " (did you mean " + quoted(found) + "?)";
}

std::vector<std::string_view> split_list(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (const std::string_view part = trimmed(text.substr(0, end)); !part.empty()) parts.push_back(part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

}  // namespace kafka_events::config
