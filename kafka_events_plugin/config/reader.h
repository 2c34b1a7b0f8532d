// Walks the tree along the table: every key must be an option, every value is expanded and checked.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "config/document.h"
#include "config/loader.h"
#include "config/values.h"

namespace kafka_events::config {

class Reader {
 public:
  /// Both must stay alive while the reader does.
  Reader(const LoadInput& input, Report& report) : input_(input), report_(report) {}

  /// Reads a map whose options are those of `blocks`. What is wrong is reported and left out.
  [[nodiscard]] Values read_map(const YamlNode& node, std::string path, const Place& place,
                                std::span<const Block> blocks);

  /// The default of bootstrap_servers looks into the environment, as a value in the file would.
  [[nodiscard]] Value default_servers();

 private:
  struct At {
    const Option& option;
    std::string path;
    Place place;
  };

  void read_entry(const Entry& entry, std::span<const Block> blocks, Values& into);
  void read_option(const At& at, const YamlNode& node, Values& into);
  void read_value(const At& at, const YamlNode& node, Values& into);
  void read_blocks(const At& at, const YamlNode& node, Values& into);
  void read_properties(const At& at, const YamlNode& node, Values& into);
  void read_pairs(const At& at, const YamlNode& node, Values& into);
  void read_topic_maps(const At& at, const YamlNode& node, Values& into);
  [[nodiscard]] bool is_map(const At& at, const YamlNode& node);
  void read_item(const At& at, const YamlNode& node, Value& value);
  void check_item(const At& at, std::string_view text, Value& value);
  [[nodiscard]] std::optional<std::string> read_text(const At& at, const YamlNode& node, bool& secret);
  void wrong_kind(const At& at, const YamlNode& node);

  const LoadInput& input_;
  Report& report_;
};

/// The one of `lines` for the path of a list's item: kafka_events.workers.0
[[nodiscard]] std::string item_path(std::string_view path, std::size_t index);

}  // namespace kafka_events::config
