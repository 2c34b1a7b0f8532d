// One row per option of the table that has a value, written or by default.
#include "config/effective.h"

#include <algorithm>
#include <array>
#include <utility>

#include "config/properties.h"

namespace kafka_events::config {

namespace {

std::string shown(const Value& value) {
  if (value.secret) return "[secret]";
  if (value.items.size() == 1) return value.items.front();
  std::string text;
  for (const std::string& item : value.items) text += (text.empty() ? "" : ", ") + item;
  return "[" + text + "]";
}

std::string source_of(const Place& place, bool written) {
  if (!written) return "default";
  return place.line == 0 ? place.file : place.file + ":" + std::to_string(place.line);
}

class Rows {
 public:
  Rows(const std::vector<Property>& consumer, const std::vector<Property>& producer)
      : clients_{{{"consumer ", &consumer}, {"producer ", &producer}}} {}

  void add(const Option& option, const Value& value, std::string key_path) {
    if (value.items.empty() && !value.written) return;
    EffectiveOption row{std::move(key_path), shown(value), source_of(value.place, value.written), {}};
    row.becomes = becoming(option, value);
    rows_.push_back(std::move(row));
  }

  void add_map(const Values& values, std::span<const Block> blocks, bool defaults) {
    for (const Option* each : options_of(blocks)) {
      const std::string path = values.path + "." + std::string(each->name);
      const auto children = values.children.find(each->name);
      const bool structured = each->type == Type::block || each->type == Type::blocks;
      if (structured && children != values.children.end()) {
        for (const Values& child : children->second) add_map(child, {&each->child, 1}, each->type == Type::blocks);
      } else if (!structured && each->type != Type::properties && each->type != Type::topic_map &&
                 (defaults || values.find(each->name) != nullptr)) {
        add(*each, values.get(*each), path);
      }
    }
    add_free_keys(values);
  }

  [[nodiscard]] std::vector<EffectiveOption> take() { return std::move(rows_); }

 private:
  // The properties whose place is this value's; if something else won over it, that.
  [[nodiscard]] std::vector<std::string> becoming(const Option& option, const Value& value) const {
    std::vector<std::string> result;
    for (const auto& [client, properties] : clients_) {
      for (const Property& property : *properties) {
        if (property.place.key_path != value.place.key_path) continue;
        result.push_back(std::string(client) + property.name + "=" + (property.secret ? "[secret]" : property.value));
      }
    }
    if (!result.empty()) return result;
    for (const auto& [client, properties] : clients_) {
      for (const PropertyName& name : option.properties) {
        const Property* winner = find_property(*properties, name.name);
        if (winner == nullptr || name.name.empty()) continue;
        result.push_back(std::string(client) + winner->name + " comes from " + winner->place.key_path);
      }
    }
    if (!option.effect.empty()) result.emplace_back(option.effect);
    return result;
  }

  void add_free_keys(const Values& values) {
    for (const Property& property : values.properties) {
      Value value{.items = {property.value}, .secret = property.secret, .place = property.place};
      add(option(Block::top, "librdkafka"), value, property.place.key_path);
    }
    for (const TopicMapEntry& entry : values.topic_maps) {
      add(option(Block::top, "topic_maps"), entry.topic, entry.topic.place.key_path);
    }
  }

  std::array<std::pair<std::string_view, const std::vector<Property>*>, 2> clients_;
  std::vector<EffectiveOption> rows_;
};

}  // namespace

std::vector<EffectiveOption> effective_options(const Values& top, const Value& servers,
                                               const std::vector<Property>& consumer,
                                               const std::vector<Property>& producer) {
  Rows rows(consumer, producer);
  constexpr std::array<Block, 1> client = {Block::client};
  constexpr std::array<Block, 1> consumer_block = {Block::consumer};
  constexpr std::array<Block, 1> producer_block = {Block::producer};
  constexpr std::array<Block, 1> inbound_block = {Block::inbound};
  constexpr std::array<Block, 1> retries_block = {Block::retries};
  if (top.find("bootstrap_servers") == nullptr) {
    rows.add(option(Block::client, "bootstrap_servers"), servers, servers.place.key_path);
  }
  Values general = top;
  general.properties.clear();
  general.topic_maps.clear();
  rows.add_map(general, client, true);
  rows.add(option(Block::top, "topic_prefix"), top.get(option(Block::top, "topic_prefix")),
           "kafka_events.topic_prefix");
  const Values consumers = top.child("consumer-config");
  rows.add_map(consumers, consumer_block, true);
  const Values producers = top.child("producer-config");
  rows.add_map(producers, producer_block, true);
  // Options of both clients that one of them has to itself.
  for (const Values* own : {&consumers, &producers}) {
    Values mapped = *own;
    mapped.properties.clear();
    rows.add_map(mapped, client, false);
  }
  Values inbound = top.child("inbound");
  const Values retries = inbound.child("retries");
  inbound.children.clear();
  rows.add_map(inbound, inbound_block, true);
  rows.add_map(retries, retries_block, true);
  constexpr std::array<Block, 1> outbox_block = {Block::outbox};
  if (const Values outbox = top.child("outbox"); outbox.written) rows.add_map(outbox, outbox_block, true);
  Values rest = top;
  rest.children.erase("consumer-config");
  rest.children.erase("producer-config");
  rest.children.erase("inbound");
  rest.children.erase("outbox");
  rest.values.clear();
  constexpr std::array<Block, 1> top_block = {Block::top};
  rows.add_map(rest, top_block, false);
  return rows.take();
}

}  // namespace kafka_events::config
