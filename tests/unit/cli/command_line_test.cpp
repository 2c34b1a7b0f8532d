// What a command line means, and which of flag, environment and arg file wins.
#include "cli/command_line.h"

#include <cstdio>
#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>

using namespace host_stub::cli;

namespace {

using Arguments = std::vector<std::string>;

CommandLine understood(const Arguments& arguments, const Environment& environment = {}) {
  auto parsed = parse_command_line(arguments, environment);
  const Ending* ending = std::get_if<Ending>(&parsed);
  REQUIRE_MESSAGE(ending == nullptr, (ending == nullptr ? "" : ending->message));
  return std::get<CommandLine>(std::move(parsed));
}

Ending refused(const Arguments& arguments, const Environment& environment = {}) {
  auto parsed = parse_command_line(arguments, environment);
  REQUIRE(std::holds_alternative<Ending>(parsed));
  return std::get<Ending>(std::move(parsed));
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// A file that is gone with the test.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text) {
    char name[] = "/tmp/host_stub_args_XXXXXX";
    const int descriptor = ::mkstemp(name);
    REQUIRE(descriptor >= 0);
    ::close(descriptor);
    name_ = name;
    std::ofstream(name_) << text;
  }
  ~TemporaryFile() { std::filesystem::remove(name_); }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string name_;
};

}  // namespace

TEST_CASE("without a verb it is start") {
  CHECK(understood({"--plugin", "kafka_events"}).verb->name == "start");
  CHECK(understood({}).verb->name == "start");
  CHECK(understood({"start", "--plugin", "x"}).settings.list("plugin") == Arguments{"x"});
}

TEST_CASE("a flag beats the environment, which beats the arg file") {
  const TemporaryFile file("label: from-file\nlog_level: debug\nwallet-id: from-file\n");
  const Environment environment{{"AGENT_LABEL", "from-environment"}, {"AGENT_LOG_LEVEL", "error"}};
  const CommandLine line = understood({"--arg-file", file.name(), "--label", "from-flag"}, environment);
  CHECK(line.settings.text("label") == "from-flag");
  CHECK(line.settings.text("log-level") == "error");
  CHECK(line.settings.text("wallet-id") == "from-file");
}

TEST_CASE("the arg file itself can come from the environment") {
  const TemporaryFile file("label: from-file\n");
  CHECK(understood({}, {{"AGENT_ARG_FILE", file.name()}}).settings.text("label") == "from-file");
}

TEST_CASE("lists and pairs are read from the environment") {
  const CommandLine line = understood({}, {{"AGENT_PLUGIN", "a,b c"}, {"AGENT_ADMIN", "0.0.0.0 3002"}});
  CHECK(line.settings.list("plugin") == Arguments{"a", "b", "c"});
  CHECK(line.settings.list("admin") == Arguments{"0.0.0.0", "3002"});
}

TEST_CASE("of key and insecure mode the one from the higher layer stays") {
  const Environment key{{"AGENT_ADMIN_API_KEY", "secret"}};
  const CommandLine insecure = understood({"--admin-insecure-mode"}, key);
  CHECK(insecure.settings.find("admin-api-key") == nullptr);
  const CommandLine with_key = understood({"--admin-api-key", "k"}, {{"AGENT_ADMIN_INSECURE_MODE", "true"}});
  CHECK(with_key.settings.find("admin-insecure-mode") == nullptr);
}

TEST_CASE("values with brackets, equals signs and commas stay whole") {
  const CommandLine line = understood({"-o", "p.a=[1,2]", "p.b=x=y", "-o", "p.c=1", "--label", "[a,b]"});
  CHECK(line.settings.list("plugin-config-value") == Arguments{"p.a=[1,2]", "p.b=x=y", "p.c=1"});
  CHECK(line.settings.text("label") == "[a,b]");
  CHECK(understood({"publish", "t", "[1,2]"}).positionals[1] == "[1,2]");
  CHECK(understood({"publish", "t", "-"}).positionals[1] == "-");
}

TEST_CASE("the embedded Kafka takes a port or none") {
  CHECK(understood({"--embedded-kafka", "--label", "x"}).settings.list("embedded-kafka").empty());
  CHECK(understood({"--embedded-kafka", "9092"}).settings.text("embedded-kafka") == "9092");
  CHECK(understood({}, {{"AGENT_EMBEDDED_KAFKA", "false"}}).settings.find("embedded-kafka") == nullptr);
}

TEST_CASE("what is unknown is refused with the nearest name") {
  CHECK(contains(refused({"--plugn", "x"}).message, "no such flag: --plugn (did you mean --plugin?)"));
  CHECK(contains(refused({"stat"}).message, "no such verb: stat (did you mean status?)"));
  CHECK(contains(refused({"--log-level", "inof"}).message, "did you mean info?"));
  CHECK(contains(refused({"status", "extra"}).message, "unexpected argument: extra"));
  for (const Arguments& arguments : {Arguments{"--plugn"}, {"stat"}, {"watch"}, {"--admin"}, {"completion", "fish"}}) {
    const Ending ending = refused(arguments);
    CHECK(ending.status == 2);
    CHECK(ending.data.empty());
    CHECK(contains(ending.message, "--help"));
  }
}

TEST_CASE("an arg file that cannot be read or understood is refused with its name") {
  CHECK(contains(refused({"--arg-file", "/nonexistent.yml"}).message, "cannot read /nonexistent.yml"));
  const TemporaryFile file("plugn: x\n");
  CHECK(contains(refused({"--arg-file", file.name()}).message, file.name() + ":1:1: plugn: no such flag"));
}

TEST_CASE("every verb has help with an example") {
  for (const Verb& verb : verbs()) {
    CAPTURE(verb.name);
    const Ending ending = refused({std::string(verb.name), "--help"});
    CHECK(ending.status == 0);
    std::istringstream example{std::string(verb.example)};
    for (std::string line; std::getline(example, line);) CHECK(contains(ending.data, line));
    CHECK(contains(ending.data, "host_stub " + std::string(verb.name)));
  }
  CHECK(contains(refused({"--help"}).data, "check-config"));
  CHECK_FALSE(contains(refused({"--help"}).data, "demo"));
}

TEST_CASE("the version names the program and its plugin ABI") {
  CHECK(refused({"--version"}).data == "host_stub " HOST_STUB_VERSION " (plugin ABI 1.1)\n");
}

TEST_CASE("the completion knows verbs and flags") {
  const std::string script = refused({"completion", "bash"}).data;
  for (const char* word : {"check-config", "--embedded-kafka", "--admin-api-key", "complete -o filenames"}) {
    CHECK(contains(script, word));
  }
}
