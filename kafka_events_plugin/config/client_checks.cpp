// Rules that librdkafka (rd_kafka_conf_finalize) or the brokers have, checked where the place in the file is known.
#include "config/client_checks.h"

#include <algorithm>

#include "config/properties.h"

namespace kafka_events::config {

namespace {

// One property as a message names it: by the option that it came from, if it came from the file.
std::string described(const std::vector<Property>& properties, std::string_view name, std::int64_t otherwise) {
  const Property* property = find_property(properties, name);
  std::string label(name);
  if (property != nullptr && property->place.key_path.find(name) == std::string::npos) {
    // The option that it came from, or the other name that it has in a librdkafka block.
    constexpr std::string_view block = ".librdkafka.";
    const std::string& path = property->place.key_path;
    const std::size_t own_name = path.find(block);
    label = own_name == std::string::npos ? path.substr(path.rfind('.') + 1) : path.substr(own_name + block.size());
  }
  return label + " (" + std::to_string(number_of(properties, name, otherwise)) + ")";
}

struct Pair {
  std::string_view lower;
  std::int64_t lower_default;
  std::string_view upper;
  std::int64_t upper_default;
  bool may_be_equal;
};

// Reports at the one that was written; of two at the lower one.
void check_order(const Pair& pair, const std::vector<Property>& properties, Report& report) {
  const std::int64_t low = number_of(properties, pair.lower, pair.lower_default);
  const std::int64_t high = number_of(properties, pair.upper, pair.upper_default);
  if (low < high || (pair.may_be_equal && low == high)) return;
  const Property* lower = find_property(properties, pair.lower);
  const Property* upper = find_property(properties, pair.upper);
  const auto is_refused = [&](const Property* property) {
    return property != nullptr && report.is_refused(property->place.key_path);
  };
  if (is_refused(lower) || is_refused(upper)) return;
  const auto is_written = [](const Property* property) { return property != nullptr && !property->place.file.empty(); };
  const bool at_upper = !is_written(lower) && is_written(upper);
  const Property* at = at_upper || lower == nullptr ? upper : lower;
  const std::string message =
      at_upper ? "must be " + std::string(pair.may_be_equal ? "at least " : "above ") +
                     described(properties, pair.lower, pair.lower_default) + "; it is " + std::to_string(high)
               : "must be " + std::string(pair.may_be_equal ? "at most " : "below ") +
                     described(properties, pair.upper, pair.upper_default) + "; it is " + std::to_string(low);
  report.error(at == nullptr ? Place{} : at->place, message);
}

void check_consumer_limits(const ClientValues& values, const std::vector<Property>& properties, Report& report) {
  check_order({"heartbeat.interval.ms", 3000, "session.timeout.ms", 45000, false}, properties, report);
  check_order({"session.timeout.ms", 45000, "max.poll.interval.ms", 300000, true}, properties, report);
  check_order({"message.max.bytes", 1000000, "fetch.max.bytes", 52428800, true}, properties, report);
  if (find_property(properties, "receive.message.max.bytes") != nullptr) {
    check_order({"fetch.max.bytes", 52428800, "receive.message.max.bytes", 100000000, false}, properties, report);
  }
  const Property* wait = find_property(properties, "fetch.wait.max.ms");
  const std::int64_t request = number_of(properties, "socket.timeout.ms", 60000);
  if (number_of(properties, "fetch.wait.max.ms", 500) + 1000 > request) {
    report.warning(wait->place, "should be 1000 below request_timeout_ms (" + std::to_string(request) +
                                    "), or fetches time out before the broker answers");
  }
  const Value rebalance = values.get(Block::consumer, "rebalance_timeout_ms");
  if (rebalance.written && !rebalance.items.empty()) {
    report.warning(rebalance.place, "has no effect of its own: librdkafka takes " +
                                        described(properties, "max.poll.interval.ms", 300000) + " for it");
  }
  const Value strategy = values.get(Block::consumer, "partition_assignment_strategy");
  if (strategy.items.size() > 1 && std::ranges::find(strategy.items, "cooperative-sticky") != strategy.items.end()) {
    report.error(strategy.place, "cooperative-sticky does not mix with range and roundrobin; write one kind");
  }
}

void check_producer_limits(const ClientValues& values, const std::vector<Property>& properties, Report& report) {
  if (number_of(properties, "message.timeout.ms", 300000) != 0) {
    check_order({"linger.ms", 5, "message.timeout.ms", 300000, false}, properties, report);
  }
  check_order(
      {"message.max.bytes", 1000000, "queue.buffering.max.kbytes", 0, true},
      [&] {
        // In bytes, so that the two can be compared.
        std::vector<Property> in_bytes = properties;
        for (Property& each : in_bytes) {
          if (each.name == "queue.buffering.max.kbytes") {
            each.value = std::to_string(number_of(properties, each.name, 0) * 1024);
          }
        }
        return in_bytes;
      }(),
      report);
  const Value acks = values.get(Block::producer, "acks");
  const Property* idempotence = find_property(properties, "enable.idempotence");
  if (idempotence->value == "true" && acks.text() != "all" && acks.text() != "-1") {
    report.error(acks.place, "must be all while enable_idempotence is true; it is " + acks.text());
  }
  const Value backoff = values.get(Block::producer, "send_backoff_ms");
  if (backoff.text() == "0") report.warning(backoff.place, "0 becomes 1, the shortest pause that librdkafka has");
  if (idempotence->place.key_path.ends_with("api_version")) {
    report.warning(idempotence->place,
                   "brokers before 0.11 know no idempotent producer; a retry may write a record twice");
  }
}

}  // namespace

void check_limits(const ClientValues& values, const std::vector<Property>& properties, Report& report) {
  if (values.client() == Client::consumer) {
    check_consumer_limits(values, properties, report);
  } else {
    check_producer_limits(values, properties, report);
  }
}

}  // namespace kafka_events::config
