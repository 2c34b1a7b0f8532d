// The table, last part: events that become records (one route of outbound).
#include "config/options.h"

namespace kafka_events::config {

namespace {

constexpr Option table[] = {
    {.block = Block::route,
     .name = "match",
     .type = Type::regex,
     .example = "\"^acapy::outbound::.*\"",
     .effect = "which events take this route",
     .description = "Required: a pattern over the event's topic (RE2), from its beginning."},
    {.block = Block::route,
     .name = "topic",
     .type = Type::topic_template,
     .fallback = "\"{topic:kafka}\"",
     .example = "\"{topic:kafka}\"",
     .effect = "the Kafka topic",
     .description =
         "Template: {topic:kafka} ('::' to '-'), {topic}, {tenant}, {wallet_id}, {state}, {category}, {1} to "
         "{9} (groups of match), {header.x}, {payload./json/pointer}; $name means {name}."},
    {.block = Block::route,
     .name = "key",
     .type = Type::text_template,
     .fallback = "\"{tenant}\"",
     .example = "\"{tenant}\"",
     .effect = "the record's key, unless the event has one",
     .description = "Template, as in topic. Events with the same key keep their order. \"\": no key."},
    {.block = Block::route,
     .name = "partitions",
     .type = Type::integers,
     .range = {0, 100000},
     .example = "[0, 1]",
     .effect = "only these partitions",
     .description = "One number, several with commas, or a list. Unset: all of them.",
     .empty = Empty::unset},
    {.block = Block::route,
     .name = "codec",
     .type = Type::choice,
     .choices = "raw, envelope, json, cloudevents, cloudevents-structured, avro",
     .fallback = "raw",
     .example = "raw",
     .effect = "how an event's payload becomes a record's value",
     .description =
         "raw: as it is. envelope, or json: the JSON envelope with wallet_id, topic and payload. cloudevents: "
         "CloudEvents 1.0 in binary mode; cloudevents-structured: as one JSON object. avro: Avro with a schema "
         "registry, in Confluent's wire format."},
    {.block = Block::route,
     .name = "qos",
     .type = Type::choice,
     .choices = "at_least_once, at_most_once, exactly_once",
     .fallback = "at_least_once",
     .example = "at_least_once",
     .effect = "what holds when something fails (docs/guarantees.md)",
     .description = "at_most_once: never twice, perhaps not at all; acks 1 (or 0, if acks says so), no retry. "
                    "at_least_once: not lost, perhaps twice. exactly_once: through the outbox and in transactions, "
                    "neither lost nor twice for consumers that read committed records only."},
    {.block = Block::route,
     .name = "status_events",
     .type = Type::boolean,
     .fallback = "true",
     .example = "true",
     .effect = "<topic>::sent_to_external_queue and <topic>::undeliverable",
     .description = "Whether the delivery of each event is announced on the event bus."},
    {.block = Block::route,
     .name = "continue",
     .type = Type::boolean,
     .fallback = "false",
     .example = "false",
     .effect = "whether later routes are tried as well",
     .description = "An event takes the first route that matches; with true it goes on to the next."},
    {.block = Block::route,
     .name = "reply_to",
     .type = Type::topic_template,
     .example = "\"{topic:kafka}.reply\"",
     .effect = "the topic that answers come on; its events are requests then",
     .description = "Template, as in topic. Unset or \"\": events of this route want no answer."},
    {.block = Block::route,
     .name = "reply_timeout_ms",
     .type = Type::integer,
     .range = {1, 86400000},
     .fallback = "30000",
     .example = "30000",
     .effect = "how long an answer may take before <topic>::reply_timeout",
     .description = "In milliseconds; an event's header agent-request-timeout-ms beats it."},
    {.block = Block::route,
     .name = "single_writer",
     .type = Type::boolean,
     .fallback = "false",
     .example = "false",
     .effect = "a transactional id of each topic's own fences every other writer of it",
     .description = "Records go in transactions. Needs qos at_least_once and a topic that depends on the event's topic "
                    "only; all routes to one topic must agree."},
};

}  // namespace

std::span<const Option> outbound_options() { return table; }

}  // namespace kafka_events::config
