// From settings to what a verb does.
#include "cli/options.h"

#include <doctest/doctest.h>

#include "cli/publish.h"

using namespace host_stub::cli;

namespace {

CommandLine parse(const std::vector<std::string>& arguments) {
  auto parsed = parse_command_line(arguments, {});
  REQUIRE(std::holds_alternative<CommandLine>(parsed));
  return std::get<CommandLine>(std::move(parsed));
}

std::string start_problems(const std::vector<std::string>& arguments) {
  CommandLine line = parse(arguments);
  (void)read_start(line, {});
  std::string all;
  for (const std::string& problem : line.settings.problems()) all += problem + "\n";
  return all;
}

std::string publish_problems(const std::vector<std::string>& arguments) {
  CommandLine line = parse(arguments);
  (void)read_publish(line);
  return line.settings.problems().empty() ? "" : line.settings.problems().front();
}

}  // namespace

TEST_CASE("an override is plugin, key path and value") {
  CommandLine line = parse({"-o", "kafka_events.consumer-config.group_id=a=b.c"});
  const StartOptions options = read_start(line, {});
  REQUIRE(options.host.overrides.size() == 1);
  CHECK(options.host.overrides[0].plugin == "kafka_events");
  CHECK(options.host.overrides[0].key_path == "consumer-config.group_id");
  CHECK(options.host.overrides[0].value == "a=b.c");
  for (const char* wrong : {"novalue", "kafka_events=x", ".key=x", "plugin.=x"}) {
    CHECK(start_problems({"-o", wrong}).find("PLUGIN.KEY=VALUE") != std::string::npos);
  }
}

TEST_CASE("workers are named one by one or with commas, and beat -o") {
  const auto overrides = [](const std::vector<std::string>& arguments) {
    CommandLine line = parse(arguments);
    return read_start(line, {}).host.overrides;
  };
  CHECK(overrides({}).empty());
  const auto named = overrides({"--worker", "audit", "-o", "kafka_events.run_workers=x", "--worker", "b.1,c_2"});
  REQUIRE(named.size() == 2);
  CHECK(named[0].value == "x");
  CHECK(named[1].plugin == "kafka_events");
  CHECK(named[1].key_path == "run_workers");
  CHECK(named[1].value == "[\"audit\", \"b.1\", \"c_2\"]");
  CommandLine check = parse({"check-config", "FILE", "--worker", "audit"});
  CHECK(read_check_config(check, {}).host.overrides.front().value == "[\"audit\"]");
  CHECK(start_problems({"--worker", "a b"}) == "--worker: \"a b\" is not the name of a worker (A-Z a-z 0-9 . _ -)\n");
  CHECK(start_problems({"--worker", "a,,b"}).find("\"\" is not the name of a worker") != std::string::npos);
  CHECK(start_problems({"--worker", "[x]"}).find("is not the name of a worker") != std::string::npos);
}

TEST_CASE("the admin server is off unless asked for, and never open by accident") {
  CommandLine plain = parse({});
  CHECK_FALSE(read_start(plain, {}).host.admin.has_value());
  CommandLine with_key = parse({"--admin-api-key", "k"});
  const auto admin = read_start(with_key, {}).host.admin;
  REQUIRE(admin.has_value());
  CHECK(admin->port == 3001);
  CHECK(admin->host == "127.0.0.1");
  CHECK(start_problems({"--admin", "0.0.0.0", "3001"}).find("--admin-api-key KEY") != std::string::npos);
  CHECK(start_problems({"--admin-api-key", "k", "--admin-insecure-mode"}).find("excludes") != std::string::npos);
  CHECK(start_problems({"--admin", "h", "70000", "--admin-insecure-mode"}).find("70000") != std::string::npos);
}

TEST_CASE("numbers are checked with their range") {
  CHECK(start_problems({"--drain-timeout", "x"}) == "--drain-timeout: \"x\" is no whole number from 0 to 3600\n");
  CHECK(start_problems({"--drain-timeout", "-1"}).find("0 to 3600") != std::string::npos);
  CHECK(start_problems({"--embedded-kafka", "0"}).find("1 to 65535") != std::string::npos);
}

TEST_CASE("publish takes a topic, or lines") {
  CHECK(publish_problems({"publish"}) == "TOPIC: is missing");
  CHECK(publish_problems({"publish", "t", "--rate", "5"}) == "--rate: is for --lines only");
  CHECK(publish_problems({"publish", "--lines", "f", "--tenant", "x"}).find("each line") != std::string::npos);
  CHECK(publish_problems({"publish", "--lines", "f", "x"}).find("one file") != std::string::npos);
  CHECK(publish_problems({"publish", "t", "--header", "novalue"}).find("NAME=VALUE") != std::string::npos);
  CommandLine line = parse({"publish", "--lines"});
  CHECK(read_publish(line).source == "-");
}

TEST_CASE("the event of a command line is JSON that the host takes") {
  PublishOptions options;
  options.topic = "a::b";
  options.source = "{\"x\": \"ä\"}";
  options.tenant = std::string("t");
  options.key = std::string("\xff");
  options.headers = {{"h", "v"}};
  const auto event = event_from_options(options);
  REQUIRE(event.ok());
  CHECK(
      event.value().text ==
      R"({"topic":"a::b","tenant":"t","key_base64":"/w==","payload":"{\"x\": \"ä\"}","headers":[{"name":"h","value":"v"}]})");
  options.source = "@/nonexistent";
  CHECK_FALSE(event_from_options(options).ok());
  options.source = "";
  options.topic = std::string(2000, 'x');
  CHECK_FALSE(event_from_options(options).ok());
}
