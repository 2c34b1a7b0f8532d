// Between an event and the value of a Kafka record, both ways. Pure: no state, any thread, several calls at once.
//
//   std::string buffer;
//   const Result<Encoded> encoded = codec.encode(event, buffer);
//   if (encoded.ok()) send(encoded.value().value, encoded.value().in_event);
//
// In every codec a null payload is a null value (a tombstone) and the other way round. No error message holds any of
// the payload; places in it are given as offsets in bytes, counted from 0.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/event.h"
#include "core/result.h"

namespace kafka_events {

/// A record's value, made from an event.
struct Encoded {
  Bytes value;
  bool in_event =
      false;  ///< the value lies in the event's own payload (zero copy); else in the caller's buffer, or null
};

/// What a record's value says. A codec fills what the value carries; the rest stays empty, and the record's headers,
/// key and topic speak for it.
struct DecodedEvent {
  Bytes payload;
  std::string topic;   ///< of the event, such as acapy::webhook::ping
  std::string tenant;  ///< empty: the value does not say, or it is the agent's own wallet
  std::string state;
  std::string category;
  std::string_view content_type;  ///< a constant of the codec, or empty: the value does not say
  bool payload_in_value = true;   ///< the payload is null or a part of the value, valid as long as that is
};

class Codec {
 public:
  virtual ~Codec() = default;

  /// The value to send: the event's payload itself (in_event), or text that was written to `buffer` (replaced; reuse it
  /// to save allocations). Fails with `invalid` where the event cannot be expressed in this codec.
  virtual Result<Encoded> encode(const Event& event, std::string& buffer) const = 0;

  /// Reads a value that anybody may have written: hostile input is an `invalid` error that says what and at which
  /// offset. `out` is replaced, and unspecified on failure. Its payload is a view into `value`.
  virtual Result<void> decode(Bytes value, DecodedEvent& out) const = 0;

  /// Media type of the values it writes; empty: the event's own.
  [[nodiscard]] virtual std::string_view content_type() const = 0;

  /// The value itself says topic and tenant of the event, so that no header has to.
  [[nodiscard]] virtual bool carries_identity() const = 0;
};

/// The payload as it is, both ways.
[[nodiscard]] std::unique_ptr<Codec> make_raw_codec();

/// {"wallet_id": …, "state": …, "topic": …, "category": …, "payload": …}, as later versions of the ACA-Py plugin write
/// it. A JSON payload is spliced in and out byte for byte; other UTF-8 text becomes a JSON string; anything else is an
/// error.
[[nodiscard]] std::unique_ptr<Codec> make_envelope_codec();

}  // namespace kafka_events
