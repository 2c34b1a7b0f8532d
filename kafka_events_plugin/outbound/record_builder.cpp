#include "outbound/record_builder.h"

#include <time.h>
#include <utility>

#include "outbound/partitioner.h"

namespace kafka_events {
namespace {

constexpr std::size_t max_open_topics = 4096;
constexpr std::int64_t unremarkable_age_us = 1'000'000;

bool is_ours(std::string_view header) noexcept { return header == agent_topic_header || header == agent_tenant_header; }

// The broker's client stamps a record with the time of sending; an event of another time has to say so.
std::int64_t timestamp_ms(std::int64_t event_us, std::int64_t now_us) noexcept {
  const std::int64_t age = now_us - event_us;
  if (event_us <= 0 || (age < unremarkable_age_us && age > -unremarkable_age_us)) return 0;
  return event_us / 1000;
}

}  // namespace

std::int64_t coarse_wall_clock_us() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
}

RecordBuilder::RecordBuilder(std::size_t routes, std::string_view topic_prefix, WallClock clock)
    : topic_prefix_(topic_prefix),
      clock_(clock),
      open_topics_{InsertOnlyTable<OpenTopic>(max_open_topics), InsertOnlyTable<OpenTopic>(max_open_topics),
                   InsertOnlyTable<OpenTopic>(max_open_topics)},
      turns_(std::make_unique<std::atomic<std::uint32_t>[]>(routes)) {}

Result<void> RecordBuilder::build(const Event& event, const ResolvedTopic& topic, const ResolvedRoute& route,
                                  RecordSink& sink, RecordStorage& storage, OutboundRecord& out) {
  const Result<std::string_view> name = kafka_topic(event, route, storage.topic);
  if (!name.ok()) return name.error();
  const Result<TopicId> id = topic_id(route, name.value(), sink);
  if (!id.ok()) return id.error();
  out.topic = id.value();
  return fill(event, topic, route, name.value(), storage, out);
}

Result<void> RecordBuilder::build_for(const Event& event, const ResolvedTopic& topic, const ResolvedRoute& route,
                                      RecordSink& sink, RecordStorage& storage, OutboundRecord& out) {
  const Result<std::string_view> name = kafka_topic(event, route, storage.topic);
  if (!name.ok()) return name.error();
  const Result<TopicId> id = sink.open_topic(name.value());
  if (!id.ok()) return id.error();
  out.topic = id.value();
  return fill(event, topic, route, name.value(), storage, out);
}

Result<void> RecordBuilder::fill(const Event& event, const ResolvedTopic& topic, const ResolvedRoute& route,
                                 std::string_view name, RecordStorage& storage, OutboundRecord& out) {
  const Result<Bytes> record_key = key(event, route, storage.key);
  if (!record_key.ok()) return record_key.error();
  const Result<Encoded> encoded =
      route.route->codec->encode(event, {.kafka_topic = name, .key = record_key.value()}, storage.encoded);
  if (!encoded.ok()) return encoded.error();
  add_headers(event, topic, route, name, record_key.value(), storage.headers);
  storage.headers.insert(storage.headers.end(), storage.encoded.headers.begin(), storage.encoded.headers.end());
  out.key = encoded.value().has_key ? encoded.value().key : record_key.value();
  out.partition = partition(route, out.key);
  out.value = encoded.value().value;
  out.value_in_event = encoded.value().in_event;
  out.headers = storage.headers;
  out.timestamp_ms = timestamp_ms(event.timestamp_us, clock_());
  out.event = event.handle;
  out.source = &event;
  return {};
}

Result<std::string_view> RecordBuilder::kafka_topic(const Event& event, const ResolvedRoute& route,
                                                    std::string& buffer) const {
  if (route.topic_is_constant) {
    if (!route.problem.empty()) return Error(ErrorCode::invalid, route.problem);
    return std::string_view(route.kafka_topic);
  }
  if (Result<void> named = route.route->kafka_topic(topic_prefix_, event, route.captures, buffer); !named.ok()) {
    return named.error();
  }
  return std::string_view(buffer);
}

Result<Bytes> RecordBuilder::key(const Event& event, const ResolvedRoute& route, std::string& buffer) {
  if (!is_null(event.key)) return event.key;
  const Result<std::string_view> text = route.route->key.view(event, route.captures, buffer);
  if (!text.ok()) return text.error().within("key");
  return text.value().empty() ? Bytes{} : text.value();
}

void RecordBuilder::add_headers(const Event& event, const ResolvedTopic& topic, const ResolvedRoute& route,
                                std::string_view kafka_topic, Bytes key, std::vector<Header>& out) {
  const Codec& codec = *route.route->codec;
  const bool implied = route.topic_is_constant ? route.implies_event_topic
                                               : topic.can_be_undone && kafka_topic == topic.plain_kafka_topic;
  if (!codec.carries_identity()) {
    if (!implied) out.push_back({agent_topic_header, event.topic});
    if (!event.tenant.empty() && key != event.tenant) out.push_back({agent_tenant_header, event.tenant});
  }
  // Only the raw value is of the event's own type.
  const bool says_type =
      codec.content_type().empty() && !event.content_type.empty() && event.content_type != default_content_type;
  if (says_type) out.push_back({content_type_header, event.content_type});
  for (const Header& header : event.headers) {
    // What an earlier hop said of topic and tenant is no longer true.
    if (is_ours(header.name) || codec.owns_header(header.name) || (says_type && header.name == content_type_header))
      continue;
    out.push_back(header);
  }
}

Result<TopicId> RecordBuilder::topic_id(const ResolvedRoute& route, std::string_view kafka_topic, RecordSink& sink) {
  if (!route.topic_is_constant) return open_rendered_topic(kafka_topic, route.route->settings.qos, sink);
  const std::uint32_t known = route.topic_id.load(std::memory_order_relaxed);
  if (known != ResolvedRoute::not_open) return TopicId{known};
  const Result<TopicId> opened = sink.open_topic(kafka_topic);
  if (opened.ok()) route.topic_id.store(static_cast<std::uint32_t>(opened.value()), std::memory_order_relaxed);
  return opened;
}

Result<TopicId> RecordBuilder::open_rendered_topic(std::string_view kafka_topic, config::Qos qos, RecordSink& sink) {
  InsertOnlyTable<OpenTopic>& open_topics = open_topics_[static_cast<std::size_t>(qos)];
  if (const OpenTopic* known = open_topics.find(kafka_topic); known != nullptr) return known->id;
  const Result<TopicId> opened = sink.open_topic(kafka_topic);
  if (!opened.ok()) return opened;
  auto entry = std::make_unique<OpenTopic>(OpenTopic{std::string(kafka_topic), opened.value()});
  open_topics.insert(entry);
  return opened;
}

std::int32_t RecordBuilder::partition(const ResolvedRoute& route, Bytes key) noexcept {
  const std::vector<std::int32_t>& allowed = route.route->settings.partitions;
  if (allowed.empty()) return partition_by_key;
  const auto count = static_cast<std::uint32_t>(allowed.size());
  if (!is_null(key)) return allowed[index_for_key(key, count)];
  return allowed[turns_[route.index].fetch_add(1, std::memory_order_relaxed) % count];
}

}  // namespace kafka_events
