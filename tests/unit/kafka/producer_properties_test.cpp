// What each guarantee makes of the properties that were written; librdkafka has the last word on every result.
#include "kafka/producer_properties.h"

#include <doctest/doctest.h>

#include "fakes.h"
#include "kafka/client.h"
#include "kafka/properties.h"

using namespace kafka_events;
using namespace std::chrono_literals;
using config::Qos;

namespace {

config::Property built_in(std::string name, std::string value) {
  return {std::move(name), std::move(value), false, {}};
}

config::ProducerSettings written(std::vector<config::Property> properties) {
  config::ProducerSettings settings;
  settings.properties = {built_in("bootstrap.servers", "127.0.0.1:1"), built_in("acks", "all"),
                         built_in("enable.idempotence", "true"), built_in("socket.timeout.ms", "40000")};
  settings.properties.insert(settings.properties.end(), properties.begin(), properties.end());
  return settings;
}

std::string value(const SettledProducer& settled, std::string_view name) {
  return std::string(property_value(settled.settings.properties, name));
}

/// librdkafka makes a client of it.
bool usable(const SettledProducer& settled) {
  const auto client = new_client(settled.settings.properties, RD_KAFKA_PRODUCER);
  if (!client) return false;
  rd_kafka_destroy(client.value());
  return true;
}

}  // namespace

TEST_CASE("at_most_once never sends twice, and waits for one broker at most") {
  const auto settled = settings_for(written({}), {.qos = Qos::at_most_once});
  CHECK(value(settled, "acks") == "1");
  CHECK(value(settled, "enable.idempotence") == "false");
  CHECK(value(settled, "message.send.max.retries") == "0");
  CHECK(value(settled, "max.in.flight.requests.per.connection") == "1");
  CHECK(settled.problems.empty());
  CHECK(usable(settled));
  CHECK(value(settings_for(written({property("acks", "0")}), {.qos = Qos::at_most_once}), "acks") == "0");
  const auto faster = settings_for(written({property("max.in.flight", "5")}), {.qos = Qos::at_most_once});
  CHECK(value(faster, "max.in.flight") == "5");
}

TEST_CASE("what was written and contradicts at_most_once is replaced with a warning at its place") {
  const config::Property idempotence = property("enable.idempotence", "true");
  const auto settled = settings_for(written({idempotence, property("retries", "5")}), {.qos = Qos::at_most_once});
  CHECK(value(settled, "enable.idempotence") == "false");
  CHECK(value(settled, "message.send.max.retries") == "0");
  CHECK(value(settled, "retries").empty());
  REQUIRE(settled.problems.size() == 2);
  CHECK(settled.problems[0].severity == config::Severity::warning);
  CHECK(settled.problems[0].place.line == 3);
  CHECK(settled.problems[1].message.find("retries=5 becomes 0") != std::string::npos);
  CHECK(usable(settled));
}

TEST_CASE("at_most_once with acks=all, where somebody asked for it, lets the broker recognise repetitions") {
  const auto settled = settings_for(written({property("request.required.acks", "all")}), {.qos = Qos::at_most_once});
  CHECK(value(settled, "request.required.acks") == "all");
  CHECK(value(settled, "enable.idempotence") == "true");
  CHECK(usable(settled));
}

TEST_CASE("at_least_once is idempotent with all acknowledgements, whatever suits another route") {
  const config::Property acks = property("acks", "1");
  config::Property brought = property("enable.idempotence", "false");
  brought.place.key_path = "kafka_events.producer-config.acks";  // acks=1 switched it off, nobody else
  const auto settled = settings_for(written({acks, brought, property("max.in.flight", "50")}), {});
  CHECK(value(settled, "acks") == "all");
  CHECK(value(settled, "enable.idempotence") == "true");
  CHECK(value(settled, "max.in.flight.requests.per.connection") == "5");
  CHECK(value(settled, "message.timeout.ms").empty());
  CHECK(settled.problems.size() == 2);
  CHECK(usable(settled));
}

TEST_CASE("an idempotent producer that was switched off by itself stays so, and keeps order in another way") {
  config::Property off = property("enable.idempotence", "false");
  off.place.key_path = "kafka_events.producer-config.enable_idempotence";
  const auto settled = settings_for(written({off}), {.qos = Qos::at_least_once});
  CHECK(value(settled, "enable.idempotence") == "false");
  CHECK(value(settled, "max.in.flight.requests.per.connection") == "1");
  CHECK(settled.problems.empty());
  const auto chosen = settings_for(written({off, property("max.in.flight", "3")}), {.qos = Qos::at_least_once});
  CHECK(value(chosen, "max.in.flight") == "3");
  CHECK(usable(chosen));
}

TEST_CASE("with an outbox nothing expires in memory") {
  const ProducerRole role{.qos = Qos::at_least_once, .with_outbox = true};
  CHECK(value(settings_for(written({}), role), "message.timeout.ms") == "0");
  const auto settled = settings_for(written({property("delivery.timeout.ms", "5000")}), role);
  CHECK(value(settled, "message.timeout.ms") == "0");
  CHECK(settled.problems.size() == 1);
}

TEST_CASE("exactly_once has an id, its time, and no request or record that outlives it") {
  auto settings = written({});
  settings.transactional_id = "agent-7";
  settings.transaction_timeout = 20s;
  const auto settled = settings_for(settings, {.qos = Qos::exactly_once});
  CHECK(value(settled, "transactional.id") == "agent-7");
  CHECK(value(settled, "transaction.timeout.ms") == "20000");
  CHECK(value(settled, "message.timeout.ms") == "20000");
  CHECK(value(settled, "socket.timeout.ms") == "10000");
  CHECK(settled.problems.empty());
  CHECK(usable(settled));
  const auto named = settings_for(settings, {.qos = Qos::exactly_once, .transactional_id = "agent-7-audit"});
  CHECK(value(named, "transactional.id") == "agent-7-audit");
}

TEST_CASE("exactly_once bends what does not fit into a transaction, and says so") {
  auto settings = written({property("acks", "0"), property("enable.idempotence", "false"), property("retries", "0"),
                           property("message.timeout.ms", "30000"), property("socket.timeout.ms", "30000")});
  settings.transactional_id = "agent-7";
  settings.transaction_timeout = 5s;
  const auto settled = settings_for(settings, {.qos = Qos::exactly_once});
  CHECK(settled.problems.size() == 5);
  CHECK(value(settled, "message.timeout.ms") == "5000");
  CHECK(value(settled, "socket.timeout.ms") == "4900");
  CHECK(usable(settled));
  const auto shorter = settings_for(written({property("message.timeout.ms", "3000")}), {.qos = Qos::exactly_once});
  CHECK(value(shorter, "message.timeout.ms") == "3000");
}
