// The codec that a route or a worker asks for.
#pragma once

#include <memory>
#include <string>

#include "codec/codec.h"
#include "config/settings.h"
#include "core/schema_registry.h"

namespace kafka_events {

/// What codecs need of the rest of the module. Outlives them.
struct CodecParts {
  SchemaRegistry* registry = nullptr;  ///< null: there is none, and codec avro is an error
  std::string cloudevents_source{};    ///< the attribute `source` of CloudEvents
};

/// Fails (invalid) when a schema cannot be read, with the place in its text, or when something is missing.
[[nodiscard]] Result<std::unique_ptr<Codec>> make_codec(config::CodecKind kind, const config::SchemaSettings& schema,
                                                        const CodecParts& parts);

}  // namespace kafka_events
