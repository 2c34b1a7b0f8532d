// What the pipeline would do with an event, from the same parts that do it.

#include "outbound/partitioner.h"
#include "outbound/pipeline.h"

namespace kafka_events {
namespace {

std::string place_of(const config::Place& place) {
  if (place.line == 0) return place.file;
  return place.file + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

std::string partition_of(const config::RouteSettings& settings, const ExplainedRoute& route) {
  const std::size_t count = settings.partitions.size();
  if (count == 0) {
    return route.key_is_null ? "any: records without a key are spread over all partitions"
                             : "by key: murmur2 over all partitions";
  }
  if (route.key_is_null) return "in turn, of the " + std::to_string(count) + " that the route names";
  return std::to_string(settings.partitions[index_for_key(route.key, static_cast<std::uint32_t>(count))]) +
         " by key: murmur2 over the " + std::to_string(count) + " that the route names";
}

std::string_view name_of(config::CodecKind codec) {
  switch (codec) {
    case config::CodecKind::raw:
      return "raw";
    case config::CodecKind::envelope:
      return "envelope";
    case config::CodecKind::cloudevents:
      return "cloudevents";
    case config::CodecKind::cloudevents_structured:
      return "cloudevents-structured";
    case config::CodecKind::avro:
      return "avro";
  }
  return "";
}

void explain_value(const Event& event, const Codec& codec, const EncodeContext& context, ExplainedRoute& out) {
  EncodeBuffers buffers;
  const Result<Encoded> encoded = codec.encode(event, context, buffers);
  if (!encoded.ok()) {
    out.problem = encoded.error().message;
    return;
  }
  for (const Header& header : buffers.headers) out.headers.emplace_back(header.name, header.value);
  out.value_is_null = is_null(encoded.value().value);
  out.value_bytes = encoded.value().value.size();
  out.value_is_copied = !encoded.value().in_event && !out.value_is_null;
  if (!encoded.value().has_key) return;
  out.key_is_null = is_null(encoded.value().key);
  out.key = encoded.value().key;
}

ExplainedRoute explain_settings(const ResolvedTopic& topic, const config::RouteSettings& settings) {
  ExplainedRoute out;
  out.name = settings.name;
  out.place = place_of(settings.place);
  out.match = settings.match;
  out.codec = name_of(settings.codec);
  if (settings.status_events) {
    out.sent_event = StatusTopic(topic.topic, sent_suffix);
    out.undeliverable_event = StatusTopic(topic.topic, undeliverable_suffix);
  }
  return out;
}

ExplainedRoute explain_route(const RecordBuilder& builder, const Event& event, const ResolvedTopic& topic,
                             const ResolvedRoute& route) {
  ExplainedRoute out = explain_settings(topic, route.route->settings);
  std::string topic_buffer;
  const Result<std::string_view> name = builder.kafka_topic(event, route, topic_buffer);
  if (!name.ok()) {
    out.problem = name.error().message;
    return out;
  }
  out.kafka_topic = name.value();
  std::string key_buffer;
  const Result<Bytes> key = RecordBuilder::key(event, route, key_buffer);
  if (!key.ok()) {
    out.problem = key.error().message;
    return out;
  }
  out.key_is_null = is_null(key.value());
  out.key = key.value();
  RecordStorage storage;
  if (Result<void> added = builder.headers(event, topic, route, name.value(), key.value(), storage); !added.ok()) {
    out.problem = added.error().message;
    return out;
  }
  for (const Header& header : storage.headers) out.headers.emplace_back(header.name, header.value);
  explain_value(event, *route.route->codec, {.kafka_topic = name.value(), .key = key.value()}, out);
  out.partition = partition_of(route.route->settings, out);
  return out;
}

}  // namespace

Explanation OutboundPipeline::explain(const Event& event) const {
  Explanation result;
  result.event_topic = event.topic;
  const std::unique_ptr<ResolvedTopic> topic = cache_.resolve(event.topic);
  for (const ResolvedRoute& route : topic->routes) {
    result.routes.push_back(explain_route(builder_, event, *topic, route));
  }
  if (topic->is_status) {
    result.not_sent_because = "status events are never sent to Kafka";
  } else if (topic->routes.empty()) {
    result.not_sent_because = "no route matches this topic";
  } else if (!is_open()) {
    const std::lock_guard lock(closed_reason_mutex_);
    result.not_sent_because = closed_reason_;  // empty before the first open(): explained offline
  }
  return result;
}

}  // namespace kafka_events
