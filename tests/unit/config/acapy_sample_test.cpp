// The ACA-Py plugin's options, all of them, and what each becomes.
#include <algorithm>
#include <set>

#include "support.h"

using namespace config_test;

namespace {

std::string sample() { return read_file(std::string(PROJECT_ROOT) + "/conf/acapy-sample.yaml"); }

struct Expected {
  std::string_view option;
  std::string_view becomes;  // one of the entries of EffectiveOption::becomes
};

constexpr Expected expectations[] = {
    {"bootstrap_servers", "producer bootstrap.servers=kafka:9092"},
    {"client_id", "consumer client.id=aca-py"},
    {"request_timeout_ms", "producer request.timeout.ms=40000"},
    {"connections_max_idle_ms", "consumer connections.max.idle.ms=540000"},
    {"api_version", "producer api.version.request=true"},
    {"security_protocol", "consumer security.protocol=plaintext"},
    {"ssl_context.ca", "consumer ssl.ca.location=ca.pem"},
    {"ssl_context.certificate", "producer ssl.certificate.location=client.pem"},
    {"ssl_context.key", "producer ssl.key.location=client.key"},
    {"ssl_context.key_password", "producer ssl.key.password=[secret]"},
    {"sasl_mechanism", "consumer sasl.mechanism=PLAIN"},
    {"sasl_plain_password", "consumer sasl.password=[secret]"},
    {"sasl_plain_username", "producer sasl.username=agent"},
    {"sasl_kerberos_service_name", "producer sasl.kerberos.service.name=kafka"},
    {"sasl_kerberos_domain_name", "checked only: librdkafka takes each broker's host name"},
    {"sasl_oauth_token_provider.token_file", "read anew whenever librdkafka asks for a token"},
    {"consumer-config.group_id", "consumer group.id=kafka_events"},
    {"consumer-config.fetch_max_wait_ms", "consumer fetch.wait.max.ms=500"},
    {"consumer-config.fetch_max_bytes", "consumer fetch.max.bytes=52428800"},
    {"consumer-config.fetch_min_bytes", "consumer fetch.min.bytes=1"},
    {"consumer-config.max_partition_fetch_bytes", "consumer max.partition.fetch.bytes=10485761"},
    {"consumer-config.auto_offset_reset", "consumer auto.offset.reset=latest"},
    {"consumer-config.enable_auto_commit", "consumer enable.auto.commit=true"},
    {"consumer-config.auto_commit_interval_ms", "consumer auto.commit.interval.ms=5000"},
    {"consumer-config.check_crcs", "consumer check.crcs=true"},
    {"consumer-config.metadata_max_age_ms", "consumer topic.metadata.refresh.interval.ms=300000"},
    {"consumer-config.max_poll_interval_ms", "consumer max.poll.interval.ms=300000"},
    {"consumer-config.session_timeout_ms", "consumer session.timeout.ms=10000"},
    {"consumer-config.heartbeat_interval_ms", "consumer heartbeat.interval.ms=3000"},
    {"consumer-config.consumer_timeout_ms", "how long one turn of a worker waits for a record"},
    {"producer-config.metadata_max_age_ms", "producer topic.metadata.refresh.interval.ms=300000"},
    {"producer-config.compression_type", "producer compression.type=none"},
    {"producer-config.max_batch_size", "producer batch.size=16384"},
    {"producer-config.max_request_size", "producer message.max.bytes=1048576"},
    {"producer-config.linger_ms", "producer linger.ms=0"},
    {"producer-config.send_backoff_ms", "producer retry.backoff.ms=100"},
};

// The option names in the ACA-Py plugin's own sample, as its README has them.
constexpr std::string_view acapy_names =
    "bootstrap_servers client_id request_timeout_ms connections_max_idle_ms api_version security_protocol ssl_context "
    "sasl_mechanism sasl_plain_password sasl_plain_username sasl_kerberos_service_name sasl_kerberos_domain_name "
    "sasl_oauth_token_provider group_id fetch_max_wait_ms fetch_max_bytes fetch_min_bytes max_partition_fetch_bytes "
    "auto_offset_reset enable_auto_commit auto_commit_interval_ms check_crcs metadata_max_age_ms max_poll_interval_ms "
    "rebalance_timeout_ms session_timeout_ms heartbeat_interval_ms consumer_timeout_ms max_poll_records "
    "compression_type "
    "max_batch_size max_request_size linger_ms send_backoff_ms";

}  // namespace

