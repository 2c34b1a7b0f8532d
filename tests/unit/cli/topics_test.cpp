// The verb `topics`: which names and flags each action takes, and what its answers look like.
#include "cli/topics.h"

#include <doctest/doctest.h>
#include <string>
#include <variant>
#include <vector>

#include "cli/topics_text.h"

using namespace host_stub::cli;

namespace {

using Arguments = std::vector<std::string>;
using Action = TopicsOptions::Action;

struct Read {
  TopicsOptions options;
  std::vector<std::string> problems;
};

Read read(Arguments arguments) {
  arguments.insert(arguments.begin(), "topics");
  auto parsed = parse_command_line(arguments, {});
  const Ending* ending = std::get_if<Ending>(&parsed);
  REQUIRE_MESSAGE(ending == nullptr, (ending == nullptr ? "" : ending->message));
  CommandLine line = std::get<CommandLine>(std::move(parsed));
  TopicsOptions options = read_topics(line);
  return {std::move(options), line.settings.problems()};
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("each action takes its names and flags") {
  const Read create = read({"create", "a", "b", "--partitions", "6", "--config", "x=1", "--config", "y=a=b", "c",
                            "--replication-factor", "3", "--timeout", "60"});
  CHECK(create.problems.empty());
  CHECK(create.options.action == Action::create);
  CHECK(create.options.names == Arguments{"a", "b", "c"});
  CHECK(create.options.partitions == 6);
  CHECK(create.options.replication_factor == 3);
  CHECK(create.options.config == std::vector<std::pair<std::string, std::string>>{{"x", "1"}, {"y", "a=b"}});
  CHECK(create.options.timeout == std::chrono::seconds(60));
  CHECK(read({"list", "--internal", "--format", "json"}).options.internal);
  CHECK(read({"delete", "a", "--yes"}).options.yes);
  CHECK(read({"describe", "a", "b"}).options.names.size() == 2);
  CHECK(read({"add-partitions", "a", "--total", "7"}).options.total == 7);
}

TEST_CASE("what does not belong together is refused") {
  struct Case {
    Arguments arguments;
    std::string_view part;
  };
  for (const Case& each :
       {Case{{"crate", "a"}, "did you mean create"}, Case{{"list", "a"}, "list takes none"},
        Case{{"create"}, "NAME: is missing"}, Case{{"create", ""}, "is empty"},
        Case{{"create", "a", "a"}, "a is given twice"},
        Case{{"create", "a", "--total", "3"}, "for topics add-partitions only"},
        Case{{"list", "--partitions", "3"}, "for topics create only"},
        Case{{"create", "a", "--config", "x"}, "NAME=VALUE"},
        Case{{"create", "a", "--partitions", "0"}, "--partitions"},
        Case{{"add-partitions", "a"}, "is missing: how many"},
        Case{{"add-partitions", "a", "b", "--total", "3"}, "takes one topic"},
        Case{{"describe", "a", "--yes"}, "for topics delete only"}, Case{{"list", "--timeout", "0"}, "--timeout"}}) {
    const Read refused = read(each.arguments);
    REQUIRE_MESSAGE(!refused.problems.empty(), each.part);
    CHECK_MESSAGE(contains(refused.problems.front(), each.part), refused.problems.front());
  }
}

TEST_CASE("the help has an example of each action, and the completion knows them") {
  auto help = parse_command_line({"topics", "--help"}, {});
  REQUIRE(std::holds_alternative<Ending>(help));
  for (const char* action : {"list", "create", "describe", "add-partitions", "delete"}) {
    CHECK_MESSAGE(contains(std::get<Ending>(help).data, std::string("\n  host_stub topics ") + action), action);
  }
  auto script = parse_command_line({"completion", "bash"}, {});
  CHECK(contains(std::get<Ending>(script).data, "topics/topics) words=\"list create delete add-partitions describe\""));
  CHECK(contains(std::get<Ending>(script).data, "completion/completion) words=\"bash\""));
}

TEST_CASE("a list is a table, or an object a line, without Kafka's own topics") {
  const std::string body = R"({"topics":[{"name":"__own","internal":true,"partitions":50},
    {"name":"orders","internal":false,"partitions":3,"replication_factor":2,"without_leader":0,"under_replicated":1}]})";
  const TopicsShown table = show_topics(body, false, false);
  CHECK(table.good == 1);
  CHECK(contains(table.text, "NAME    PARTITIONS  REPLICAS  WITHOUT LEADER  UNDER-REPLICATED\norders  3 "));
  CHECK_FALSE(contains(table.text, "__own"));
  const TopicsShown lines = show_topics(body, true, true);
  CHECK(lines.text.starts_with("{\"name\":\"__own\""));
  CHECK(lines.good == 2);
  CHECK(show_topics(R"({"topics":[]})", true, false).text == "there are no topics\n");
}

TEST_CASE("a topic is shown with its partitions and with what is not the default") {
  const TopicsShown shown = show_topic(R"({"name":"orders","partitions":2,"replication_factor":2,
    "assignment":[{"partition":0,"leader":1,"replicas":[1,2],"in_sync":[1,2]},
                  {"partition":1,"leader":-1,"replicas":[2,3],"in_sync":[]}],
    "config":[{"name":"retention.ms","value":"5","source":"topic"},{"name":"x","value":"1","source":"default"}]})",
                                       false);
  CHECK(shown.text ==
        "orders: 2 partitions, 2 replicas\n"
        "PARTITION  LEADER  REPLICAS  IN SYNC\n"
        "0          1       1,2       1,2\n"
        "1          none    2,3       -\n"
        "CONFIG        VALUE  FROM\n"
        "retention.ms  5      topic\n");
}

TEST_CASE("outcomes are counted, of problems too; a text from outside cannot steer the terminal") {
  const TopicsShown shown = show_outcomes(
      R"({"topics":[{"name":"a","result":"created","code":"","message":""},
                    {"name":"b","result":"failed","code":"X","message":"why\u001b[2J"}]})",
      false);
  CHECK(shown.text == "a: created\nb: failed: why [2J\n");
  CHECK(shown.good == 1);
  CHECK(shown.failed == 1);
  CHECK(show_outcomes(R"({"title":"no list"})", false).text.empty());
  CHECK(show_outcomes("no JSON", true).failed == 0);
}
