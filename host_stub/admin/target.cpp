// Request targets and path templates.
#include "admin/target.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "admin/text.h"

namespace host_stub {
namespace {

int hex_value(char digit) noexcept {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

template <class Visit>
bool for_each_part(std::string_view text, char separator, Visit visit) {
  while (true) {
    const std::size_t end = text.find(separator);
    if (!visit(text.substr(0, end))) return false;
    if (end == std::string_view::npos) return true;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

std::optional<SplitTarget> split_target(std::string_view target) noexcept {
  target = target.substr(0, target.find('#'));
  for (const std::string_view scheme : {std::string_view("http://"), std::string_view("https://")}) {
    if (!target.starts_with(scheme)) continue;
    target.remove_prefix(scheme.size());
    target.remove_prefix(std::min(target.find_first_of("/?"), target.size()));
    if (target.empty()) target = "/";
    break;
  }
  if (!target.starts_with('/')) return std::nullopt;
  const std::size_t mark = target.find('?');
  if (mark == std::string_view::npos) return SplitTarget{target, {}};
  return SplitTarget{target.substr(0, mark), target.substr(mark + 1)};
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t index = 0; index < text.size(); ++index) {
    if (text[index] == '%') {
      const int high = index + 2 < text.size() ? hex_value(text[index + 1]) : -1;
      const int low = index + 2 < text.size() ? hex_value(text[index + 2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      index += 2;
    } else {
      out += plus_is_space && text[index] == '+' ? ' ' : text[index];
    }
  }
  if (out.find('\0') != std::string::npos || !is_utf8(out)) return std::nullopt;
  return out;
}

std::optional<std::vector<HttpParameter>> parse_query(std::string_view query) {
  std::vector<HttpParameter> parameters;
  const bool well_formed = for_each_part(query, '&', [&](std::string_view part) {
    if (part.empty()) return true;
    const std::size_t equals = part.find('=');
    auto name = percent_decode(part.substr(0, equals), true);
    auto value = percent_decode(equals == std::string_view::npos ? std::string_view{} : part.substr(equals + 1), true);
    if (!name || !value) return false;
    parameters.push_back({std::move(*name), std::move(*value)});
    return true;
  });
  if (!well_formed) return std::nullopt;
  return parameters;
}

std::optional<std::vector<std::string>> path_segments(std::string_view path) {
  if (!path.starts_with('/')) return std::nullopt;
  std::vector<std::string> segments;
  const bool well_formed = for_each_part(path.substr(1), '/', [&](std::string_view part) {
    auto segment = percent_decode(part);
    if (segment) segments.push_back(std::move(*segment));
    return segment.has_value();
  });
  if (!well_formed) return std::nullopt;
  return segments;
}

std::optional<PathTemplate> PathTemplate::parse(std::string_view path) {
  if (!path.starts_with('/') || !is_utf8(path) || path.find_first_of("?#%") != std::string_view::npos) {
    return std::nullopt;
  }
  PathTemplate made;
  const bool well_formed = for_each_part(path.substr(1), '/', [&](std::string_view part) {
    const bool is_parameter = part.size() > 2 && part.front() == '{' && part.back() == '}';
    const std::string_view text = is_parameter ? part.substr(1, part.size() - 2) : part;
    if (text.find_first_of("{}") != std::string_view::npos) return false;
    const bool twice = is_parameter && std::ranges::any_of(made.segments_, [&](const Segment& segment) {
                         return segment.is_parameter && segment.text == text;
                       });
    made.segments_.push_back({std::string(text), is_parameter});
    return !twice;
  });
  if (!well_formed) return std::nullopt;
  return made;
}

std::optional<std::vector<HttpParameter>> PathTemplate::match(const std::vector<std::string>& segments) const {
  if (segments.size() != segments_.size()) return std::nullopt;
  for (std::size_t index = 0; index < segments.size(); ++index) {
    const Segment& expected = segments_[index];
    if (expected.is_parameter ? segments[index].empty() : segments[index] != expected.text) return std::nullopt;
  }
  std::vector<HttpParameter> parameters;
  for (std::size_t index = 0; index < segments.size(); ++index) {
    if (segments_[index].is_parameter) parameters.push_back({segments_[index].text, segments[index]});
  }
  return parameters;
}

std::vector<std::string> PathTemplate::parameter_names() const {
  std::vector<std::string> names;
  for (const Segment& segment : segments_) {
    if (segment.is_parameter) names.push_back(segment.text);
  }
  return names;
}

bool PathTemplate::same_shape(const PathTemplate& other) const {
  return std::ranges::equal(segments_, other.segments_, [](const Segment& left, const Segment& right) {
    return left.is_parameter == right.is_parameter && (left.is_parameter || left.text == right.text);
  });
}

bool PathTemplate::more_specific_than(const PathTemplate& other) const {
  return std::ranges::lexicographical_compare(segments_, other.segments_, {}, &Segment::is_parameter,
                                              &Segment::is_parameter);
}

}  // namespace host_stub
