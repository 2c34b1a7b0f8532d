// Ranges that merge, and their text.
#include "inbound/redrive_progress.h"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace kafka_events {
namespace {

constexpr std::string_view version = "1:";

/// Takes a number of at most 18 digits off the front; -1: there is none.
std::int64_t take_number(std::string_view& text) {
  std::int64_t number = 0;
  const std::size_t digits = std::min<std::size_t>(text.size(), 18);
  const auto end = std::from_chars(text.data(), text.data() + digits, number);
  if (end.ec != std::errc() || number < 0) return -1;
  text.remove_prefix(static_cast<std::size_t>(end.ptr - text.data()));
  return number;
}

bool take(std::string_view& text, char wanted) {
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

Result<RedriveProgress> RedriveProgress::parse(std::int64_t committed, std::string_view metadata) {
  const Error foreign(ErrorCode::invalid,
                      "the text that is committed with the redrive position is not of this program");
  RedriveProgress progress;
  progress.next_ = std::max<std::int64_t>(committed, 0);
  if (metadata.empty()) return progress;
  if (!metadata.starts_with(version)) return foreign;
  metadata.remove_prefix(version.size());
  std::int64_t at = progress.next_;
  for (bool more = true; more; more = take(metadata, ',')) {
    if (!take(metadata, '+')) return foreign;
    const std::int64_t open = take_number(metadata);
    const std::int64_t settled = take(metadata, '-') ? take_number(metadata) : -1;
    if (open < 1 || settled < 1 || at > INT64_MAX / 2 - open - settled) return foreign;
    progress.settle(at + open, at + open + settled);
    at += open + settled;
  }
  if (!metadata.empty()) return foreign;
  return progress;
}

bool RedriveProgress::settled(std::int64_t offset) const {
  if (offset < next_) return true;
  const auto after = ranges_.upper_bound(offset);
  return after != ranges_.begin() && offset < std::prev(after)->second;
}

void RedriveProgress::settle(std::int64_t first, std::int64_t end) {
  if (end <= std::max(first, next_)) return;
  first = std::max(first, next_);
  auto at = ranges_.lower_bound(first);
  if (at != ranges_.begin() && std::prev(at)->second >= first) --at;
  while (at != ranges_.end() && at->first <= end) {
    first = std::min(first, at->first);
    end = std::max(end, at->second);
    at = ranges_.erase(at);
  }
  if (first <= next_) {
    next_ = end;
  } else {
    ranges_.emplace(first, end);
  }
}

std::int64_t RedriveProgress::open_below(std::int64_t high) const {
  std::int64_t open = std::max<std::int64_t>(0, high - next_);
  for (const auto& [first, end] : ranges_)
    open -= std::max<std::int64_t>(0, std::min(end, high) - std::min(first, high));
  return open;
}

std::string RedriveProgress::metadata() const {
  std::string text;
  std::int64_t at = next_;
  for (const auto& [first, end] : ranges_) {
    text += text.empty() ? version : std::string_view(",");
    text.append("+").append(std::to_string(first - at)).append("-").append(std::to_string(end - first));
    at = end;
  }
  return text;
}

}  // namespace kafka_events
