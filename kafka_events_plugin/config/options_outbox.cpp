// The table, last part: outbox.
#include "config/options.h"

namespace kafka_events::config {

namespace {

constexpr Option table[] = {
    {.block = Block::outbox,
     .name = "path",
     .type = Type::path,
     .example = "/var/lib/agent/outbox",
     .effect = "the directory of the outbox; one process has it open at a time",
     .description = "Made if it is missing. On a local disk: its locks and fsync must mean something."},
    {.block = Block::outbox,
     .name = "mode",
     .type = Type::choice,
     .choices = "when_needed, always, off",
     .fallback = "when_needed",
     .example = "when_needed",
     .effect = "which events of at_least_once routes go through the outbox",
     .description =
         "when_needed: those that Kafka cannot take at the moment, and what is left at a stop. always: every "
         "event, before its publisher goes on. Routes that are exactly_once always use it; at_most_once never."},
    {.block = Block::outbox,
     .name = "max_bytes",
     .type = Type::bytes,
     .range = {1 << 20, std::int64_t{1} << 44},
     .fallback = "1073741824",
     .example = "1GiB",
     .effect = "the bound of the outbox; when it is reached publishers are told \"busy\"",
     .description = "Bytes of events, or with a unit (KiB, MiB, GiB, TiB; kB, MB, GB, TB). Nothing is evicted."},
    {.block = Block::outbox,
     .name = "fsync",
     .type = Type::choice,
     .choices = "group, each, off",
     .fallback = "group",
     .example = "group",
     .effect = "when events are safe against loss of power",
     .description =
         "group: at most group_interval_ms later. each: before the publisher goes on, which then waits for the "
         "disk. off: when the operating system writes. Against the end of the process they always are safe."},
    {.block = Block::outbox,
     .name = "group_interval_ms",
     .type = Type::integer,
     .range = {1, 1000},
     .fallback = "5",
     .example = "5",
     .effect = "how long a group of events waits for its fsync",
     .description = "Milliseconds; counts with fsync: group."},
};

}  // namespace

std::span<const Option> outbox_options() { return table; }

}  // namespace kafka_events::config
