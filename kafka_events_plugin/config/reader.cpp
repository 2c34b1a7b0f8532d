// Reading of maps and values. Blocks of librdkafka's properties and topic maps stand in reader_maps.cpp.
#include "config/reader.h"

#include <algorithm>
#include <utility>

#include "config/placeholders.h"
#include "config/value_checks.h"

namespace kafka_events::config {

namespace {

// The blocks whose options a child map takes.
std::vector<Block> blocks_of(Block child) {
  if (child == Block::consumer || child == Block::producer) return {child, Block::client};
  return {child};
}

// "<password>": what the ACA-Py sample has where a value belongs.
bool is_sample_placeholder(std::string_view text) {
  return text.size() >= 2 && text.front() == '<' && text.back() == '>' &&
         text.find_first_of("<>", 1) == text.size() - 1;
}

bool takes_lists(Type type) {
  return type == Type::servers || type == Type::urls || type == Type::integers || type == Type::subscriptions ||
         type == Type::choices || type == Type::topic_names || type == Type::worker_names;
}

}  // namespace

std::string item_path(std::string_view path, std::size_t index) {
  return std::string(path) + "." + std::to_string(index);
}

Values Reader::read_map(const YamlNode& node, std::string path, const Place& place, std::span<const Block> blocks) {
  Values result;
  result.path = std::move(path);
  result.place = place;
  result.written = true;
  std::vector<std::pair<const Option*, const Entry*>> seen;
  for (const Entry& entry : node.entries) {
    const Option* known = find_option(blocks, entry.key);
    // The spelling of the table, so that consumer-config and consumer_config are the same key.
    const auto same = std::ranges::find_if(
        seen, [&](const auto& each) { return known != nullptr ? each.first == known : each.second->key == entry.key; });
    if (same == seen.end()) {
      seen.emplace_back(known, &entry);
    } else if (!entry.merged && !same->second->merged) {
      report_.error(report_.place(entry.mark, result.path + "." + entry.key),
                    "is already given" +
                        (same->second->mark.line == 0 ? std::string(" with -o")
                                                      : " in line " + std::to_string(same->second->mark.line)) +
                        "; write it once");
    } else if (!entry.merged) {
      same->second = &entry;
    }
  }
  for (const auto& each : seen) read_entry(*each.second, blocks, result);
  return result;
}

void Reader::read_entry(const Entry& entry, std::span<const Block> blocks, Values& into) {
  const Option* known = find_option(blocks, entry.key);
  if (known == nullptr) {
    report_.error(report_.place(entry.mark, into.path + "." + entry.key), unknown_option(entry.key, blocks));
    return;
  }
  const std::string path = into.path + "." + std::string(known->name);
  if (known->type == Type::later) {
    report_.error(report_.place(entry.mark, path), "arrives with a later version; remove it");
    return;
  }
  const YamlNode& node = *entry.value;
  // What is wrong with a map or a list as a whole is looked for at its name.
  const bool at_name = node.kind == YamlNode::Kind::null || node.mark.line != entry.mark.line;
  read_option({*known, path, report_.place(at_name ? entry.mark : node.mark, path)}, node, into);
}

void Reader::read_option(const At& at, const YamlNode& node, Values& into) {
  if (node.kind == YamlNode::Kind::null) {
    if (at.option.empty == Empty::refused) {
      report_.error(at.place, "is empty; write " + expected(at.option) + ", or remove the line");
    } else if (!at.option.empty_value.empty()) {
      into.values[std::string(at.option.name)] = {.items = {std::string(at.option.empty_value)}, .place = at.place};
    }
    return;
  }
  switch (at.option.type) {
    case Type::block:
      if (is_map(at, node)) {
        const std::vector<Block> blocks = blocks_of(at.option.child);
        into.children[std::string(at.option.name)] = {read_map(node, at.path, at.place, blocks)};
      }
      break;
    case Type::blocks:
      read_blocks(at, node, into);
      break;
    case Type::properties:
      if (is_map(at, node)) read_properties(at, node, into);
      break;
    case Type::pairs:
      if (is_map(at, node)) read_pairs(at, node, into);
      break;
    case Type::topic_map:
      if (is_map(at, node)) read_topic_maps(at, node, into);
      break;
    default:
      read_value(at, node, into);
  }
}

void Reader::read_blocks(const At& at, const YamlNode& node, Values& into) {
  if (node.kind != YamlNode::Kind::sequence) {
    wrong_kind(at, node);
    return;
  }
  std::vector<Values>& list = into.children[std::string(at.option.name)];
  const std::vector<Block> blocks = blocks_of(at.option.child);
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const YamlNode& item = *node.items[i];
    const std::string path = item_path(at.path, i);
    const Place place = report_.place(item.mark, path);
    if (item.kind == YamlNode::Kind::map) {
      list.push_back(read_map(item, path, place, blocks));
    } else {
      report_.error(place, "is " + std::string(kind_name(item)) + "; expected a map");
    }
  }
}

