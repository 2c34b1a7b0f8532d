// Names after librdkafka 2.0.2's CONFIGURATION.md.
#include "config/properties.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace kafka_events::config {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 10> other_names = {{
    {"metadata.broker.list", "bootstrap.servers"},
    {"sasl.mechanisms", "sasl.mechanism"},
    {"queue.buffering.max.ms", "linger.ms"},
    {"compression.codec", "compression.type"},
    {"request.required.acks", "acks"},
    {"delivery.timeout.ms", "message.timeout.ms"},
    {"message.send.max.retries", "retries"},
    {"max.in.flight", "max.in.flight.requests.per.connection"},
    {"fetch.message.max.bytes", "max.partition.fetch.bytes"},
    {"auto.commit.enable", "enable.auto.commit"},
}};

constexpr std::array<std::pair<std::string_view, std::string_view>, 17> kept = {{
    {"enable.auto.offset.store", "is set by the plugin: it stores an offset only when its record is done"},
    {"enable.auto.commit", "is set by the plugin; write enable_auto_commit in consumer-config"},
    {"group.id", "is set by the plugin; write group_id in consumer-config, or the worker's group"},
    {"group.instance.id", "is set by the plugin; write group_instance_id in consumer-config"},
    {"transactional.id", "is set by the plugin; write transactional_id in producer-config"},
    {"log.queue", "is set by the plugin: it needs librdkafka's log in its own queue"},
    {"enabled_events", "is set by the plugin: it depends on librdkafka's events"},
    {"delivery.report.only.error", "is set by the plugin: it needs the report of every record"},
    {"enable.partition.eof", "is set by the plugin: it expects no such events"},
    {"queuing.strategy", "is set by the plugin: records keep their order"},
    {"offset.store.method", "is set by the plugin: offsets are kept by the broker"},
    {"plugin.library.paths", "is not allowed: such a library would stay behind when the plugin is swapped"},
    {"interceptors", "is not allowed: they would stay behind when the plugin is swapped"},
    {"opaque", "cannot be set from a file"},
    {"default_topic_conf", "cannot be set from a file"},
    {"msg_order_cmp", "cannot be set from a file"},
    {"ssl_engine_callback_data", "cannot be set from a file"},
}};

}  // namespace

std::string canonical_property(std::string_view name) {
  const auto found = std::ranges::find(other_names, name, &std::pair<std::string_view, std::string_view>::first);
  return std::string(found == other_names.end() ? name : found->second);
}

std::string_view protected_property(std::string_view name) {
  if (name.ends_with("_cb")) return "is a callback, which cannot be set from a file";
  const auto found = std::ranges::find(kept, name, &std::pair<std::string_view, std::string_view>::first);
  return found == kept.end() ? std::string_view() : found->second;
}

void set_property(std::vector<Property>& properties, Property property) {
  const auto found = std::ranges::find(properties, property.name, &Property::name);
  if (found == properties.end()) {
    properties.push_back(std::move(property));
  } else {
    *found = std::move(property);
  }
}

const Property* find_property(const std::vector<Property>& properties, std::string_view name) {
  const auto found = std::ranges::find(properties, name, &Property::name);
  return found == properties.end() ? nullptr : &*found;
}

std::int64_t number_of(const std::vector<Property>& properties, std::string_view name, std::int64_t otherwise) {
  const Property* property = find_property(properties, name);
  if (property == nullptr) return otherwise;
  const std::string& text = property->value;
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  return failure == std::errc() && end == text.data() + text.size() ? number : otherwise;
}

}  // namespace kafka_events::config
