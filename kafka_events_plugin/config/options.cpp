// Looking things up in the table.
#include "config/options.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "config/report.h"

namespace kafka_events::config {

namespace {

bool same_name(std::string_view left, std::string_view right) {
  return std::ranges::equal(
      left, right, [](char a, char b) { return a == b || ((a == '-' || a == '_') && (b == '-' || b == '_')); });
}

}  // namespace

std::string in_range(const Range& range) {
  // Appended: gcc 12 takes the sum of two temporaries for an overlapping copy (-Wrestrict).
  std::string text = "(";
  text.append(std::to_string(range.least)).append("..").append(std::to_string(range.most));
  return text.append(")");
}

std::vector<const Option*> all_options() {
  std::vector<const Option*> all;
  for (const auto part :
       {general_options(), security_options(), consumer_options(), producer_options(), inbound_options(),
        outbound_options(), schema_options(), outbox_options(), service_options(), further_options()}) {
    for (const Option& each : part) all.push_back(&each);
  }
  return all;
}

std::vector<const Option*> options_of(std::span<const Block> blocks) {
  std::vector<const Option*> found = all_options();
  std::erase_if(found, [&](const Option* each) { return std::ranges::find(blocks, each->block) == blocks.end(); });
  return found;
}

const Option* find_option(std::span<const Block> blocks, std::string_view name) {
  for (const Option* each : options_of(blocks)) {
    if (same_name(each->name, name)) return each;
  }
  return nullptr;
}

const Option& option(Block block, std::string_view name) {
  const Option* found = find_option({&block, 1}, name);
  assert(found != nullptr);
  return *found;
}

std::string unknown_option(std::string_view key, std::span<const Block> blocks) {
  constexpr std::array<std::pair<Block, std::string_view>, 5> places = {{{Block::client, "directly in kafka_events"},
                                                                         {Block::consumer, "in consumer-config"},
                                                                         {Block::producer, "in producer-config"},
                                                                         {Block::inbound, "in inbound"},
                                                                         {Block::top, "directly in kafka_events"}}};
  for (const auto& [block, place] : places) {
    if (find_option({&block, 1}, key) != nullptr) return "does not belong here; write it " + std::string(place);
  }
  std::vector<std::string_view> names;
  for (const Option* each : options_of(blocks)) names.push_back(each->name);
  return "is not a known option" + did_you_mean(key, names);
}

std::string expected(const Option& option) {
  switch (option.type) {
    case Type::integer:
      return "a whole number " + in_range(option.range);
    case Type::integers:
      return "one or more whole numbers " + in_range(option.range);
    case Type::boolean:
      return "true or false";
    case Type::choice:
      return "one of " + std::string(option.choices);
    case Type::choices:
      return "one or more of " + std::string(option.choices);
    case Type::servers:
      return "host:port, or a list of them";
    case Type::urls:
      return "http://host:port or https://…, or a list of them";
    case Type::topic_names:
      return "a topic, or a list of them";
    case Type::worker_names:
      return "the name of a worker, or a list of them";
    case Type::schema_version:
      return "latest or a whole number (1..2147483647)";
    case Type::subscriptions:
      return "a topic or a pattern, or a list of them";
    case Type::version:
      return "\"auto\" or a version such as 2.8";
    case Type::bytes:
      return "a number of bytes, such as 512MiB " + in_range(option.range);
    case Type::path:
      return option.block == Block::outbox ? "the path of a directory" : "the path of a file";
    case Type::regex:
      return "a pattern (RE2)";
    case Type::topic_template:
    case Type::text_template:
    case Type::subject:
      return "a template in quotes";
    case Type::block:
      return "a map";
    case Type::blocks:
      return "a list of maps";
    case Type::properties:
      return "a map of librdkafka's properties";
    case Type::pairs:
      return "a map from names to values";
    case Type::topic_map:
      return "a map from patterns to topics";
    case Type::text:
    case Type::later:
      break;
  }
  return "text";
}

}  // namespace kafka_events::config
