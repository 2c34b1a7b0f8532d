#include "outbound/status_events.h"

#include <array>
#include <charconv>
#include <string>

namespace kafka_events {
namespace {

template <class Number>
std::string_view print(Number number, std::array<char, 24>& buffer) {
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  return {buffer.data(), static_cast<std::size_t>(end - buffer.data())};
}

template <std::size_t Most>
class HeaderList {
 public:
  void add(std::string_view name, Bytes value) noexcept { headers_[count_++] = {name, value}; }
  [[nodiscard]] std::span<const Header> list() const noexcept { return std::span(headers_).first(count_); }

 private:
  std::array<Header, Most> headers_;
  std::size_t count_ = 0;
};

}  // namespace

bool StatusEvents::others_listen(std::string_view topic, bool reaches_us) const noexcept {
  return bus_.listeners(topic) > (reaches_us ? own_.load(std::memory_order_relaxed) : 0);
}

bool StatusEvents::others_listen_to_sent(const ResolvedTopic& topic, std::uint32_t batch) const noexcept {
  const std::uint64_t seen = topic.listeners_seen.load(std::memory_order_relaxed);
  if (seen >> 1U == batch) return (seen & 1U) != 0;
  const bool listen = others_listen(StatusTopic(topic.topic, sent_suffix), topic.sent_reaches_us);
  topic.listeners_seen.store(std::uint64_t{batch} << 1U | (listen ? 1U : 0U), std::memory_order_relaxed);
  return listen;
}

void StatusEvents::sent(const Event& source, const ResolvedTopic& topic, const ResolvedRoute& route,
                        const DeliveryReport& report) {
  std::array<char, 24> partition{};
  std::array<char, 24> offset{};
  HeaderList<5> headers;
  headers.add("event-id", source.id);
  headers.add("kafka-topic", report.topic);
  headers.add("kafka-partition", print(report.partition, partition));
  if (report.offset >= 0) headers.add("kafka-offset", print(report.offset, offset));
  const std::string name = route.route->codec->message_name(report.topic);
  if (!name.empty()) headers.add("message-name", name);
  publish(source, StatusTopic(topic.topic, sent_suffix), headers.list());
}

void StatusEvents::undeliverable(const Event& source, const ResolvedTopic& topic, const ResolvedRoute& route,
                                 const DeliveryReport& report) {
  const StatusTopic to(topic.topic, undeliverable_suffix);
  if (!others_listen(to, topic.undeliverable_reaches_us)) return;
  HeaderList<4> headers;
  headers.add("event-id", source.id);
  headers.add("reason", report.reason);
  headers.add("kafka-topic", report.topic);
  const std::string name = route.route->codec->message_name(report.topic);
  if (!name.empty()) headers.add("message-name", name);
  publish(source, to, headers.list());
}

void StatusEvents::undeliverable(const Event& source, const ResolvedTopic& topic, const ResolvedRoute& route,
                                 std::string_view reason) {
  const StatusTopic to(topic.topic, undeliverable_suffix);
  if (!others_listen(to, topic.undeliverable_reaches_us)) return;
  HeaderList<3> headers;
  headers.add("event-id", source.id);
  headers.add("reason", reason);
  // Without a record only a route of one topic says which one it would have been.
  std::string name;
  if (!route.kafka_topic.empty()) name = route.route->codec->message_name(route.kafka_topic);
  if (!name.empty()) headers.add("message-name", name);
  publish(source, to, headers.list());
}

void StatusEvents::publish(const Event& source, std::string_view topic, std::span<const Header> headers) {
  EventDraft draft;
  draft.topic = topic;
  draft.tenant = source.tenant;
  draft.key = source.key;
  draft.content_type = source.content_type;
  draft.payload = source.payload;
  draft.payload_of = source.handle;
  draft.headers = headers;
  const bool published = bus_.publish(draft, nullptr, 0).ok();
  (published ? published_ : failures_).fetch_add(1, std::memory_order_relaxed);
}

}  // namespace kafka_events