TEST_CASE("the ACA-Py sample with every option is accepted, each in effect") {
  const LoadResult result = load_text(sample());
  REQUIRE_MESSAGE(result.settings.has_value(), all_lines(result));
  for (const Expected& each : expectations) {
    CAPTURE(each.option);
    const EffectiveOption* option = effective(*result.settings, "kafka_events." + std::string(each.option));
    REQUIRE(option != nullptr);
    CHECK(option->source.starts_with("agent.yaml:"));
    CHECK(std::ranges::find(option->becomes, each.becomes) != option->becomes.end());
  }
}

TEST_CASE("the sample leaves none of the ACA-Py plugin's options out, and comments none") {
  const std::string text = sample();
  std::string_view names = acapy_names;
  while (!names.empty()) {
    const std::size_t end = std::min(names.find(' '), names.size());
    const std::string name(names.substr(0, end));
    names.remove_prefix(std::min(end + 1, names.size()));
    CAPTURE(name);
    CHECK(text.find("  " + name + ":") != std::string::npos);
  }
}

TEST_CASE("options that need TLS or SASL draw warnings without, and nothing else does") {
  const LoadResult result = load_text(sample());
  std::set<std::string> warned;
  for (const Problem& problem : result.problems) {
    CHECK(problem.severity == Severity::warning);
    warned.insert(problem.place.key_path);
  }
  CHECK(warned == std::set<std::string>{
                      "kafka_events.ssl_context", "kafka_events.sasl_mechanism", "kafka_events.sasl_plain_password",
                      "kafka_events.sasl_plain_username", "kafka_events.sasl_kerberos_service_name",
                      "kafka_events.sasl_kerberos_domain_name", "kafka_events.sasl_oauth_token_provider"});
}

TEST_CASE("the plugin's own README sample, commented as it is, is accepted without a word") {
  const std::string_view text =
      "kafka_events:\n\n  # General #\n\n  bootstrap_servers: \"kafka\"\n  client_id: \"aca-py\"\n#  api_version: "
      "\"auto\"\n\n"
      "  ### For consumers ###\n\n  consumer-config:\n#    group_id: \"kafka_events\"\n\n  producer-config:\n#    "
      "linger_ms: 0,\n";
  const LoadResult result = load_text(text);
  CHECK(result.settings.has_value());
  CHECK(all_lines(result).empty());
}

TEST_CASE("emulated options reach the worker") {
  const Settings settings =
      settings_of("  consumer-config: {consumer_timeout_ms: 350, max_poll_records: 7, enable_auto_commit: off}\n");
  const WorkerSettings& worker = settings.workers.front();
  CHECK(worker.poll_timeout == std::chrono::milliseconds(350));
  CHECK(worker.max_poll_records == 7U);
  CHECK_FALSE(worker.auto_commit);
  CHECK_FALSE(settings_of("  client_id: a\n").workers.front().max_poll_records.has_value());
}

TEST_CASE("'-' and '_' are the same in every name") {
  const Settings settings = settings_of(
      "  bootstrap-servers: a\n  consumer_config: {group-id: g, fetch-max_wait-ms: 1}\n  producer_config: {linger-ms: "
      "3}\n");
  CHECK(consumer(settings, "bootstrap.servers") == "a:9092");
  CHECK(settings.workers.front().group == "g");
  CHECK(consumer(settings, "fetch.wait.max.ms") == "1");
  CHECK(producer(settings, "linger.ms") == "3");
}
