// Makes the record that an event becomes on one route: Kafka topic, key, partition, headers, value.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/ports.h"
#include "outbound/insert_only_table.h"
#include "outbound/route_cache.h"
#include "outbound/route_sinks.h"

namespace kafka_events {

inline constexpr std::string_view agent_topic_header = "agent-topic";
inline constexpr std::string_view agent_tenant_header = "agent-tenant";
inline constexpr std::string_view content_type_header = "content-type";
/// An event of this type needs no header to say so.
inline constexpr std::string_view default_content_type = "application/json";

/// Microseconds since the Unix epoch, to a few milliseconds.
using WallClock = std::int64_t (*)();
[[nodiscard]] std::int64_t coarse_wall_clock_us();

/// What a record's views point to, beside the event itself. Lives for one send.
struct RecordStorage {
  std::string topic;
  std::string key;
  EncodeBuffers encoded;
  std::vector<Header> headers;
};

class RecordBuilder {
 public:
  RecordBuilder(std::size_t routes, std::string_view topic_prefix, WallClock clock = coarse_wall_clock_us);

  /// The whole record; opens its topic in the sink, which is that of the route's guarantee. The error says why the event
  /// cannot be sent on this route.
  Result<void> build(const Event& event, const ResolvedTopic& topic, const ResolvedRoute& route, RecordSink& sink,
                     RecordStorage& storage, OutboundRecord& out);
  /// The same for any other sink, whose topics are not remembered.
  Result<void> build_for(const Event& event, const ResolvedTopic& topic, const ResolvedRoute& route, RecordSink& sink,
                         RecordStorage& storage, OutboundRecord& out);

  /// The parts of it, for explanations. They open nothing and change nothing.
  Result<std::string_view> kafka_topic(const Event& event, const ResolvedRoute& route, std::string& buffer) const;
  static Result<Bytes> key(const Event& event, const ResolvedRoute& route, std::string& buffer);
  /// Headers only where they carry information: without any, a record takes the sink's fast way.
  static void add_headers(const Event& event, const ResolvedTopic& topic, const ResolvedRoute& route,
                          std::string_view kafka_topic, Bytes key, std::vector<Header>& out);

 private:
  struct OpenTopic {
    std::string topic;
    TopicId id;
    [[nodiscard]] std::string_view name() const noexcept { return topic; }
  };

  Result<void> fill(const Event& event, const ResolvedTopic& topic, const ResolvedRoute& route,
                    std::string_view kafka_topic, RecordStorage& storage, OutboundRecord& out);
  Result<TopicId> topic_id(const ResolvedRoute& route, std::string_view kafka_topic, RecordSink& sink);
  Result<TopicId> open_rendered_topic(std::string_view kafka_topic, config::Qos qos, RecordSink& sink);
  std::int32_t partition(const ResolvedRoute& route, Bytes key) noexcept;

  std::string topic_prefix_;
  WallClock clock_;
  /// Those whose names depend on more than the event topic, by guarantee.
  std::array<InsertOnlyTable<OpenTopic>, qos_count> open_topics_;
  std::unique_ptr<std::atomic<std::uint32_t>[]> turns_;  // round robin of records without a key, one a route
};

}  // namespace kafka_events
