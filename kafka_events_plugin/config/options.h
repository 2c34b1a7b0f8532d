// The one table of every option: what is accepted, what it defaults to, what becomes of it. The loader, the JSON
// Schema, the annotated sample and docs/configuration.md all come from it; an option that is not here does not exist.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kafka_events::config {

/// Which map of the file an option stands in.
enum class Block : std::uint8_t {
  top,       ///< kafka_events itself
  client,    ///< kafka_events, and again in consumer-config and producer-config, where it counts for that side only
  consumer,  ///< consumer-config
  producer,  ///< producer-config
  ssl,       ///< ssl_context
  oauth,     ///< sasl_oauth_token_provider
  inbound,
  retries,  ///< inbound.retries and workers.N.retries
  worker,   ///< one entry of workers
  route,    ///< one entry of outbound
  outbox,
  schema_registry,
  topics,
  topic,  ///< one entry of topics.ensure
  tenants,
  loop_guard,
  requests,
  cloudevents,
};
inline constexpr std::size_t block_count = 18;

enum class Type : std::uint8_t {
  text,
  integer,
  bytes,  ///< a whole number with an optional unit, such as 1GiB
  boolean,
  choice,          ///< one of `choices`, any case
  choices,         ///< a comma list or a list of them
  servers,         ///< a comma list or a list of host[:port]
  urls,            ///< a comma list or a list of http and https addresses
  integers,        ///< one whole number, a comma list or a list
  version,         ///< "auto" or digits separated by dots
  schema_version,  ///< "latest" or a whole number from 1
  subscriptions,   ///< topic names and patterns that begin with ^
  topic_names,     ///< a comma list or a list of them, without patterns
  worker_names,    ///< a comma list or a list of them
  regex,           ///< RE2
  topic_template,  ///< literal parts and placeholders of a Kafka topic
  text_template,   ///< the same, with any literal text
  subject,         ///< a template over {topic}, the Kafka topic
  path,            ///< of a file, relative to the configuration file
  block,           ///< a map with options of its own
  blocks,          ///< a list of such maps
  properties,      ///< librdkafka's properties by their names
  pairs,           ///< a map with free keys and texts
  topic_map,       ///< event topic pattern: topic template
  later,           ///< known, but not in this version
};

/// What an option left empty means ("group_id:").
enum class Empty : std::uint8_t { refused, unset };

enum class Client : std::uint8_t { both, consumer, producer };

struct Range {
  std::int64_t least = 0;
  std::int64_t most = 0;
};

/// For messages and documentation: "(1..300000)".
[[nodiscard]] std::string in_range(const Range& range);

struct PropertyName {
  Client client = Client::both;
  std::string_view name = {};  ///< empty: none
};

struct Option {
  Block block = Block::top;
  std::string_view name = {};
  Type type = Type::text;
  Range range = {};                ///< of integers, in the unit that the name or the description says
  std::string_view choices = {};   ///< "earliest, latest, none"
  std::string_view fallback = {};  ///< the default, written as in the file; empty: none
  std::string_view example = {};   ///< a real value, for the sample and for messages
  std::array<PropertyName, 2> properties = {};
  std::string_view effect = {};  ///< what it does where it becomes no property, or more than one would say
  std::string_view description = {};
  Empty empty = Empty::refused;
  std::string_view empty_value = {};  ///< what being left empty stands for; none: as if the option were not there
  bool secret = false;
  Block child = Block::top;  ///< of `block` and `blocks`
};

/// All options in the order of the documentation.
[[nodiscard]] std::vector<const Option*> all_options();

/// The options of one map of the file, in order. A map may take those of several blocks.
[[nodiscard]] std::vector<const Option*> options_of(std::span<const Block> blocks);

/// The option with this name in one of the blocks, '-' and '_' being alike; null if there is none.
[[nodiscard]] const Option* find_option(std::span<const Block> blocks, std::string_view name);

/// The option that must be there; asking for an unknown one is a defect.
[[nodiscard]] const Option& option(Block block, std::string_view name);

/// What to say of a key that these blocks do not have: where it belongs, or what it may have been meant to be.
[[nodiscard]] std::string unknown_option(std::string_view key, std::span<const Block> blocks);

/// `a whole number (1..100000000)`, `one of earliest, latest, none`: for messages and documentation.
[[nodiscard]] std::string expected(const Option& option);

// The parts of the table, one file each.
[[nodiscard]] std::span<const Option> general_options();
[[nodiscard]] std::span<const Option> security_options();
[[nodiscard]] std::span<const Option> consumer_options();
[[nodiscard]] std::span<const Option> producer_options();
[[nodiscard]] std::span<const Option> inbound_options();
[[nodiscard]] std::span<const Option> outbound_options();
[[nodiscard]] std::span<const Option> schema_options();
[[nodiscard]] std::span<const Option> outbox_options();
[[nodiscard]] std::span<const Option> service_options();
[[nodiscard]] std::span<const Option> further_options();

}  // namespace kafka_events::config
