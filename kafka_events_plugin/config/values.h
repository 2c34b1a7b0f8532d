// What was read from one map of the file: checked values by option name, with their places.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/options.h"
#include "config/report.h"
#include "config/settings.h"

namespace kafka_events::config {

/// The value of one option; lists have any number of items, everything else has one.
struct Value {
  std::vector<std::string> items = {};
  bool secret = false;
  bool written = true;  ///< false: a default
  Place place = {};

  [[nodiscard]] const std::string& text() const { return items.front(); }
};

struct TopicMapEntry {
  std::string match;
  Value topic;
};

struct Values {
  std::string path;                                                  ///< kafka_events.consumer-config
  Place place;                                                       ///< where the map begins
  bool written = false;                                              ///< false: the map is not in the file
  std::map<std::string, Value, std::less<>> values;                  ///< by the option's name in the table
  std::map<std::string, std::vector<Values>, std::less<>> children;  ///< of block (one) and blocks options
  std::vector<Property> properties;                                  ///< of its librdkafka block
  std::vector<Property> pairs;                                       ///< of its map with free keys
  std::vector<TopicMapEntry> topic_maps;

  [[nodiscard]] const Value* find(std::string_view name) const;

  /// The child map, or an unwritten one with the right path.
  [[nodiscard]] Values child(std::string_view name) const;
  /// Whether a `blocks` option is there, be it empty.
  [[nodiscard]] bool has_children(std::string_view name) const { return children.find(name) != children.end(); }

  /// Where the option was written, or else where its map begins, with the option's name.
  [[nodiscard]] Place place_of(std::string_view name) const;

  /// The value, or the table's default (`written` is false then); an option without either gives no items.
  [[nodiscard]] Value get(const Option& option) const;
};

/// The default of an option as a value; placeholders in it are expanded where the loader knows how (bootstrap_servers).
[[nodiscard]] Value default_value(const Option& option, std::string key_path);

}  // namespace kafka_events::config
