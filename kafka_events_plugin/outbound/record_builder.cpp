#include "outbound/record_builder.h"

#include <optional>
#include <time.h>
#include <utility>

#include "core/cause.h"
#include "outbound/partitioner.h"
#include "outbound/record_headers.h"
#include "outbound/topic_mapping.h"

namespace kafka_events {
namespace {

constexpr std::size_t max_open_topics = 4096;
constexpr std::int64_t unremarkable_age_us = 1'000'000;

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

RecordBuilder::RecordBuilder(std::size_t routes, std::string_view topic_prefix, WallClock clock,
                             const OutboundParts& further)
    : topic_prefix_(topic_prefix),
      clock_(clock),
      origin_(further.loop_guard.origin),
      reads_topic_(further.reads_topic),
      open_topics_{InsertOnlyTable<OpenTopic>(max_open_topics), InsertOnlyTable<OpenTopic>(max_open_topics),
                   InsertOnlyTable<OpenTopic>(max_open_topics)},
      turns_(std::make_unique<std::atomic<std::uint32_t>[]>(routes)) {}

Result<void> RecordBuilder::build(const Event& event, const ResolvedTopic& topic, const ResolvedRoute& route,
                                  RecordSink& sink, RecordStorage& storage, OutboundRecord& out) {
  const Result<std::string_view> name = kafka_topic(event, route, storage.topic);
  if (!name.ok()) return name.error();
  const Result<Opened> opened = open(route, name.value(), sink);
  if (!opened.ok()) return opened.error();
  return fill(event, topic, route, opened.value(), storage, out);
}

bool RecordBuilder::build_plain(const Event& event, const ResolvedRoute& route, OutboundRecord& out) const noexcept {
  const TopicId topic{route.topic_id.load(std::memory_order_relaxed)};
  if (!route.may_be_plain || topic == TopicId{ResolvedRoute::not_open} || !event.headers.empty() ||
      !is_default_content_type(event.content_type) || current_cause() != nullptr) {
    return false;
  }
  if (reads_topic_ && route.comes_back.load(std::memory_order_relaxed) != ResolvedRoute::ComesBack::no) return false;
  Bytes key = event.key;
  if (is_null(key)) {
    const std::optional<std::string_view> text = route.route->key.view(event, route.captures);
    if (!text) return false;
    if (!text->empty()) key = *text;
  }
  if (!event.tenant.empty() && key != event.tenant) return false;  // a header has to tell it
  out.topic = topic;
  out.key = key;
  out.value = event.payload;
  out.value_in_event = !is_null(event.payload);
  out.timestamp_ms = timestamp_ms(event.timestamp_us, clock_());
  out.event = event.handle;
  out.source = &event;
  return true;
}

Result<void> RecordBuilder::build_for(const Event& event, const ResolvedTopic& topic, const ResolvedRoute& route,
                                      RecordSink& sink, RecordStorage& storage, OutboundRecord& out) {
  const Result<std::string_view> name = kafka_topic(event, route, storage.topic);
  if (!name.ok()) return name.error();
  const Result<TopicId> id = sink.open_topic(name.value());
  if (!id.ok()) return id.error();
  return fill(event, topic, route, {id.value(), name.value(), comes_back(route, name.value())}, storage, out);
}

Result<void> RecordBuilder::fill(const Event& event, const ResolvedTopic& topic, const ResolvedRoute& route,
                                 const Opened& opened, RecordStorage& storage, OutboundRecord& out) {
  out.topic = opened.id;
  return topic.is_answer ? fill_answer(event, topic, route, opened, storage, out)
                         : fill_record(event, topic, route, opened, storage, out);
}

/// Its event topic is only an address, and reserved wherever it arrives: the record says what its Kafka topic means.
Result<void> RecordBuilder::fill_answer(const Event& event, const ResolvedTopic& topic, const ResolvedRoute& route,
                                        const Opened& opened, RecordStorage& storage, OutboundRecord& out) {
  std::string_view name = opened.topic;
  if (name.starts_with(topic_prefix_)) name.remove_prefix(topic_prefix_.size());
  storage.answer_topic = to_event_topic(name);
  Event answer = event;
  answer.topic = storage.answer_topic;
  Result<void> filled = fill_record(answer, topic, route, opened, storage, out);
  out.source = &event;
  return filled;
}

Result<void> RecordBuilder::fill_record(const Event& event, const ResolvedTopic& topic, const ResolvedRoute& route,
                                        const Opened& opened, RecordStorage& storage, OutboundRecord& out) {
  const Result<Bytes> record_key = key(event, route, storage.key);
  if (!record_key.ok()) return record_key.error();
  const Result<Encoded> encoded =
      route.route->codec->encode(event, {.kafka_topic = opened.topic, .key = record_key.value()}, storage.encoded);
  if (!encoded.ok()) return encoded.error();
  const HeaderContext context{opened.topic, record_key.value(), topic_prefix_, origin_, opened.comes_back};
  if (Result<void> added = add_headers(event, topic, route, context, storage); !added.ok()) return added;
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
    if (route.has_problem) return Error(ErrorCode::invalid, *route.text);
    return route.kafka_topic;
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

Result<void> RecordBuilder::headers(const Event& event, const ResolvedTopic& topic, const ResolvedRoute& route,
                                    std::string_view kafka_topic, Bytes key, RecordStorage& storage) const {
  return add_headers(event, topic, route, {kafka_topic, key, topic_prefix_, origin_, comes_back(route, kafka_topic)},
                     storage);
}

Result<RecordBuilder::Opened> RecordBuilder::open(const ResolvedRoute& route, std::string_view kafka_topic,
                                                  RecordSink& sink) {
  if (!route.topic_is_constant) return open_rendered_topic(kafka_topic, route.route->settings.qos, sink);
  Opened opened{TopicId{route.topic_id.load(std::memory_order_relaxed)}, kafka_topic, comes_back(route, kafka_topic)};
  if (opened.id != TopicId{ResolvedRoute::not_open}) return opened;
  const Result<TopicId> id = sink.open_topic(kafka_topic);
  if (!id.ok()) return id.error();
  opened.id = id.value();
  route.topic_id.store(static_cast<std::uint32_t>(opened.id), std::memory_order_relaxed);
  return opened;
}

Result<RecordBuilder::Opened> RecordBuilder::open_rendered_topic(std::string_view kafka_topic, config::Qos qos,
                                                                 RecordSink& sink) {
  InsertOnlyTable<OpenTopic>& open_topics = open_topics_[static_cast<std::size_t>(qos)];
  if (const OpenTopic* known = open_topics.find(kafka_topic); known != nullptr) {
    return Opened{known->id, kafka_topic, known->comes_back};
  }
  const Result<TopicId> id = sink.open_topic(kafka_topic);
  if (!id.ok()) return id.error();
  const bool back = reads_topic_ && reads_topic_(kafka_topic);
  auto entry = std::make_unique<OpenTopic>(OpenTopic{std::string(kafka_topic), id.value(), back});
  open_topics.insert(entry);
  return Opened{id.value(), kafka_topic, back};
}

/// Which topics are read is settled before the first record, so the answer is kept where the topic is.
bool RecordBuilder::comes_back(const ResolvedRoute& route, std::string_view kafka_topic) const {
  if (!reads_topic_) return false;
  if (!route.topic_is_constant) return reads_topic_(kafka_topic);
  using ComesBack = ResolvedRoute::ComesBack;
  ComesBack known = route.comes_back.load(std::memory_order_relaxed);
  if (known == ComesBack::unknown) {
    known = reads_topic_(kafka_topic) ? ComesBack::yes : ComesBack::no;
    route.comes_back.store(known, std::memory_order_relaxed);
  }
  return known == ComesBack::yes;
}

std::int32_t RecordBuilder::partition(const ResolvedRoute& route, Bytes key) noexcept {
  const std::vector<std::int32_t>& allowed = route.route->settings.partitions;
  if (allowed.empty()) return partition_by_key;
  const auto count = static_cast<std::uint32_t>(allowed.size());
  if (!is_null(key)) return allowed[index_for_key(key, count)];
  return allowed[turns_[route.index].fetch_add(1, std::memory_order_relaxed) % count];
}

}  // namespace kafka_events
