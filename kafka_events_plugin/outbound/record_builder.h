// Makes the record that an event becomes on one route: Kafka topic, key, partition, headers, value.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/loop_headers.h"
#include "core/ports.h"
#include "core/trace_context.h"
#include "outbound/insert_only_table.h"
#include "outbound/outbound_parts.h"
#include "outbound/route_cache.h"
#include "outbound/route_sinks.h"

namespace kafka_events {

inline constexpr std::string_view agent_topic_header = "agent-topic";
inline constexpr std::string_view agent_tenant_header = "agent-tenant";
inline constexpr std::string_view content_type_header = "content-type";
/// An event of this type needs no header to say so.
inline constexpr std::string_view default_content_type = "application/json";

[[nodiscard]] inline bool is_default_content_type(std::string_view type) noexcept {
  return type.empty() || type == default_content_type;
}

/// Microseconds since the Unix epoch, to a few milliseconds.
using WallClock = std::int64_t (*)();
[[nodiscard]] std::int64_t coarse_wall_clock_us();

/// What a record's views point to, beside the event itself. Lives for one send.
struct RecordStorage {
  std::string topic;
  std::string key;
  EncodeBuffers encoded;
  std::vector<Header> headers;
  std::string reply_topic;
  std::string answer_topic;
  HopsText hops;
  TraceParentText trace_parent;
  std::string_view correlation_id{};  ///< of a request, into the event; empty: it is none
};

class RecordBuilder {
 public:
  RecordBuilder(std::size_t routes, std::string_view topic_prefix, WallClock clock = coarse_wall_clock_us,
                const OutboundParts& further = {});

  /// The whole record; opens its topic in the sink, which is that of the route's guarantee. The error says why the event
  /// cannot be sent on this route.
  Result<void> build(const Event& event, const ResolvedTopic& topic, const ResolvedRoute& route, RecordSink& sink,
                     RecordStorage& storage, OutboundRecord& out);
  /// The same for any other sink, whose topics are not remembered.
  Result<void> build_for(const Event& event, const ResolvedTopic& topic, const ResolvedRoute& route, RecordSink& sink,
                         RecordStorage& storage, OutboundRecord& out);

  /// The same record for the plainest events, at a tenth of the cost: its topic is open, its value and key are the event's
  /// own, and it has no headers. False: the event needs more than that, and `out` is untouched. What is needed for both is
  /// decided once for each event topic (ResolvedRoute::may_be_plain).
  [[nodiscard]] bool build_plain(const Event& event, const ResolvedRoute& route, OutboundRecord& out) const noexcept;

  /// The parts of it, for explanations. They open nothing and change nothing.
  Result<std::string_view> kafka_topic(const Event& event, const ResolvedRoute& route, std::string& buffer) const;
  static Result<Bytes> key(const Event& event, const ResolvedRoute& route, std::string& buffer);
  /// Those of the codec excepted, which encode() gives.
  Result<void> headers(const Event& event, const ResolvedTopic& topic, const ResolvedRoute& route,
                       std::string_view kafka_topic, Bytes key, RecordStorage& storage) const;

 private:
  struct OpenTopic {
    std::string topic;
    TopicId id;
    bool comes_back;
    [[nodiscard]] std::string_view name() const noexcept { return topic; }
  };

  /// A Kafka topic in a sink.
  struct Opened {
    TopicId id;
    std::string_view topic;
    bool comes_back = false;  ///< a consumer of this process reads it
  };

  Result<void> fill(const Event& event, const ResolvedTopic& topic, const ResolvedRoute& route, const Opened& opened,
                    RecordStorage& storage, OutboundRecord& out);
  Result<void> fill_answer(const Event& event, const ResolvedTopic& topic, const ResolvedRoute& route,
                           const Opened& opened, RecordStorage& storage, OutboundRecord& out);
  Result<void> fill_record(const Event& event, const ResolvedTopic& topic, const ResolvedRoute& route,
                           const Opened& opened, RecordStorage& storage, OutboundRecord& out);
  Result<Opened> open(const ResolvedRoute& route, std::string_view kafka_topic, RecordSink& sink);
  Result<Opened> open_rendered_topic(std::string_view kafka_topic, config::Qos qos, RecordSink& sink);
  [[nodiscard]] bool comes_back(const ResolvedRoute& route, std::string_view kafka_topic) const;
  std::int32_t partition(const ResolvedRoute& route, Bytes key) noexcept;

  std::string topic_prefix_;
  WallClock clock_;
  const std::string origin_;
  const std::function<bool(std::string_view)> reads_topic_;
  /// Those whose names depend on more than the event topic, by guarantee.
  std::array<InsertOnlyTable<OpenTopic>, qos_count> open_topics_;
  std::unique_ptr<std::atomic<std::uint32_t>[]> turns_;  // round robin of records without a key, one a route
};

}  // namespace kafka_events
