// CloudEvents 1.0, Kafka protocol binding 1.0.2: binary (attributes in headers) and structured (application/cloudevents+json).
#pragma once

#include <memory>
#include <string>

#include "codec/codec.h"

namespace kafka_events {

enum class CloudEventsMode : std::uint8_t { binary, structured };

/// Writes in `mode`, reads both. `source`: the attribute of that name, a URI reference that is not empty.
[[nodiscard]] std::unique_ptr<Codec> make_cloudevents_codec(CloudEventsMode mode, std::string source);

}  // namespace kafka_events
