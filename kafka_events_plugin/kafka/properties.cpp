// Asks librdkafka about every property by setting it on a configuration object that is thrown away.
#include "kafka/properties.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <numeric>
#include <optional>
#include <ranges>
#include <string_view>
#include <utility>

namespace kafka_events {
namespace {

/// Properties that this module's way of working depends on.
struct Required {
  std::string_view name;
  std::string_view value;
  std::string_view why;
};
constexpr std::array required_values{
    Required{"enable.auto.offset.store", "false", "an offset is stored when its record is done"},
    Required{"delivery.report.only.error", "false", "every record's delivery is awaited"},
    Required{"log.queue", "true", "librdkafka's log goes into the host's"},
};

constexpr std::size_t name_distance_limit = 4;

std::size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < left.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < right.size(); ++j) {
      const std::size_t replaced = diagonal + (left[i] == right[j] ? 0 : 1);
      diagonal = std::exchange(row[j + 1], std::min({replaced, row[j] + 1, row[j + 1] + 1}));
    }
  }
  return row.back();
}

/// Every name, aliases too: only librdkafka's table of properties for people has those.
std::vector<std::string> known_names() {
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* table = open_memstream(&text, &size);
  if (table == nullptr) return {};
  rd_kafka_conf_properties_show(table);
  std::fclose(table);
  const std::unique_ptr<char, Deleter<std::free>> owner(text);
  std::vector<std::string> names;
  for (const auto line : std::views::split(std::string_view(text, size), '\n')) {
    const std::string_view row(line.begin(), line.end());
    const std::string_view name = row.substr(0, row.find(' '));
    if (row.find(" | ") != std::string_view::npos && name.find('.') != std::string_view::npos) names.emplace_back(name);
  }
  return names;
}

std::string unknown_property(std::string_view name) {
  std::string message = "librdkafka has no property \"" + std::string(name) + "\"";
  std::size_t best = name_distance_limit + 1;
  std::string nearest;
  for (const std::string& known : known_names()) {
    const std::size_t distance = edit_distance(name, known);
    if (distance < best) {
      best = distance;
      nearest = known;
    }
  }
  if (!nearest.empty()) message += " (did you mean \"" + nearest + "\"?)";
  return message;
}

/// The first that is wrong with one property, which is set on `conf` if nothing is.
std::optional<std::string> set_property(rd_kafka_conf_t* conf, const config::Property& property) {
  for (const Required& required : required_values) {
    if (property.name == required.name && property.value != required.value) {
      return property.name + " must be " + std::string(required.value) + ": " + std::string(required.why);
    }
  }
  std::array<char, 512> text{};
  switch (rd_kafka_conf_set(conf, property.name.c_str(), property.value.c_str(), text.data(), text.size())) {
    case RD_KAFKA_CONF_OK:
      return std::nullopt;
    case RD_KAFKA_CONF_UNKNOWN:
      return unknown_property(property.name);
    default:
      // librdkafka's text quotes the value.
      if (property.secret) return "librdkafka does not accept the value of " + property.name;
      break;
  }
  // librdkafka speaks of an alias by its other name.
  const std::string_view problem = text.data();
  if (problem.find(property.name) != std::string_view::npos) return std::string(problem);
  return property.name + ": " + std::string(problem);
}

}  // namespace

std::vector<config::Problem> check_properties(std::span<const config::Property> properties) {
  const ConfHandle conf(rd_kafka_conf_new());
  std::vector<config::Problem> problems;
  for (const config::Property& property : properties) {
    if (auto problem = set_property(conf.get(), property)) {
      problems.push_back({config::Severity::error, property.place, std::move(*problem)});
    }
  }
  return problems;
}

Result<ConfHandle> make_conf(std::span<const config::Property> properties, ConfKind kind) {
  ConfHandle conf(rd_kafka_conf_new());
  // librdkafka's own default lets up to ten seconds pass before it sees that a broker is back.
  if (property_value(properties, "reconnect.backoff.ms").empty()) {
    rd_kafka_conf_set(conf.get(), "reconnect.backoff.max.ms", "1000", nullptr, 0);
  }
  for (const config::Property& property : properties) {
    if (auto problem = set_property(conf.get(), property)) return Error(ErrorCode::invalid, std::move(*problem));
  }
  int events = RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG | RD_KAFKA_EVENT_OAUTHBEARER_TOKEN_REFRESH;
  if (kind == ConfKind::producer) {
    events |= RD_KAFKA_EVENT_DR;
  } else {
    events |= RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_OFFSET_COMMIT;
    rd_kafka_conf_set(conf.get(), "enable.auto.offset.store", "false", nullptr, 0);
  }
  rd_kafka_conf_set(conf.get(), "log.queue", "true", nullptr, 0);
  rd_kafka_conf_set_events(conf.get(), events);
  return conf;
}

std::string_view property_value(std::span<const config::Property> properties, std::string_view name) noexcept {
  std::string_view value;
  for (const config::Property& property : properties) {
    if (property.name == name) value = property.value;
  }
  return value;
}

std::chrono::milliseconds milliseconds_of(std::span<const config::Property> properties, std::string_view name,
                                          std::chrono::milliseconds otherwise) {
  const std::string_view text = property_value(properties, name);
  std::int64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  return parsed.ec != std::errc() || number < 0 ? otherwise : std::chrono::milliseconds(number);
}

}  // namespace kafka_events