void Reader::read_value(const At& at, const YamlNode& node, Values& into) {
  Value value{.place = at.place};
  const std::size_t errors = report_.errors();
  if (node.kind == YamlNode::Kind::sequence && takes_lists(at.option.type)) {
    for (const YamlNode* item : node.items) {
      read_item({at.option, at.path, report_.place(item->mark, at.path)}, *item, value);
    }
  } else {
    read_item(at, node, value);
  }
  const bool may_be_empty = at.option.type == Type::subscriptions || at.option.type == Type::integers ||
                            at.option.type == Type::topic_names || at.option.type == Type::worker_names;
  if (value.items.empty()) {
    // An empty list says something; a value that was refused, or is empty and may be, is as if it were not there.
    if (node.kind != YamlNode::Kind::sequence || errors != report_.errors()) return;
    if (!may_be_empty) {
      report_.error(at.place, "is an empty list; expected " + expected(at.option));
      return;
    }
  }
  into.values[std::string(at.option.name)] = std::move(value);
}

void Reader::read_item(const At& at, const YamlNode& node, Value& value) {
  bool secret = at.option.secret;
  const std::optional<std::string> text = read_text(at, node, secret);
  if (!text) return;
  value.secret = value.secret || secret;
  const bool may_be_empty = at.option.empty == Empty::unset && at.option.type != Type::text_template;
  if (text->empty() && may_be_empty && at.option.name != "topic_prefix") {
    if (!at.option.empty_value.empty()) value.items.emplace_back(at.option.empty_value);
    return;
  }
  if (!takes_lists(at.option.type)) {
    check_item(at, *text, value);
    return;
  }
  const std::vector<std::string_view> parts = split_list(*text);
  if (parts.empty()) report_.error(at.place, "is empty; write " + expected(at.option) + ", or remove the line");
  // A pattern may have commas of its own.
  if (at.option.type == Type::subscriptions && text->starts_with('^')) {
    check_item(at, *text, value);
    return;
  }
  for (const std::string_view part : parts) check_item(at, part, value);
}

void Reader::check_item(const At& at, std::string_view text, Value& value) {
  Result<std::string> result = checked(at.option, {text, value.secret});
  if (!result) {
    report_.error(at.place, result.error().message);
  } else if (at.option.type == Type::path) {
    value.items.push_back(resolved_path(result.value(), input_.base_dir));
  } else {
    value.items.push_back(result.value());
  }
}

std::optional<std::string> Reader::read_text(const At& at, const YamlNode& node, bool& secret) {
  if (node.kind != YamlNode::Kind::scalar) {
    wrong_kind(at, node);
    return std::nullopt;
  }
  if (is_sample_placeholder(node.text)) {
    report_.error(
        at.place,
        "is still the sample's placeholder <…>; write " +
            (at.option.example.empty() ? "a real value" : "a real value, such as " + std::string(at.option.example)) +
            ", or remove the line");
    return std::nullopt;
  }
  if (node.plain && node.text.size() > 1 && node.text.ends_with(',')) {
    report_.error(at.place,
                  (secret ? std::string("the value") : quoted(node.text)) + " ends with a comma; take it away");
    return std::nullopt;
  }
  Expansion expansion = expand(node.text, input_);
  for (std::string& problem : expansion.problems) report_.error(at.place, std::move(problem));
  if (!expansion.problems.empty()) return std::nullopt;
  secret = secret || expansion.secret;
  return std::move(expansion.text);
}

void Reader::wrong_kind(const At& at, const YamlNode& node) {
  std::string message = "is " + std::string(kind_name(node)) + "; expected " + expected(at.option);
  if (at.option.child == Block::ssl) {
    message = "is " + std::string(kind_name(node)) +
              "; write a map of files: {ca: ca.pem, certificate: client.pem, key: client.key}";
  } else if (at.option.child == Block::oauth) {
    message = "is " + std::string(kind_name(node)) + "; write a map: {token_file: /run/secrets/token.jwt}";
  } else if (node.kind == YamlNode::Kind::map && !takes_lists(at.option.type)) {
    message += " (a value with { } in it needs quotes)";
  }
  report_.error(at.place, std::move(message));
}

bool Reader::is_map(const At& at, const YamlNode& node) {
  if (node.kind == YamlNode::Kind::map) return true;
  wrong_kind(at, node);
  return false;
}

Value Reader::default_servers() {
  const Option& servers = option(Block::client, "bootstrap_servers");
  YamlNode node{.kind = YamlNode::Kind::scalar, .text = std::string(servers.fallback)};
  Value value{.written = false, .place = report_.place({0, 0, Origin::built_in}, "kafka_events.bootstrap_servers")};
  read_item({servers, value.place.key_path, value.place}, node, value);
  return value;
}

}  // namespace kafka_events::config
