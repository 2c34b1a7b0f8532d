// Two properties, raised where they are lower.
#include "plugin/whole_records.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

namespace kafka_events {
namespace {

constexpr std::int64_t largest_record = 1'000'000'000;  // of librdkafka
constexpr std::int64_t queue_kbytes = 2 * largest_record / 1024;

void raise(std::vector<config::Property>& properties, std::string_view name, std::int64_t value) {
  const auto found = std::ranges::find(properties.rbegin(), properties.rend(), name, &config::Property::name);
  if (found == properties.rend()) {
    properties.push_back({std::string(name), std::to_string(value), false, {}});
    return;
  }
  std::int64_t now = 0;
  std::from_chars(found->value.data(), found->value.data() + found->value.size(), now);
  found->value = std::to_string(std::max(now, value));
}

}  // namespace

config::ProducerSettings for_whole_records(config::ProducerSettings settings) {
  settings.max_record_bytes = std::max<std::uint64_t>(settings.max_record_bytes, largest_record);
  raise(settings.properties, "message.max.bytes", largest_record);
  raise(settings.properties, "queue.buffering.max.kbytes", queue_kbytes);
  return settings;
}

}  // namespace kafka_events
