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
      const bool free_keys =
          each->type == Type::properties || each->type == Type::pairs || each->type == Type::topic_map;
      if (structured && children != values.children.end()) {
        for (const Values& child : children->second) add_map(child, {&each->child, 1}, each->type == Type::blocks);
      } else if (!structured && !free_keys && (defaults || values.find(each->name) != nullptr)) {
        add(*each, values.get(*each), path);
      }
    }
    add_free_keys(values);
  }

  // The blocks that count by their defaults as well, and those that only count when they are written. They are taken out
  // of `top`.
  void add_services(Values& top) {
    constexpr std::array<std::pair<std::string_view, Block>, 6> services = {
        {{"outbox", Block::outbox},
         {"schema_registry", Block::schema_registry},
         {"tenants", Block::tenants},
         {"loop_guard", Block::loop_guard},
         {"requests", Block::requests},
         {"cloudevents", Block::cloudevents}}};
    for (const auto& [name, block] : services) {
      const Values values = top.child(name);
      const bool always = block == Block::loop_guard || block == Block::requests || block == Block::cloudevents;
      if (values.written || always) add_map(values, {&block, 1}, true);
      if (const auto found = top.children.find(name); found != top.children.end()) top.children.erase(found);
    }
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
    for (const Property& pair : values.pairs) {
      Value value{.items = {pair.value}, .secret = pair.secret, .place = pair.place};
      add(option(Block::topic, "config"), value, pair.place.key_path);
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
  for (const std::string_view name : {"topic_prefix", "reload"}) {
    rows.add(option(Block::top, name), top.get(option(Block::top, name)), "kafka_events." + std::string(name));
  }
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
  Values rest = top;
  for (const std::string_view name : {"consumer-config", "producer-config", "inbound"}) {
    if (const auto found = rest.children.find(name); found != rest.children.end()) rest.children.erase(found);
  }
  rows.add_services(rest);
  constexpr std::array<Block, 1> top_block = {Block::top};
  rest.values.erase("topic_prefix");
  rest.values.erase("reload");
  rows.add_map(rest, top_block, false);
  return rows.take();
}

}  // namespace kafka_events::config
