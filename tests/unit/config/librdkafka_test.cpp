// What the loader makes is what the real library takes: every property, at both ends of its range.
#include <librdkafka/rdkafka.h>
#include <memory>

#include "config/options.h"
#include "config/report.h"
#include "support.h"

using namespace config_test;

namespace {

struct ConfDeleter {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
};

// What librdkafka says against a property, empty if it takes it.
std::string refusal(std::string_view name, const std::string& value) {
  const std::unique_ptr<rd_kafka_conf_t, ConfDeleter> conf(rd_kafka_conf_new());
  char reason[512] = "";
  const auto result = rd_kafka_conf_set(conf.get(), std::string(name).c_str(), value.c_str(), reason, sizeof reason);
  return result == RD_KAFKA_CONF_OK ? std::string() : std::string(reason);
}

void check_all(const std::vector<Property>& properties) {
  for (const Property& each : properties) {
    CAPTURE(each.name);
    CHECK(refusal(each.name, each.value).empty());
  }
}

// A client is made from all properties, which also tries out their combinations.
std::string creation_failure(rd_kafka_type_t type, const std::vector<Property>& properties) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char reason[512] = "";
  rd_kafka_conf_set_log_cb(conf, [](const rd_kafka_t*, int, const char*, const char*) {});
  for (const Property& each : properties) {
    if (each.name == "bootstrap.servers") continue;  // nobody is to be called
    if (rd_kafka_conf_set(conf, each.name.c_str(), each.value.c_str(), reason, sizeof reason) != RD_KAFKA_CONF_OK) {
      rd_kafka_conf_destroy(conf);
      return reason;
    }
  }
  rd_kafka_t* client = rd_kafka_new(type, conf, reason, sizeof reason);
  if (client == nullptr) {
    rd_kafka_conf_destroy(conf);
    return reason;
  }
  rd_kafka_destroy(client);
  return {};
}

void check_creation(const Settings& settings) {
  CHECK(creation_failure(RD_KAFKA_PRODUCER, settings.producer.properties).empty());
  for (const WorkerSettings& worker : settings.workers) {
    CHECK(creation_failure(RD_KAFKA_CONSUMER, worker.properties).empty());
  }
}

}  // namespace

TEST_CASE("librdkafka knows every property of the table, and takes both ends of its range") {
  for (const Option* option : all_options()) {
    if (option->type != Type::integer) continue;
    for (const PropertyName& name : option->properties) {
      if (name.name.empty()) continue;
      CAPTURE(option->name);
      // 0 becomes 1 where the library takes no 0.
      const std::int64_t least = name.name == "retry.backoff.ms" ? 1 : option->range.least;
      CHECK(refusal(name.name, std::to_string(least)).empty());
      CHECK(refusal(name.name, std::to_string(option->range.most)).empty());
    }
  }
}

TEST_CASE("clients can be made from the defaults") { check_creation(settings_of("")); }

TEST_CASE("clients can be made from the ACA-Py sample") {
  const LoadResult result = load_text(read_file(std::string(PROJECT_ROOT) + "/conf/acapy-sample.yaml"));
  REQUIRE(result.settings.has_value());
  check_all(result.settings->producer.properties);
  check_creation(*result.settings);
}

TEST_CASE("clients can be made with each mechanism") {
  check_creation(
      settings_of("  security_protocol: SASL_PLAINTEXT\n  sasl_plain_username: a\n  sasl_plain_password: b\n"));
  check_creation(
      settings_of("  security_protocol: SASL_PLAINTEXT\n  sasl_mechanism: SCRAM-SHA-256\n"
                  "  sasl_plain_username: a\n  sasl_plain_password: b\n"));
  check_creation(settings_of("  security_protocol: SASL_PLAINTEXT\n  sasl_mechanism: GSSAPI\n"));
  check_creation(
      settings_of("  security_protocol: SASL_PLAINTEXT\n  sasl_mechanism: OAUTHBEARER\n"
                  "  sasl_oauth_token_provider: {unsecured: principal=agent}\n"));
}

TEST_CASE("clients can be made with values at the edges") {
  check_creation(
      settings_of("  producer-config: {acks: 0, linger_ms: 0, max_request_size: 1000000000, send_backoff_ms: 0}\n"
                  "  consumer-config: {session_timeout_ms: 300000, heartbeat_interval_ms: 299999}\n"));
  check_creation(settings_of("  outbound: [{match: \"^a\", qos: at_most_once}]\n"));
  check_creation(settings_of("  api_version: 0.9.0\n  producer-config: {compression_type: zstd}\n"));
  check_creation(settings_of("  consumer-config: {partition_assignment_strategy: [range, roundrobin]}\n"));
}
