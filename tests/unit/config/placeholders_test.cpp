// ${NAME}, ${NAME:-default}, ${file:PATH} and $$ in values of every kind.
#include "config/placeholders.h"

#include "support.h"

using namespace config_test;

TEST_CASE("variables are put in, also within lists, maps and numbers") {
  const Settings settings = settings_of(
      "  bootstrap_servers: [\"${BROKERS}\", \"last:${PORT}\"]\n  client_id: a-${PORT}-b\n"
      "  librdkafka: {client.rack: \"rack-${PORT}\"}\n  consumer-config: {fetch_min_bytes: \"${PORT}\"}\n");
  CHECK(producer(settings, "bootstrap.servers") == "one:1,two:2,last:9093");
  CHECK(settings.client_id == "a-9093-b");
  CHECK(producer(settings, "client.rack") == "rack-9093");
  CHECK(consumer(settings, "fetch.min.bytes") == "9093");
}

TEST_CASE("a default stands for a variable that is unset or empty") {
  CHECK(settings_of("  client_id: ${NO_SUCH:-other}\n").client_id == "other");
  CHECK(settings_of("  client_id: ${EMPTY:-other}\n").client_id == "other");
  CHECK(settings_of("  client_id: \"x${NO_SUCH:-}\"\n").client_id == "x");
  CHECK(settings_of("  client_id: \"${NO_SUCH:-a:b-c}\"\n").client_id == "a:b-c");
}

TEST_CASE("a file's content goes in without its last line end and is a secret") {
  const Settings settings = settings_of("  hosts: \"${file:hosts}\"\n");
  CHECK(producer(settings, "bootstrap.servers") == "kafka-1:9092,kafka-2:9093");
  const EffectiveOption* option = effective(settings, "kafka_events.bootstrap_servers");
  REQUIRE(option != nullptr);
  CHECK(option->value == "[secret]");
  CHECK(option->becomes.front() == "consumer bootstrap.servers=[secret]");
  CHECK(problems_of("  client_id: \"${file:binary}\"\n").find("binary data") != std::string::npos);
}

TEST_CASE("files are looked for beside the configuration") {
  CHECK(resolved_path("a/b", "/etc/agent") == "/etc/agent/a/b");
  CHECK(resolved_path("/a/b", "/etc/agent") == "/a/b");
  CHECK(resolved_path("a", "") == "a");
  const LoadInput input{
      .file_name = "f", .text = {}, .overrides = {}, .env = {}, .read_file = test_file, .base_dir = "/etc/agent"};
  CHECK(expand("<${file:secret.txt}>", input).text == "<geheim-4711>");
}

TEST_CASE("$$ is one $, and a $ before anything else is itself") {
  CHECK(settings_of("  client_id: a$$b\n").client_id == "a$b");
  CHECK(settings_of("  client_id: $${PORT}\n").client_id == "${PORT}");
  CHECK(settings_of("  client_id: a$b$\n").client_id == "a$b$");
}

TEST_CASE("what a placeholder brings in is not searched again") {
  const LoadInput input{.file_name = "f",
                        .text = {},
                        .overrides = {},
                        .env = [](std::string_view) { return std::optional<std::string>("${OTHER}$$"); },
                        .read_file = {},
                        .base_dir = {}};
  CHECK(expand("${ANY}", input).text == "${OTHER}$$");
}

TEST_CASE("passwords are secrets wherever they come from") {
  const Settings settings = settings_of(
      "  security_protocol: SASL_SSL\n  sasl_plain_username: agent\n  sasl_plain_password: geheim-4711\n"
      "  librdkafka: {ssl.keystore.password: geheim-4711, client.rack: \"${MY_PASSWORD}\"}\n");
  for (const Property& each : settings.producer.properties) {
    if (each.value.find("geheim") != std::string::npos) CHECK_MESSAGE(each.secret, each.name);
  }
  for (const EffectiveOption& each : settings.options) {
    CHECK(each.value.find("geheim") == std::string::npos);
    for (const std::string& text : each.becomes) CHECK(text.find("geheim") == std::string::npos);
  }
}
