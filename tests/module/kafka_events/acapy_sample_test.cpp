// The ACA-Py plugin's configuration with every option written: the real module takes it, and shows each one in effect.
#include <doctest/doctest.h>
#include <fstream>
#include <iterator>
#include <map>
#include <rapidjson/document.h>
#include <string>
#include <vector>

#include "host_fixture.h"

namespace {

using namespace module_test;

struct Expected {
  std::string key;      ///< below kafka_events
  std::string value;    ///< as /kafka/config shows it
  std::string becomes;  ///< one of the librdkafka properties, or what is done instead
};

// Every option of the sample, in its order. Values that the file leaves empty are filled in.
const std::vector<Expected> sample = {
    {"bootstrap_servers", "kafka:9092", "consumer bootstrap.servers=kafka:9092"},
    {"client_id", "aca-py", "producer client.id=aca-py"},
    {"request_timeout_ms", "40000", "producer request.timeout.ms=40000"},
    {"connections_max_idle_ms", "540000", "producer connections.max.idle.ms=540000"},
    {"api_version", "auto", "consumer api.version.request=true"},
    {"security_protocol", "PLAINTEXT", "consumer security.protocol=plaintext"},
    {"ssl_context.key_password", "[secret]", "consumer ssl.key.password=[secret]"},
    {"sasl_mechanism", "PLAIN", "producer sasl.mechanism=PLAIN"},
    {"sasl_plain_password", "[secret]", "producer sasl.password=[secret]"},
    {"sasl_plain_username", "agent", "producer sasl.username=agent"},
    {"sasl_kerberos_service_name", "kafka", "producer sasl.kerberos.service.name=kafka"},
    {"sasl_kerberos_domain_name", "kafka", "checked only: librdkafka takes each broker's host name"},
    {"consumer-config.group_id", "kafka_events", "consumer group.id=kafka_events"},
    {"consumer-config.fetch_max_wait_ms", "500", "consumer fetch.wait.max.ms=500"},
    {"consumer-config.fetch_max_bytes", "52428800", "consumer fetch.max.bytes=52428800"},
    {"consumer-config.fetch_min_bytes", "1", "consumer fetch.min.bytes=1"},
    {"consumer-config.max_partition_fetch_bytes", "10485761", "consumer max.partition.fetch.bytes=10485761"},
    {"consumer-config.auto_offset_reset", "latest", "consumer auto.offset.reset=latest"},
    {"consumer-config.enable_auto_commit", "true", "consumer enable.auto.commit=true"},
    {"consumer-config.auto_commit_interval_ms", "5000", "consumer auto.commit.interval.ms=5000"},
    {"consumer-config.check_crcs", "true", "consumer check.crcs=true"},
    {"consumer-config.metadata_max_age_ms", "300000", "consumer topic.metadata.refresh.interval.ms=300000"},
    {"consumer-config.max_poll_interval_ms", "300000", "consumer max.poll.interval.ms=300000"},
    {"consumer-config.session_timeout_ms", "10000", "consumer session.timeout.ms=10000"},
    {"consumer-config.heartbeat_interval_ms", "3000", "consumer heartbeat.interval.ms=3000"},
    {"consumer-config.consumer_timeout_ms", "200", "how long one turn of a worker waits for a record"},
    {"consumer-config.max_poll_records", "250", ""},
    {"producer-config.metadata_max_age_ms", "300000", "producer topic.metadata.refresh.interval.ms=300000"},
    {"producer-config.compression_type", "lz4", "producer compression.type=lz4"},
    {"producer-config.max_batch_size", "16384", "producer batch.size=16384"},
    {"producer-config.max_request_size", "1048576", "producer message.max.bytes=1048576"},
    {"producer-config.linger_ms", "0", "producer linger.ms=0"},
    {"producer-config.send_backoff_ms", "100", "producer retry.backoff.ms=100"},
};

std::string text(const rapidjson::Value& value) { return value.IsString() ? value.GetString() : ""; }

std::string replaced(std::string content, std::string_view from, std::string_view to) {
  const std::size_t at = content.find(from);
  REQUIRE(at != std::string::npos);
  return content.replace(at, from.size(), to);
}

std::string sample_file() {
  std::ifstream file(ACAPY_SAMPLE);
  std::string content{std::istreambuf_iterator<char>(file), {}};
  content = replaced(std::move(content), "max_poll_records:", "max_poll_records: 250");
  content = replaced(std::move(content), "rebalance_timeout_ms:", "rebalance_timeout_ms: 60000");
  return replaced(std::move(content), "compression_type:", "compression_type: lz4");
}

}  // namespace

TEST_CASE("every option of the ACA-Py sample is accepted, and seen in effect") {
  Host host;
  REQUIRE(host.load(KAFKA_EVENTS_MODULE).ok());
  REQUIRE(host.configure(sample_file()).ok());
  const host_stub::HttpReply reply = host.call("GET", "/kafka/config");
  REQUIRE(reply.status == 200);
  CHECK(reply.body.find("changeit") == std::string::npos);
  rapidjson::Document shown;
  shown.Parse(reply.body.data(), reply.body.size());
  REQUIRE_FALSE(shown.HasParseError());
  std::map<std::string, const rapidjson::Value*> options;
  for (const auto& option : shown["options"].GetArray()) options[text(option["key"])] = &option;
  for (const Expected& expected : sample) {
    CAPTURE(expected.key);
    const auto found = options.find("kafka_events." + expected.key);
    REQUIRE(found != options.end());
    const rapidjson::Value& option = *found->second;
    CHECK(text(option["value"]) == expected.value);
    CHECK(text(option["source"]) != "default");
    bool becomes = expected.becomes.empty() && option["becomes"].Size() > 0;
    for (const auto& each : option["becomes"].GetArray()) becomes |= text(each) == expected.becomes;
    CHECK(becomes);
  }
}

TEST_CASE("rebalance_timeout_ms is answered with what serves in its place") {
  Host host;
  REQUIRE(host.load(KAFKA_EVENTS_MODULE).ok());
  REQUIRE(host.configure(sample_file()).ok());
  bool answered = false;
  for (const host_stub::ConfigProblem& problem : host.problems) {
    CHECK(problem.warning);
    answered |= problem.key_path.ends_with("rebalance_timeout_ms") &&
                problem.message.find("max_poll_interval_ms") != std::string::npos;
  }
  CHECK(answered);
}
