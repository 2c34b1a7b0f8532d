// What a guarantee asks of a producer: the properties that the user wrote, completed for one QoS.
//
//   auto settled = settings_for(settings.producer, {.qos = config::Qos::at_most_once});
//   for (const auto& problem : settled.problems) …          // warnings: a property that contradicts the guarantee
//   auto producer = Producer::create(settled.settings, log, token_file);
#pragma once

#include <string>
#include <vector>

#include "config/settings.h"

namespace kafka_events {

/// What a producer is for.
struct ProducerRole {
  config::Qos qos = config::Qos::at_least_once;
  bool with_outbox = false;        ///< at_least_once: nothing expires in memory, the outbox has it
  std::string transactional_id{};  ///< exactly_once: this one, or if empty ProducerSettings::transactional_id
};

struct SettledProducer {
  config::ProducerSettings settings;
  std::vector<config::Problem> problems;  ///< warnings: what was written and is not obeyed, at its place, and why
};

/// Properties:
/// - at_most_once: acks as written, else 1; no idempotence and no retries, so that a record that may have
///   been written is never sent again (librdkafka still sends again what certainly was not written), and one request at
///   a time, so that what is sent again is not overtaken, unless max.in.flight was written.
/// - at_least_once: acks=all, idempotent unless that was switched off by itself (then one request at a time as well). With an outbox message.timeout.ms=0: no record expires.
/// - exactly_once: transactional.id, idempotence, acks=all, transaction.timeout.ms, and message.timeout.ms at most that;
///   socket.timeout.ms=10000, since steps of a transaction may overrun their deadline by it when a broker is frozen.
/// What the user wrote (its place names a file or -o) stays unless it contradicts the guarantee: then it is replaced, and
/// a warning says so. Pure.
[[nodiscard]] SettledProducer settings_for(const config::ProducerSettings& written, const ProducerRole& role);

}  // namespace kafka_events
