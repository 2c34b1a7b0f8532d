// Names of topics, both ways, and headers.
#include "inbound/dead_letter_topics.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <re2/re2.h>

namespace kafka_events {
namespace {

constexpr std::array placeholders{std::string_view("{topic}"), std::string_view("$topic")};

struct NameParts {
  std::string_view before;
  std::string_view after;
  bool with_topic = false;
};

NameParts parts_of(std::string_view name) {
  for (const std::string_view placeholder : placeholders) {
    const std::size_t at = name.find(placeholder);
    if (at != std::string_view::npos) return {name.substr(0, at), name.substr(at + placeholder.size()), true};
  }
  return {name, {}, false};
}

template <class Number>
Number number_in(std::string_view text, Number otherwise) {
  Number number{};
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  return end.ec == std::errc() && end.ptr == text.data() + text.size() ? number : otherwise;
}

}  // namespace

bool reads_topic(const config::WorkerSettings& worker, std::string_view topic) {
  return std::ranges::any_of(worker.topics, [&](const std::string& each) {
    if (!each.starts_with('^')) return each == topic;
    const RE2 pattern(each, RE2::Quiet);
    return pattern.ok() && RE2::FullMatch(topic, pattern);
  });
}

std::vector<std::string> dead_letter_topics(const config::WorkerSettings& worker, std::string_view prefix,
                                            std::span<const std::string> topics) {
  const NameParts parts = parts_of(worker.dead_letter_topic);
  const std::string before = std::string(prefix) + std::string(parts.before);
  std::vector<std::string> found;
  for (const std::string& each : topics) {
    if (!parts.with_topic) {
      if (each == before) found.push_back(each);
      continue;
    }
    const bool fits =
        each.size() > before.size() + parts.after.size() && each.starts_with(before) && each.ends_with(parts.after);
    if (!fits) continue;
    const std::size_t length = each.size() - before.size() - parts.after.size();
    if (reads_topic(worker, std::string(prefix) + each.substr(before.size(), length))) found.push_back(each);
  }
  return found;
}

std::optional<DeadLetterOrigin> origin_of(const InboundRecord& letter, const config::WorkerSettings& worker) {
  DeadLetterOrigin origin;
  for (const Header& header : letter.headers) {
    const std::string_view value = header.value;
    if (header.name == dead_letter_header::topic) origin.topic = value;
    if (header.name == dead_letter_header::partition) origin.partition = number_in<std::int32_t>(value, -1);
    if (header.name == dead_letter_header::offset) origin.offset = number_in<std::int64_t>(value, -1);
    if (header.name == dead_letter_header::stage) origin.stage = value;
    if (header.name == dead_letter_header::exception) origin.exception = value;
    if (header.name == dead_letter_header::reason) origin.reason = value;
    if (header.name == dead_letter_header::worker) origin.worker = value;
    if (header.name == dead_letter_header::redrive_count) origin.redrive_count = number_in<std::uint64_t>(value, 0);
  }
  const bool other_worker = !origin.worker.empty() && origin.worker != worker.name;
  if (origin.topic.empty() || other_worker || !reads_topic(worker, origin.topic)) return std::nullopt;
  return origin;
}

std::vector<Header> redriven_headers(std::span<const Header> headers, std::uint64_t redriven_before,
                                     std::string& count) {
  std::vector<Header> kept;
  for (const Header& header : headers) {
    if (header.name.starts_with(dead_letter_header::prefix) || header.name == dead_letter_header::redrive_count)
      continue;
    kept.push_back(header);
  }
  count = std::to_string(redriven_before + 1);
  kept.push_back({dead_letter_header::redrive_count, count});
  return kept;
}

}  // namespace kafka_events
