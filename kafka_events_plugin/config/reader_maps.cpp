// The maps with free keys: librdkafka's properties, configurations of topics, and topic maps.
#include <algorithm>
#include <array>
#include <utility>

#include "config/placeholders.h"
#include "config/properties.h"
#include "config/reader.h"
#include "config/value_checks.h"

namespace kafka_events::config {

namespace {

// A map with free keys keeps them as they are, so only the very same key is a duplicate.
bool is_repeated(const YamlNode& node, const Entry& entry) {
  const auto first =
      std::ranges::find_if(node.entries, [&](const Entry& each) { return each.key == entry.key && !each.merged; });
  return &*first != &entry;
}

bool is_overridden(const YamlNode& node, const Entry& entry) {
  return entry.merged &&
         std::ranges::any_of(node.entries, [&](const Entry& each) { return each.key == entry.key && !each.merged; });
}

}  // namespace

void Reader::read_properties(const At& at, const YamlNode& node, Values& into) {
  for (const Entry& entry : node.entries) {
    const std::string path = at.path + "." + entry.key;
    if (is_overridden(node, entry)) continue;
    if (!entry.merged && is_repeated(node, entry)) {
      report_.error(report_.place(entry.mark, path), "is given twice; write it once");
      continue;
    }
    const std::string name = canonical_property(entry.key);
    if (const std::string_view reason = protected_property(name); !reason.empty()) {
      report_.error(report_.place(entry.mark, path), std::string(reason));
      continue;
    }
    const YamlNode& value = *entry.value;
    const Place place = report_.place(value.kind == YamlNode::Kind::null ? entry.mark : value.mark, path);
    if (value.kind == YamlNode::Kind::null) {
      report_.error(place, "is empty; write a value or remove the line");
      continue;
    }
    // Read as text: what it may be is librdkafka's to say.
    const Option& as_text = option(Block::client, "client_id");
    bool secret = names_a_secret(name) || name == "sasl.oauthbearer.config";
    if (auto text = read_text({as_text, path, place}, value, secret)) {
      into.properties.push_back({name, std::move(*text), secret, place});
    }
  }
}

void Reader::read_pairs(const At& at, const YamlNode& node, Values& into) {
  for (const Entry& entry : node.entries) {
    const std::string path = at.path + "." + entry.key;
    if (is_overridden(node, entry)) continue;
    if (!entry.merged && is_repeated(node, entry)) {
      report_.error(report_.place(entry.mark, path), "is given twice; write it once");
      continue;
    }
    const YamlNode& value = *entry.value;
    const Place place = report_.place(value.kind == YamlNode::Kind::null ? entry.mark : value.mark, path);
    if (entry.key.empty()) {
      report_.error(place, "has no name");
    } else if (value.kind == YamlNode::Kind::null) {
      report_.error(place, "is empty; write a value or remove the line");
    } else {
      bool secret = names_a_secret(entry.key);
      const Option& as_text = option(Block::client, "client_id");
      if (auto text = read_text({as_text, path, place}, value, secret)) {
        into.pairs.push_back({entry.key, std::move(*text), secret, place});
      }
    }
  }
}

void Reader::read_topic_maps(const At& at, const YamlNode& node, Values& into) {
  for (const Entry& entry : node.entries) {
    const std::string path = at.path + "." + entry.key;
    if (is_overridden(node, entry)) continue;
    if (!entry.merged && is_repeated(node, entry)) {
      report_.error(report_.place(entry.mark, path), "is given twice; only the first would ever match");
      continue;
    }
    if (auto pattern = checked(option(Block::route, "match"), {entry.key}); !pattern) {
      report_.error(report_.place(entry.mark, path), pattern.error().message);
    }
    const YamlNode& value = *entry.value;
    if (value.kind == YamlNode::Kind::null) {
      report_.error(report_.place(entry.mark, path), "is empty; write the Kafka topic for these events");
      continue;
    }
    TopicMapEntry result{entry.key, {.place = report_.place(value.mark, path)}};
    read_item({at.option, path, result.topic.place}, value, result.topic);
    if (!result.topic.items.empty()) into.topic_maps.push_back(std::move(result));
  }
}

}  // namespace kafka_events::config
