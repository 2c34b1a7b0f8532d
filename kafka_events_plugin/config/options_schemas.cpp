// The table: the Avro schemas of routes, of inbound and of workers.
#include "config/options.h"

namespace kafka_events::config {

namespace {

constexpr Option value_schema(Block block, std::string_view effect) {
  return {.block = block,
          .name = "value_schema",
          .type = Type::path,
          .example = "schema/query.avsc",
          .effect = effect,
          .description = "A file with an Avro schema, read with the configuration; for codec avro."};
}

constexpr Option key_schema(Block block) {
  return {.block = block,
          .name = "key_schema",
          .type = Type::path,
          .example = "schema/key.avsc",
          .effect = "keys are Avro, with this schema",
          .description = "As value_schema. Unset: keys are as they are, unless key_from_registry."};
}

constexpr Option key_from_registry(Block block) {
  return {.block = block,
          .name = "key_from_registry",
          .type = Type::boolean,
          .fallback = "false",
          .example = "false",
          .effect = "keys are Avro, with the registry's schema",
          .description = "Excludes key_schema; for codec avro."};
}

constexpr Option avro_json(Block block) {
  return {.block = block,
          .name = "avro_json",
          .type = Type::choice,
          .choices = "plain, avro",
          .fallback = "plain",
          .example = "plain",
          .effect = "how the JSON of payloads stands for Avro's unions",
          .description = "plain: unions of null and one type without the type's name. avro: Avro's own JSON encoding."};
}

constexpr Option logical_types(Block block) {
  return {.block = block,
          .name = "logical_types",
          .type = Type::choice,
          .choices = "raw, readable",
          .fallback = "raw",
          .example = "raw",
          .effect = "how dates, times and decimals stand in JSON",
          .description = "raw: as the type below has them. readable: dates as RFC 3339, decimals as text."};
}

constexpr Option subject(std::string_view name, std::string_view fallback, std::string_view effect) {
  return {.block = Block::route,
          .name = name,
          .type = Type::subject,
          .fallback = fallback,
          .example = fallback,
          .effect = effect,
          .description = "Template over {topic}, the Kafka topic with its prefix; for codec avro."};
}

constexpr std::string_view written_with = "records are written with this schema";
constexpr std::string_view read_into = "records are read into this schema, whatever they were written with";

constexpr Option table[] = {
    value_schema(Block::route, written_with),
    key_schema(Block::route),
    key_from_registry(Block::route),
    subject("value_subject", "\"{topic}-value\"", "the registry's subject of values"),
    subject("key_subject", "\"{topic}-key\"", "the registry's subject of keys"),
    {.block = Block::route,
     .name = "schema_version",
     .type = Type::schema_version,
     .fallback = "latest",
     .example = "latest",
     .effect = "which version of the subject's value schema records are written with",
     .description = "Without value_schema only; for codec avro."},
    {.block = Block::route,
     .name = "auto_register",
     .type = Type::boolean,
     .fallback = "false",
     .example = "false",
     .effect = "value_schema and key_schema are registered if their subjects do not have them",
     .description = "false: a schema that the registry does not have is an error of the event. For codec avro."},
    avro_json(Block::route),
    logical_types(Block::route),
    value_schema(Block::inbound, read_into),
    key_schema(Block::inbound),
    key_from_registry(Block::inbound),
    avro_json(Block::inbound),
    logical_types(Block::inbound),
    value_schema(Block::worker, read_into),
    key_schema(Block::worker),
    key_from_registry(Block::worker),
    avro_json(Block::worker),
    logical_types(Block::worker),
};

}  // namespace

std::span<const Option> schema_options() { return table; }

}  // namespace kafka_events::config
