// default_topics and run_workers, and workers found by their names.
#include "support.h"

using namespace config_test;

namespace {

const std::string three = "  workers: [{name: audit, topics: a}, {name: billing, topics: b}, {name: c.d, topics: c}]\n";

std::vector<std::string> names_of(const Settings& settings) {
  std::vector<std::string> names;
  for (const WorkerSettings& worker : settings.workers) names.push_back(worker.name);
  return names;
}

using List = std::vector<std::string>;

}  // namespace

TEST_CASE("a named worker reads the default topics, unless it has a pattern") {
  const Settings settings = settings_of(
      "  topic_prefix: p-\n  default_topics: [one, two]\n  workers:\n    - {name: plain, topics: [mine, one]}\n"
      "    - {name: regex, regex_topic: \"regex-.*\"}\n    - {name: mixed, topics: [mine, \"^m.*\"]}\n"
      "    - {name: bare}\n    - {name: fixed, topics: mine, partitions: 3}\n");
  REQUIRE(settings.workers.size() == 6);
  CHECK(settings.workers[0].topics == List{"^p-acapy-inbound-.*$"});
  CHECK(settings.workers[1].topics == List{"p-mine", "p-one", "p-two"});
  CHECK(settings.workers[2].topics == List{"^p-regex-.*$"});
  CHECK(settings.workers[3].topics == List{"p-mine", "^p-m.*$"});
  CHECK(settings.workers[4].topics == List{"p-one", "p-two"});
  CHECK(settings.workers[5].topics == List{"p-mine", "p-one", "p-two"});
}

TEST_CASE("default topics as text with commas; without workers they draw a warning") {
  CHECK(settings_of("  default_topics: \"x, y\"\n  workers: [{name: a}]\n").workers[1].topics == List{"x", "y"});
  CHECK(problems_of("  default_topics: [x]\n") ==
        "agent.yaml:2:19: warning: kafka_events.default_topics: has no effect without workers; topics of the default "
        "worker stand in inbound.topics\n");
  CHECK(problems_of("  default_topics: []\n").empty());
}

TEST_CASE("only the workers that are named run, in the order of the file") {
  CHECK(names_of(settings_of(three)) == List{"inbound", "audit", "billing", "c.d"});
  CHECK(names_of(settings_of(three + "  run_workers: [billing, audit]\n")) == List{"audit", "billing"});
  CHECK(names_of(settings_of(three + "  run_workers: \"inbound, c.d, inbound\"\n")) == List{"inbound", "c.d"});
  CHECK(names_of(settings_of(three + "  run_workers: []\n")).size() == 4);
  CHECK(names_of(settings_of(three + "  run_workers:\n")).size() == 4);
  const Settings one = settings_of(three + "  run_workers: audit\n");
  CHECK(one.run_workers == List{"audit"});
  CHECK(effective(one, "kafka_events.run_workers")->value == "audit");
  CHECK(effective(one, "kafka_events.workers.1.name")->value == "billing");
}

TEST_CASE("a default worker that does not run still gives the others their defaults") {
  const Settings settings = settings_of("  inbound: {on_failure: skip}\n" + three + "  run_workers: audit\n");
  CHECK(settings.workers.front().on_failure == OnFailure::skip);
}

TEST_CASE("run_workers on the command line beats the file, and so do options of a worker by its name") {
  const Override changes[] = {{"run_workers", "audit,c.d"},
                              {"workers.audit.group", "mine"},
                              {"kafka_events.workers.c.d.topics", "[x, y]"},
                              {"workers.1.qos", "at_most_once"}};
  const Settings settings = settings_of(three + "  run_workers: billing\n", changes);
  CHECK(names_of(settings) == List{"audit", "c.d"});
  CHECK(settings.workers[0].group == "mine");
  CHECK(settings.workers[1].topics == List{"x", "y"});
  CHECK(effective(settings, "kafka_events.workers.0.group")->source == "-o");
}

TEST_CASE("a list's item that is not there: the message has those that are") {
  const auto line = [](std::string path) {
    const Override change[] = {{std::move(path), "x"}};
    return problems_of(three + "  outbound: [{match: a}]\n", change);
  };
  CHECK(line("workers.adit.group") ==
        "-o: workers.adit.group: \"adit\" is no item of this list (did you mean \"audit\"?), which has 0 to 2 (audit, "
        "billing, c.d)\n");
  CHECK(line("workers.3.group").find("\"3\" is no item of this list, which has 0 to 2 (audit") != std::string::npos);
  CHECK(line("outbound.a.topic") == "-o: outbound.a.topic: \"a\" is no item of this list, which has 0\n");
  CHECK(line("outbound.1.topic") == "-o: outbound.1.topic: \"1\" is no item of this list, which has 0\n");
}

TEST_CASE("partitions are one number, text with commas or a list, for routes and workers") {
  const auto partitions = [](const std::string& value) {
    const Settings settings = settings_of("  outbound: [{match: a, partitions: " + value +
                                          "}]\n  workers: [{name: a, " + "topics: a, partitions: " + value + "}]\n");
    CHECK(settings.routes[0].partitions == settings.workers[1].partitions);
    return settings.routes[0].partitions;
  };
  using Numbers = std::vector<std::int32_t>;
  CHECK(partitions("3") == Numbers{3});
  CHECK(partitions("\"3\"") == Numbers{3});
  CHECK(partitions("\"0, 2,5\"") == Numbers{0, 2, 5});
  CHECK(partitions("[0, 2]") == Numbers{0, 2});
  CHECK(partitions("[\"0,1\", 2]") == Numbers{0, 1, 2});
  CHECK(partitions("\"${PORT},1\"") == Numbers{9093, 1});
}

TEST_CASE("hosts are text, a list, or a secret file, whose content is shown nowhere") {
  CHECK(producer(settings_of("  hosts: \"a, b:1\"\n"), "bootstrap.servers") == "a:9092,b:1");
  CHECK(producer(settings_of("  hosts: [a, \"b:1\"]\n"), "bootstrap.servers") == "a:9092,b:1");
  const Settings settings = settings_of("  hosts: \"${file:hosts}\"\n");
  CHECK(producer(settings, "bootstrap.servers") == "kafka-1:9092,kafka-2:9093");
  for (const EffectiveOption& each : settings.options) {
    CHECK(each.value.find("kafka-1") == std::string::npos);
    for (const std::string& property : each.becomes) CHECK(property.find("kafka-1") == std::string::npos);
  }
}
