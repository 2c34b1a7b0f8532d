// Request targets (RFC 3986, RFC 9112): splitting, percent-decoding, and matching paths against {name} templates.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/http_message.h"

namespace host_stub {

struct SplitTarget {
  std::string_view path;   ///< starts with /
  std::string_view query;  ///< without the ?
};

/// Takes origin-form (/a?b=c) and absolute-form (http://host/a?b=c) apart; a fragment is cut off. Nothing for others.
[[nodiscard]] std::optional<SplitTarget> split_target(std::string_view target) noexcept;

/// Decodes %XX, and + to a space if `plus_is_space`. Nothing if an escape is broken, or the outcome holds a NUL or is
/// not UTF-8.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);

/// a=1&b=2, decoded. A name without = has an empty value.
[[nodiscard]] std::optional<std::vector<HttpParameter>> parse_query(std::string_view query);

/// The segments of a path, each decoded, so that an encoded slash does not separate. /a/b has two, / has one (empty).
[[nodiscard]] std::optional<std::vector<std::string>> path_segments(std::string_view path);

/// A path with {name} segments.
class PathTemplate {
 public:
  /// Nothing if it does not start with /, or a segment with braces is not exactly {name}, or a name comes twice.
  [[nodiscard]] static std::optional<PathTemplate> parse(std::string_view path);

  /// The values of the {name} segments, or nothing if it does not match. A {name} matches any segment but an empty one.
  [[nodiscard]] std::optional<std::vector<HttpParameter>> match(const std::vector<std::string>& segments) const;

  [[nodiscard]] std::vector<std::string> parameter_names() const;

  /// Do both match the same paths?
  [[nodiscard]] bool same_shape(const PathTemplate& other) const;

  /// Is this one to be preferred where both match? Literal segments beat {name}, from the left.
  [[nodiscard]] bool more_specific_than(const PathTemplate& other) const;

 private:
  struct Segment {
    std::string text;  // the literal, or the parameter's name
    bool is_parameter;
  };
  std::vector<Segment> segments_;
};

}  // namespace host_stub
