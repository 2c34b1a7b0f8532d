// Between an event and a Kafka record, both ways. No state that shows: any thread, several calls at once.
//
//   EncodeBuffers buffers;
//   const Result<Encoded> encoded = codec.encode(event, {.kafka_topic = topic, .key = key}, buffers);
//   if (encoded.ok()) send(encoded.value().value, encoded.value().in_event);
//
// In every codec a null payload is a null value (a tombstone) and the other way round. No error message holds any of
// the payload; places in it are given as offsets in bytes, counted from 0, or as field paths. An `unavailable` error
// says that the same call may succeed soon (a schema is being asked for).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/event.h"
#include "core/record.h"
#include "core/result.h"

namespace kafka_events {

/// What a codec may know of the record that is being made.
struct EncodeContext {
  std::string_view kafka_topic{};  ///< with the prefix
  Bytes key{};                     ///< as the route has it; may be null
};

/// What an encoded record's views point to, beside the event itself. Reuse them to save allocations.
struct EncodeBuffers {
  std::string value{};
  std::string key{};
  std::string text{};             ///< what `headers` refer to
  std::vector<Header> headers{};  ///< of the codec; replaced by encode()
};

/// A record, made from an event.
struct Encoded {
  Bytes value;
  bool in_event = false;  ///< the value lies in the event's own payload (zero copy); else in a buffer, or null
  bool has_key = false;   ///< the record has `key` instead of the route's
  Bytes key{};
};

/// What a record says. A codec fills what the record carries in its own way; the rest stays empty, and the record's
/// headers, key and topic speak for it.
struct DecodedEvent {
  Bytes payload;
  std::string topic;   ///< of the event, such as acapy::webhook::ping
  std::string tenant;  ///< empty: the record does not say, or it is the agent's own wallet
  std::string state;
  std::string category;
  std::string content_type;      ///< empty: the record does not say
  bool payload_in_value = true;  ///< the payload is null or a part of the value, valid as long as that is
  std::string buffer;            ///< else it lies here
  bool has_key = false;          ///< the event has `key` instead of the record's
  std::string key;
  std::vector<std::pair<std::string, std::string>> headers;  ///< of the event, in addition to the record's
};

class Codec {
 public:
  virtual ~Codec() = default;

  /// The record to send; its value is the event's payload itself (in_event), or was written to `buffers`. Fails with
  /// `invalid` where the event cannot be expressed in this codec.
  virtual Result<Encoded> encode(const Event& event, const EncodeContext& context, EncodeBuffers& buffers) const = 0;

  /// Reads a record that anybody may have written: hostile input is an `invalid` error that says what and at which
  /// offset. `out` is replaced, and unspecified on failure. Its payload is a view into the value, or into out.buffer.
  virtual Result<void> decode(const InboundRecord& record, DecodedEvent& out) const = 0;

  /// Media type of the values it writes; empty: the event's own.
  [[nodiscard]] virtual std::string_view content_type() const = 0;

  /// encode() gives the event's payload as it is, with no header and no key, and never fails.
  [[nodiscard]] virtual bool passes_payload() const { return false; }

  /// The record itself says topic and tenant of the event, so that no header has to.
  [[nodiscard]] virtual bool carries_identity() const = 0;

  /// Headers of this name are the codec's own: an event's are not copied to a record that it makes.
  [[nodiscard]] virtual bool owns_header(std::string_view name) const {
    (void)name;
    return false;
  }

  /// It reads more of a record than its value (headers, the key), so that one with a null value is given to decode() too.
  [[nodiscard]] virtual bool reads_headers() const { return false; }

  /// What kind of message the records of this Kafka topic are, such as the full name of their schema; empty: it does not
  /// say, or is not known yet.
  [[nodiscard]] virtual std::string message_name(std::string_view kafka_topic) const {
    (void)kafka_topic;
    return {};
  }
};

/// The payload as it is, both ways.
[[nodiscard]] std::unique_ptr<Codec> make_raw_codec();

/// {"wallet_id": …, "state": …, "topic": …, "category": …, "payload": …}, as later versions of the ACA-Py plugin write
/// it. A JSON payload is spliced in and out byte for byte; other UTF-8 text becomes a JSON string; anything else is an
/// error.
[[nodiscard]] std::unique_ptr<Codec> make_envelope_codec();

}  // namespace kafka_events
