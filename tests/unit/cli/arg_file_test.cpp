// Flags from a YAML file.
#include "cli/arg_file.h"

#include <doctest/doctest.h>

using namespace host_stub::cli;
using host_stub::Result;

namespace {

Result<std::map<std::string, Setting>> parse(const std::string& text) {
  return parse_arg_file("args.yml", text, *find_verb("start"));
}

std::string fault(const std::string& text) {
  const auto parsed = parse(text);
  return parsed.ok() ? "" : parsed.error().message;
}

}  // namespace

TEST_CASE("keys may be written with - or _") {
  const auto parsed = parse("log-level: debug\nadmin_api_key: k\n");
  REQUIRE(parsed.ok());
  CHECK(parsed.value().at("log-level").values.front() == "debug");
  CHECK(parsed.value().at("admin-api-key").values.front() == "k");
}

TEST_CASE("lists, pairs and toggles") {
  const auto parsed = parse("plugin: [a, b]\nadmin: 0.0.0.0 3001\nadmin_insecure_mode: true\nembedded-kafka: true\n");
  REQUIRE(parsed.ok());
  CHECK(parsed.value().at("plugin").values == std::vector<std::string>{"a", "b"});
  CHECK(parsed.value().at("admin").values == std::vector<std::string>{"0.0.0.0", "3001"});
  CHECK(parsed.value().at("embedded-kafka").values.empty());
}

TEST_CASE("what is off or empty is not set") {
  const auto parsed = parse("embedded-kafka: false\nlabel:\n");
  REQUIRE(parsed.ok());
  CHECK(parsed.value().empty());
  CHECK(parse("").value().empty());
}

TEST_CASE("mistakes are told with their place") {
  CHECK(fault("label: x\nlabl: y\n") == "args.yml:2:1: labl: no such flag (did you mean label?)");
  CHECK(fault("label: [a, b]\n") == "args.yml:1:1: label: takes NAME");
  CHECK(fault("label: {a: b}\n") == "args.yml:1:1: label: a value or a list is wanted, not a map");
  CHECK(fault("admin: 3001\n") == "args.yml:1:1: admin: takes HOST PORT");
  CHECK(fault("label: a\nlabel: b\n") == "args.yml:2:1: label: is there twice");
  CHECK(fault("- a\n").starts_with("args.yml:1:1: flags are wanted here"));
  CHECK(fault("label: [a\n").find("not valid YAML") != std::string::npos);
  CHECK(fault("arg-file: x\n").find("no such flag") != std::string::npos);  // no file within a file
}
