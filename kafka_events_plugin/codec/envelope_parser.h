// Reads {"wallet_id", "state", "topic", "category", "payload"} and finds the exact bytes of the payload in it.
#pragma once

#include "codec/codec.h"

namespace kafka_events {

/// Fills `out` but for its content type. Unknown members are skipped, repeated ones are an error; all but the payload
/// may be missing or null.
Result<void> parse_envelope(Bytes value, DecodedEvent& out);

/// The `state` of a payload that is a JSON object and has one as text, else empty: what later versions of the ACA-Py
/// plugin put into the envelope. Fails as check_json() does.
Result<std::string> check_payload(Bytes payload);

}  // namespace kafka_events
