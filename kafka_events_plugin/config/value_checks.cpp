// One small function per type of the table.
#include "config/value_checks.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <re2/re2.h>

#include "config/report.h"
#include "config/templates.h"
#include "config/urls.h"

namespace kafka_events::config {

namespace {

Error wrong(std::string message) { return {ErrorCode::invalid, std::move(message)}; }

Result<std::string> checked_integer(const Option& option, const Shown& value) {
  std::int64_t number = 0;
  const std::string_view digits = value.text.starts_with('+') ? value.text.substr(1) : value.text;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool whole = end == digits.data() + digits.size() && !digits.empty();
  const std::string range = in_range(option.range);
  if (failure == std::errc::invalid_argument || !whole) {
    return wrong(value.name() + " is not a whole number " + range);
  }
  if (failure == std::errc::result_out_of_range || number < option.range.least || number > option.range.most) {
    return wrong((value.secret ? value.name() : std::string(digits)) + " is out of range " + range);
  }
  return std::to_string(number);
}

Result<std::string> checked_bytes(const Option& option, const Shown& value) {
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 9> units = {{{"kib", std::int64_t{1} << 10},
                                                                               {"mib", std::int64_t{1} << 20},
                                                                               {"gib", std::int64_t{1} << 30},
                                                                               {"tib", std::int64_t{1} << 40},
                                                                               {"kb", 1000},
                                                                               {"mb", 1'000'000},
                                                                               {"gb", 1'000'000'000},
                                                                               {"tb", 1'000'000'000'000},
                                                                               {"b", 1}}};
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(value.text.data(), value.text.data() + value.text.size(), number);
  std::string unit = lower(std::string_view(end, value.text.data() + value.text.size()));
  unit.erase(0, unit.find_first_not_of(' ') == std::string::npos ? unit.size() : unit.find_first_not_of(' '));
  const auto* found = std::ranges::find(units, unit, &std::pair<std::string_view, std::int64_t>::first);
  if (failure != std::errc() || number < 0 || (!unit.empty() && found == units.end())) {
    return wrong(value.name() + " is not a number of bytes, such as 1073741824, 512MiB or 1GiB");
  }
  const std::int64_t factor = unit.empty() ? 1 : found->second;
  if (number > option.range.most / factor || number * factor < option.range.least) {
    return wrong(value.name() + " is out of range " + in_range(option.range) + " bytes");
  }
  return std::to_string(number * factor);
}

Result<std::string> checked_boolean(const Shown& value) {
  // All that YAML 1.1 takes as boolean, since the ACA-Py plugin's files are read by its rules.
  constexpr std::array<std::string_view, 3> yes = {"true", "yes", "on"};
  constexpr std::array<std::string_view, 3> no = {"false", "no", "off"};
  const std::string word = lower(value.text);
  if (std::ranges::find(yes, word) != yes.end()) return std::string("true");
  if (std::ranges::find(no, word) != no.end()) return std::string("false");
  return wrong(value.name() + " is not true or false");
}

Result<std::string> checked_choice(const Option& option, const Shown& value) {
  const std::vector<std::string_view> choices = split_list(option.choices);
  const std::string word = lower(value.text);
  for (const std::string_view choice : choices) {
    if (lower(choice) == word) return std::string(choice);
  }
  return wrong(value.name() + " is not one of " + std::string(option.choices) +
               (value.secret ? std::string() : did_you_mean(value.text, choices)));
}

Result<std::string> checked_server(const Shown& value) {
  constexpr std::string_view forbidden = " \t\"'<>/\\@";
  const std::string_view text = value.text;
  if (text.find("://") != std::string_view::npos) {
    return wrong(value.name() + " has a scheme in front; write host:port only");
  }
  // An IPv6 address stands in brackets, so that its colons are not taken for the port's.
  const std::size_t bracket = text.starts_with('[') ? text.find(']') : 0;
  const std::size_t colon = text.find(':', std::min(bracket, text.size()));
  const std::string_view host = text.substr(0, colon);
  if (host.empty() || bracket == std::string_view::npos || host == "[]" ||
      host.find_first_of(forbidden) != std::string_view::npos) {
    return wrong(value.name() + " is not host:port");
  }
  if (colon == std::string_view::npos) return std::string(text) + ":9092";
  const std::string_view port = text.substr(colon + 1);
  unsigned number = 0;
  const auto [end, failure] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (failure != std::errc() || end != port.data() + port.size() || number < 1 || number > 65535) {
    if (bracket == 0 && port.find(':') != std::string_view::npos) {
      return wrong(value.name() + " looks like an IPv6 address; write it as [address]:port");
    }
    return wrong(value.name() + " has no port from 1 to 65535 after the colon");
  }
  return std::string(text);
}

Result<std::string> checked_version(const Option& option, const Shown& value) {
  if (lower(value.text) == "auto") return std::string("auto");
  const std::vector<std::string_view> parts = split_list(value.text, '.');
  const auto is_number = [](std::string_view part) {
    return part.size() <= 4 && std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; });
  };
  const auto dots = static_cast<std::size_t>(std::ranges::count(value.text, '.'));
  if (parts.size() > 4 || parts.size() != dots + 1 || !std::ranges::all_of(parts, is_number)) {
    return wrong(value.name() + " is not " + expected(option));
  }
  return std::string(value.text);
}

Result<std::string> checked_schema_version(const Shown& value) {
  if (lower(value.text) == "latest") return std::string("latest");
  std::int32_t number = 0;
  const auto [end, failure] = std::from_chars(value.text.data(), value.text.data() + value.text.size(), number);
  if (failure == std::errc() && end == value.text.data() + value.text.size() && number > 0) {
    return std::to_string(number);
  }
  return wrong(value.name() + " is neither latest nor a whole number (1..2147483647)");
}

Result<std::string> checked_pattern(const Shown& value, std::string_view pattern) {
  const RE2 compiled(re2::StringPiece(pattern.data(), pattern.size()), RE2::Quiet);
  if (!compiled.ok()) {
    return wrong(value.name() + " is not a pattern (RE2)" + (value.secret ? "" : ": " + compiled.error()));
  }
  return std::string(value.text);
}

Result<std::string> checked_subscription(const Shown& value) {
  if (value.text.starts_with('^')) return checked_pattern(value, value.text);
  if (is_topic_name(value.text)) return std::string(value.text);
  return wrong(value.name() +
               " is not the name of a topic (A-Z a-z 0-9 . _ -, at most 249 characters); a pattern begins with ^");
}

Result<std::string> checked_topic_name(const Shown& value) {
  if (is_topic_name(value.text)) return std::string(value.text);
  return wrong(value.name() + " is not the name of a topic (A-Z a-z 0-9 . _ -, at most 249 characters)" +
               (value.text.starts_with('^') ? "; a pattern cannot stand here" : ""));
}

// What goes into a header, and is compared there.
bool is_header_text(std::string_view text) {
  const auto is_allowed = [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; };
  return text.size() <= 249 && std::ranges::all_of(text, is_allowed);
}

Result<std::string> checked_text(const Option& option, const Shown& value) {
  if (option.block == Block::topic) return checked_topic_name(value);
  if (option.block == Block::cloudevents) return checked_uri_reference(value);
  // These are parts of topic names, or of metrics and files.
  const bool name = option.name == "topic_prefix" || (option.block == Block::worker && option.name == "name") ||
                    option.type == Type::worker_names;
  if (name && !std::ranges::all_of(value.text, is_topic_character)) {
    return wrong(value.name() + " has other characters than A-Z a-z 0-9 . _ -");
  }
  if (option.block == Block::loop_guard && !is_header_text(value.text)) {
    return wrong(value.name() + " has blanks or control characters in it, or more than 249 bytes");
  }
  if (value.text.empty() && option.name != "topic_prefix") return wrong("is empty; write a value or remove the line");
  if (option.name == "regex_topic") return checked_pattern(value, value.text);
  return std::string(value.text);
}

}  // namespace

std::string Shown::name() const { return secret ? "the value" : quoted(text); }

Result<std::string> checked(const Option& option, const Shown& value) {
  switch (option.type) {
    case Type::integer:
    case Type::integers:
      return checked_integer(option, value);
    case Type::bytes:
      return checked_bytes(option, value);
    case Type::boolean:
      return checked_boolean(value);
    case Type::choice:
    case Type::choices:
      return checked_choice(option, value);
    case Type::servers:
      return checked_server(value);
    case Type::urls:
      return checked_url(value);
    case Type::version:
      return checked_version(option, value);
    case Type::schema_version:
      return checked_schema_version(value);
    case Type::topic_names:
      return checked_topic_name(value);
    case Type::subscriptions:
      return checked_subscription(value);
    case Type::regex:
      if (value.text.empty()) return wrong("is empty; write a pattern, such as " + std::string(option.example));
      return checked_pattern(value, value.text);
    case Type::topic_template:
    case Type::text_template:
    case Type::subject:
    case Type::topic_map:
      if (auto problem = template_problem(option, value.text)) return wrong(*problem);
      return std::string(value.text);
    default:
      return checked_text(option, value);
  }
}

}  // namespace kafka_events::config
