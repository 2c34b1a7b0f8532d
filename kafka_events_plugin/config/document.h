// A YAML text as a tree of plain nodes with their places, built from yaml-cpp's events within hard bounds.
//
// yaml-cpp's own Node is not used: it keeps duplicate keys silently, expands aliases without bound and knows no bounds.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "config/report.h"

namespace kafka_events::config {

inline constexpr std::size_t max_text_bytes = std::size_t{1} << 20U;
inline constexpr std::size_t max_nodes = 20000;  ///< with aliases expanded
inline constexpr std::size_t max_depth = 32;

struct YamlNode;

struct Entry {
  std::string key = {};
  Mark mark = {};  ///< of the key
  YamlNode* value = nullptr;
  bool merged = false;  ///< it came by "<<": an own key of the same name beats it
};

struct YamlNode {
  enum class Kind : std::uint8_t { null, scalar, sequence, map };
  Kind kind = Kind::null;
  bool plain = false;  ///< a scalar without quotes
  std::string text = {};
  Mark mark = {};
  std::vector<YamlNode*> items = {};
  std::vector<Entry> entries = {};  ///< in the order of the file, duplicates kept
  std::size_t weight = 1;           ///< nodes below and this one, aliases expanded
};

/// Owns the nodes of one file and of the overrides. Aliases share nodes, so change only what clone() gave.
class Document {
 public:
  YamlNode* root = nullptr;  ///< null: the text could not be read

  YamlNode& add(YamlNode node) { return nodes_.emplace_back(std::move(node)); }
  YamlNode& clone(const YamlNode& node) { return nodes_.emplace_back(node); }

 private:
  std::deque<YamlNode> nodes_;
};

/// Reads one YAML document. Stray commas after quoted values are all reported, since they can be read over; any other
/// syntax error ends the reading with its place. The root is null then.
void read_yaml(std::string_view text, Origin origin, Document& document, Report& report);

/// What a node is, for messages: "a list", "a map", "nothing", "text".
[[nodiscard]] std::string_view kind_name(const YamlNode& node);

}  // namespace kafka_events::config
