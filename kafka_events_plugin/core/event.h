// An event of the host's bus as the parts of this module see it: views only, valid while a reference to the event is held.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace kafka_events {

/// Bytes that may be null: data() == nullptr is "no value" (a tombstone), which differs from an empty value.
using Bytes = std::string_view;

[[nodiscard]] constexpr bool is_null(Bytes bytes) noexcept { return bytes.data() == nullptr; }

/// One header; order and duplicates matter, the value may be null.
struct Header {
  std::string_view name;
  Bytes value;
};

/// The host's event behind an Event. Only host/ knows what it points to; it never points into this module.
struct HostEvent;
using EventHandle = const HostEvent*;

struct Event {
  std::string_view topic{};
  std::string_view tenant{};
  Bytes key{};
  std::string_view id{};
  std::string_view content_type{};
  Bytes payload{};
  std::span<const Header> headers{};
  std::int64_t timestamp_us = 0;  ///< since the Unix epoch
  bool published_by_us = false;   ///< this plugin instance published it (an inbound record, a status event)
  EventHandle handle = nullptr;
};

/// What an event is made from. Everything is copied by the bus, but for a payload with an owner.
struct EventDraft {
  std::string_view topic{};
  std::string_view tenant{};
  Bytes key{};
  std::string_view id{};
  std::string_view content_type{};
  Bytes payload{};
  std::span<const Header> headers{};
  std::int64_t timestamp_us = 0;  ///< 0: now
  /// Set: the payload is this event's own, shared and not copied.
  EventHandle payload_of = nullptr;
  /// Set: the payload is not copied; release(owner) is called once when the last reference is gone or publish fails. It
  /// must be a function that outlives this module (librdkafka's rd_kafka_event_destroy does).
  void* payload_owner = nullptr;
  void (*payload_release)(void*) = nullptr;
};

/// How handling an event ended; the larger one wins where several are combined.
enum class Outcome : std::uint8_t { done = 0, busy = 1, failed = 2 };

/// What a handler answers: `later` hands over one reference and one completion.
enum class HandlerAnswer : std::uint8_t { done = 0, failed = 1, busy = 2, later = 3 };

}  // namespace kafka_events
