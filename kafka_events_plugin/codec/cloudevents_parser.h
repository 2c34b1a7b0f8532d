// Reads a CloudEvent in the JSON event format 1.0.2 and finds the exact bytes of its data in it.
#pragma once

#include "codec/codec.h"

namespace kafka_events {

/// Fills payload, content type and headers (all attributes, as ce_*; datacontenttype excepted). Numbers and booleans
/// become text. Fails (invalid) for what is no CloudEvent: repeated members, attributes of a wrong form, both data and
/// data_base64. Without data the payload is null.
Result<void> parse_cloudevent(Bytes value, DecodedEvent& out);

/// application/json, text/json, application/…+json, with any parameters; empty is JSON too (JSON event format,
/// section 3.1).
[[nodiscard]] bool is_json_type(std::string_view content_type) noexcept;

}  // namespace kafka_events
