// Values that change on their way, contradictions, security, and blocks of librdkafka's properties.
#include "support.h"

using namespace config_test;

TEST_CASE("servers take many forms and get port 9092 where they have none") {
  const auto servers = [](const std::string& value) {
    return producer(settings_of("  bootstrap_servers: " + value + "\n"), "bootstrap.servers");
  };
  CHECK(servers("kafka") == "kafka:9092");
  CHECK(servers("\"a:1, b , c:3\"") == "a:1,b:9092,c:3");
  CHECK(servers("[a, \"b:2\"]") == "a:9092,b:2");
  CHECK(servers("\"[::1]:9092\"") == "[::1]:9092");
  CHECK(servers("\"[::1]\"") == "[::1]:9092");
  CHECK(producer(settings_of("  hosts: [a]\n"), "bootstrap.servers") == "a:9092");
}

TEST_CASE("api_version asks old brokers for nothing") {
  const Settings old = settings_of("  api_version: 0.9.0\n");
  CHECK(producer(old, "api.version.request") == "false");
  CHECK(producer(old, "broker.version.fallback") == "0.9.0");
  CHECK(producer(old, "enable.idempotence") == "false");
  const Settings recent = settings_of("  api_version: 2.8\n");
  CHECK(producer(recent, "api.version.request") == "true");
  CHECK(producer(recent, "broker.version.fallback") == "(not set)");
  CHECK(producer(recent, "enable.idempotence") == "true");
  CHECK(problems_of("  api_version: 0.10.2\n").find("before 0.11 know no idempotent producer") != std::string::npos);
}

TEST_CASE("values that become others") {
  CHECK(consumer(settings_of("  consumer-config: {auto_offset_reset: none}\n"), "auto.offset.reset") == "error");
  CHECK(producer(settings_of("  security_protocol: ssl\n"), "security.protocol") == "ssl");
  CHECK(producer(settings_of("  producer-config: {send_backoff_ms: 0}\n"), "retry.backoff.ms") == "1");
  CHECK(producer(settings_of("  producer-config: {retry_backoff_ms: 7}\n"), "retry.backoff.ms") == "7");
  CHECK(problems_of("  producer-config: {send_backoff_ms: 0}\n").find("warning: ") != std::string::npos);
  CHECK(problems_of("  consumer-config: {rebalance_timeout_ms: 5}\n").find("librdkafka takes max_poll_interval_ms") !=
        std::string::npos);
  CHECK(producer(settings_of("  ssl_context: {verify_hostname: no}\n"), "ssl.endpoint.identification.algorithm") ==
        "none");
}

TEST_CASE("an option of both clients within a side counts for that side only") {
  const Settings settings =
      settings_of("  client_id: all\n  consumer-config: {client_id: c, request_timeout_ms: 5000}\n");
  CHECK(consumer(settings, "client.id") == "c");
  CHECK(producer(settings, "client.id") == "all");
  CHECK(producer(settings, "socket.timeout.ms") == "40000");
  CHECK(effective(settings, "kafka_events.consumer-config.client_id")->becomes ==
        std::vector<std::string>{"consumer client.id=c"});
}

TEST_CASE("librdkafka blocks win over options, the side's own over the top's") {
  const Settings settings = settings_of(
      "  librdkafka: {queue.buffering.max.ms: 7, client.rack: top}\n"
      "  consumer-config:\n    librdkafka: {client.rack: side}\n  producer-config: {linger_ms: 1}\n");
  CHECK(producer(settings, "linger.ms") == "7");
  CHECK(producer(settings, "client.rack") == "top");
  CHECK(consumer(settings, "client.rack") == "side");
  CHECK(find_property(settings.producer.properties, "linger.ms")->place.line == 2);
  CHECK(effective(settings, "kafka_events.producer-config.linger_ms")->becomes.front() ==
        "consumer linger.ms comes from kafka_events.librdkafka.queue.buffering.max.ms");
}

TEST_CASE("message.max.bytes decides what a record may have, wherever it was written") {
  CHECK(settings_of("").producer.max_record_bytes == 1048576);
  CHECK(settings_of("  producer-config: {max_request_size: 2000}\n").producer.max_record_bytes == 2000);
  CHECK(settings_of("  producer-config: {librdkafka: {message.max.bytes: 3000}}\n").producer.max_record_bytes == 3000);
  const Settings large = settings_of("  producer-config: {max_request_size: 1000000000}\n");
  CHECK(std::stoll(producer(large, "queue.buffering.max.kbytes")) * 1024 > 1000000000);
}

TEST_CASE("acks below all switch the idempotent producer off") {
  CHECK(producer(settings_of("  producer-config: {acks: 1}\n"), "enable.idempotence") == "false");
  CHECK(producer(settings_of("  producer-config: {acks: -1}\n"), "enable.idempotence") == "true");
}

TEST_CASE("Kerberos without a key table uses the ticket that is there") {
  const Settings settings = settings_of(
      "  bootstrap_servers: broker\n  security_protocol: SASL_PLAINTEXT\n  sasl_mechanism: gssapi\n"
      "  sasl_kerberos_domain_name: broker\n");
  CHECK(producer(settings, "sasl.mechanism") == "GSSAPI");
  CHECK(producer(settings, "sasl.kerberos.min.time.before.relogin") == "0");
}

TEST_CASE("a token file is for the refresh, unsecured tokens are librdkafka's") {
  const Settings file = settings_of(
      "  security_protocol: SASL_SSL\n  sasl_mechanism: OAUTHBEARER\n  sasl_oauth_token_provider: {token_file: "
      "t.jwt}\n");
  CHECK(file.oauth_token_file == "t.jwt");
  const Settings unsecured = settings_of(
      "  security_protocol: SASL_SSL\n  sasl_mechanism: OAUTHBEARER\n"
      "  sasl_oauth_token_provider: {unsecured: principal=agent}\n");
  CHECK_FALSE(unsecured.oauth_token_file.has_value());
  CHECK(producer(unsecured, "enable.sasl.oauthbearer.unsecure.jwt") == "true");
  CHECK(producer(unsecured, "sasl.oauthbearer.config") == "principal=agent");
}

TEST_CASE("a contradiction with a value that was refused is not reported") {
  const std::string lines = problems_of("  consumer-config: {session_timeout_ms: 30s, heartbeat_interval_ms: 15000}\n");
  CHECK(lines.find("must be below") == std::string::npos);
  CHECK(lines.find("\"30s\" is not a whole number") != std::string::npos);
}
