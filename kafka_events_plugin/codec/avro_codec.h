// Avro in Confluent's wire format: 0x00, the schema's id (4 bytes, big-endian), the body. Values, and keys where they have a
// schema; the event's payload is JSON.
#pragma once

#include <memory>

#include "codec/codec.h"
#include "config/settings.h"
#include "core/schema_registry.h"

namespace kafka_events {

/// Fails (invalid) when a schema of the settings cannot be read. `registry` outlives the codec.
[[nodiscard]] Result<std::unique_ptr<Codec>> make_avro_codec(const config::SchemaSettings& settings,
                                                             SchemaRegistry& registry);

}  // namespace kafka_events
