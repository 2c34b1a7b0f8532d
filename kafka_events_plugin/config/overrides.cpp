// Path copying: nodes may be shared by aliases, so those on the way are cloned.
#include "config/overrides.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace kafka_events::config {

namespace {

constexpr Mark from_command_line = {0, 0, Origin::override_};

std::string with_underscores(std::string_view name) {
  std::string result(name);
  std::ranges::replace(result, '-', '_');
  return result;
}

// Maps with free keys: their keys have dots of their own.
bool has_free_keys(std::string_view name) {
  const std::string folded = with_underscores(name);
  return folded == "librdkafka" || folded == "topic_maps" || folded == "config";
}

YamlNode* parse_value(const Override& change, Document& document, Report& report) {
  const std::string_view text = trimmed(change.value);
  const bool structured = text.find_first_of("[{\"'") == 0;
  if (!structured) {
    const bool empty = text.empty() || text == "~" || text == "null";
    return &document.add({.kind = empty ? YamlNode::Kind::null : YamlNode::Kind::scalar,
                          .plain = true,
                          .text = std::string(text),
                          .mark = from_command_line});
  }
  Report inner("-o");
  read_yaml(text, Origin::override_, document, inner);
  for (const Problem& problem : inner.take()) {
    report.error(report.place(from_command_line, change.key_path), problem.message);
  }
  return document.root;
}

// The `name` of a list's item, empty if it has none.
std::string_view name_of(const YamlNode& item) {
  if (item.kind != YamlNode::Kind::map) return {};
  const auto found = std::ranges::find(item.entries, "name", &Entry::key);
  return found == item.entries.end() ? std::string_view() : std::string_view(found->value->text);
}

struct Item {
  std::size_t index = 0;
  std::string_view rest;  ///< of the path
};

// By its number or else by its name, which may have dots of its own: the longest that fits is meant.
std::optional<Item> find_item(const YamlNode& list, std::string_view path) {
  const std::size_t dot = std::min(path.find('.'), path.size());
  std::size_t index = 0;
  const auto [end, failure] = std::from_chars(path.data(), path.data() + dot, index);
  if (failure == std::errc() && end == path.data() + dot && index < list.items.size()) {
    return Item{index, path.substr(std::min(dot + 1, path.size()))};
  }
  std::optional<Item> found;
  std::size_t longest = 0;
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    const std::string_view name = name_of(*list.items[i]);
    if (name.size() <= longest || !path.starts_with(name)) continue;
    if (path.size() > name.size() && path[name.size()] != '.') continue;
    longest = name.size();
    found = Item{i, path.substr(std::min(name.size() + 1, path.size()))};
  }
  return found;
}

std::string no_item(const YamlNode& list, std::string_view name) {
  std::vector<std::string_view> names;
  for (const YamlNode* item : list.items) {
    if (const std::string_view each = name_of(*item); !each.empty()) names.push_back(each);
  }
  std::string message = quoted(name) + " is no item of this list" + did_you_mean(name, names) + ", which has ";
  if (list.items.empty()) return message + "none";
  message += list.items.size() == 1 ? "0" : "0 to " + std::to_string(list.items.size() - 1);
  for (std::size_t i = 0; i < names.size(); ++i) message += (i == 0 ? " (" : ", ") + std::string(names[i]);
  return message + (names.empty() ? "" : ")");
}

class Change {
 public:
  Change(const Override& change, YamlNode* value, Document& document, Report& report)
      : change_(change), value_(value), document_(document), report_(report) {}

  // The node as it is after putting the value at `path` below it.
  YamlNode* put(const YamlNode& node, std::string_view path, bool free_keys) {
    const std::size_t dot = free_keys ? std::string_view::npos : path.find('.');
    const std::string_view name = path.substr(0, dot);
    const std::string_view rest = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
    if (name.empty()) return refuse("has an empty part; write names with dots between them");
    YamlNode& copy = document_.clone(node);
    if (node.kind == YamlNode::Kind::sequence) return put_item(copy, path);
    if (node.kind == YamlNode::Kind::null) {
      copy.kind = YamlNode::Kind::map;
      copy.mark = from_command_line;
    }
    if (copy.kind != YamlNode::Kind::map) return refuse("leads through a value that is no map");
    return put_entry(copy, name, rest, free_keys);
  }

 private:
  YamlNode* refuse(std::string message) {
    report_.error(report_.place(from_command_line, change_.key_path), std::move(message));
    return nullptr;
  }

  YamlNode* put_entry(YamlNode& map, std::string_view name, std::string_view rest, bool free_keys) {
    const auto is_it = [&](const Entry& entry) {
      return free_keys ? entry.key == name : with_underscores(entry.key) == with_underscores(name);
    };
    const auto found = std::ranges::find_if(map.entries, is_it);
    YamlNode& empty = document_.add({.kind = YamlNode::Kind::null, .mark = from_command_line});
    const YamlNode& below = found == map.entries.end() ? empty : *found->value;
    YamlNode* value = rest.empty() ? value_ : put(below, rest, has_free_keys(name));
    if (value == nullptr) return nullptr;
    if (found == map.entries.end()) {
      map.entries.push_back({.key = std::string(name), .mark = from_command_line, .value = value});
    } else {
      found->value = value;
      found->merged = false;
      if (rest.empty()) found->mark = from_command_line;
    }
    return &map;
  }

  YamlNode* put_item(YamlNode& list, std::string_view path) {
    const std::optional<Item> item = find_item(list, path);
    if (!item) return refuse(no_item(list, path.substr(0, path.find('.'))));
    YamlNode* value = item->rest.empty() ? value_ : put(*list.items[item->index], item->rest, false);
    if (value == nullptr) return nullptr;
    list.items[item->index] = value;
    return &list;
  }

  const Override& change_;
  YamlNode* value_;
  Document& document_;
  Report& report_;
};

}  // namespace

YamlNode* apply_overrides(YamlNode* plugin, std::span<const Override> overrides, Document& document, Report& report) {
  for (const Override& change : overrides) {
    YamlNode* value = parse_value(change, document, report);
    if (value == nullptr) continue;
    std::string_view path = change.key_path;
    for (const std::string_view own_name : {"kafka_events.", "kafka-events."}) {
      if (path.starts_with(own_name)) path.remove_prefix(own_name.size());
    }
    YamlNode* changed = Change(change, value, document, report).put(*plugin, path, false);
    if (changed != nullptr) plugin = changed;
  }
  return plugin;
}

}  // namespace kafka_events::config
