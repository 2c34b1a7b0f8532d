// The manager drives plugins through their lives in the right order, and tells what it knows of them.
#include "core/abi_text.h"
#include "loading_helpers.h"

namespace host_stub::testing {
namespace {

using Lines = std::vector<std::string>;

void publish(TestHost& host, std::string_view topic) {
  agent_event_draft draft{};
  draft.size = sizeof(draft);
  draft.topic = to_text(topic);
  host.bus.publish(draft, 0, nullptr, nullptr, nullptr);
}

}  // namespace

TEST_CASE("a plugin gets its calls in the order of its life, and leaves no trace") {
  TestHost host;
  host.load("good");
  host.configure();
  REQUIRE(host.plugins.start_all().ok());
  publish(host, "fixture::event");
  const auto drained = host.plugins.drain_all(1s);
  REQUIRE(drained.size() == 1);
  CHECK(drained[0].name == "good");
  CHECK(drained[0].status == AGENT_OK);
  CHECK(drained[0].report.delivered == 5);
  REQUIRE(host.plugins.stop_all().ok());
  publish(host, "fixture::event");
  const auto reports = host.plugins.unload_all();
  REQUIRE(reports.size() == 1);
  CHECK_FALSE(reports[0].mapped);
  CHECK(host.log.lines() == Lines{"good: create 1.2.3-test+1", "good: configure", "good: start", "good: event",
                                  "good: drain", "good: stop", "good: destroy"});
  CHECK(host.bus.statistics().subscriptions == 0);
}

TEST_CASE("a module leaves memory though an event that it did not publish is still being handled") {
  TestHost host;
  host.load("other");  // "good" must be gone in other tests of this process
  const agent_event* kept = nullptr;
  const agent_text pattern = to_text("slow::.*");
  agent_subscription slow{};
  slow.size = sizeof(slow);
  slow.pattern_count = 1;
  slow.patterns = &pattern;
  slow.context = &kept;
  slow.on_event = [](void* context, const agent_event* event) -> std::int32_t {
    *static_cast<const agent_event**>(context) = event;
    return AGENT_HANDLER_LATER;
  };
  std::uint64_t token = 0;
  REQUIRE(host.bus.subscribe(slow, 0, &token, nullptr) == AGENT_OK);
  publish(host, "slow::event");
  REQUIRE(kept != nullptr);
  const auto reports = host.plugins.unload_all();
  REQUIRE(reports.size() == 1);
  CHECK_MESSAGE(!reports[0].mapped, reports[0].reason);
  host.bus.complete(kept, AGENT_OUTCOME_DONE, {});
  CHECK(host.bus.statistics().in_flight == 0);
}

TEST_CASE("plugins are started in the order of loading, and ended in the opposite one") {
  TestHost host;
  host.load("good");
  host.load("other");
  host.configure();
  REQUIRE(host.plugins.start_all().ok());
  host.plugins.drain_all(1s);
  (void)host.plugins.stop_all();
  host.plugins.unload_all();
  CHECK(host.log.lines() == Lines{"good: create 1.2.3-test+1", "other: create 1.2.3-test+1", "good: configure",
                                  "other: configure", "good: start", "other: start", "other: drain", "good: drain",
                                  "other: stop", "good: stop", "other: destroy", "good: destroy"});
}

TEST_CASE("the manager's end ends what runs") {
  EventBus bus;
  RouteTable routes;
  KeptLog log;
  {
    PluginManager plugins({bus, routes, log, "test_host", "1.0.0", "", ""}, {});
    REQUIRE(plugins.load(fixture("good").string()).ok());
    REQUIRE(plugins.configure({}, [](const ConfigProblem&) {}).ok());
    REQUIRE(plugins.start_all().ok());
  }
  CHECK(log.lines() ==
        Lines{"good: create 1.2.3-test+1", "good: configure", "good: start", "good: stop", "good: destroy"});
}

TEST_CASE("list() tells what was loaded and how it is") {
  TestHost host;
  host.load("good");
  PluginInfo info = host.plugins.list().at(0);
  CHECK(info.name == "good");
  CHECK(info.version == "1.2.3-test+1");
  CHECK(info.build_id == "build-1");
  CHECK(info.abi == "1.1");
  CHECK(info.path == fixture("good").string());
  CHECK(info.description == "a fixture");
  CHECK(info.instance > 0);
  CHECK(info.state == PluginState::created);
  host.configure();
  CHECK(host.plugins.list().at(0).state == PluginState::configured);
  REQUIRE(host.plugins.start_all().ok());
  CHECK(host.plugins.list().at(0).state == PluginState::active);
  host.plugins.drain_all(1s);
  CHECK(host.plugins.list().at(0).state == PluginState::draining);
  host.plugins.unload_all();
  CHECK(host.plugins.list().at(0).state == PluginState::unloaded);
  CHECK_FALSE(host.plugins.list().at(0).mapped);
}

TEST_CASE("one name is loaded once") {
  TestHost host;
  host.load("version_1");
  const auto second = host.plugins.load("version_2");
  REQUIRE_FALSE(second);
  CHECK(second.error().status == AGENT_E_EXISTS);
  CHECK(contains(second.error().message, "plugin versioned is loaded already, from " + fixture("version_1").string()));
}

TEST_CASE("calls out of order are refused") {
  TestHost host;
  host.load("good");
  const auto started = host.plugins.start_all();
  REQUIRE_FALSE(started);
  CHECK(started.error().status == AGENT_E_STATE);
  CHECK(contains(started.error().message, "start() is not possible while it is created"));
  host.configure();
  REQUIRE(host.plugins.start_all().ok());
  CHECK(host.plugins.configure({}, [](const ConfigProblem&) {}).error().status == AGENT_E_STATE);
}

TEST_CASE("all problems of all plugins are told, overrides reach the plugin that they name") {
  TestHost host;
  host.load("configure_fails");
  host.load("good");
  std::vector<ConfigProblem> problems;
  const auto result =
      host.plugins.configure({"agent.yml", "good: {}", {{"good", "client_id", "me"}, {"godo", "x", "1"}}},
                             [&](const ConfigProblem& problem) { problems.push_back(problem); });
  CHECK_FALSE(result);
  REQUIRE(problems.size() == 3);
  CHECK(problems[0].key_path == "godo.x");
  CHECK(problems[0].message == "no plugin named \"godo\" is loaded");
  CHECK(problems[1].line == 3);
  CHECK(problems[1].column == 7);
  CHECK(contains(problems[1].message, "a key is missing"));
  CHECK(problems[2].warning);
  CHECK(problems[2].key_path == "client_id");
  CHECK(problems[2].message == "me");
}

TEST_CASE("health and metrics of a plugin can be read at any time") {
  TestHost host;
  host.load("good");
  host.configure();
  CHECK_FALSE(host.plugins.health().at(0).ready);
  REQUIRE(host.plugins.start_all().ok());
  const PluginHealth health = host.plugins.health().at(0);
  CHECK(health.live);
  CHECK_FALSE(health.ready);
  CHECK(health.reason == "no broker");

  double seen = 0;
  const agent_metrics_sink sink{
      sizeof(sink),
      0,
      &seen,
      [](void*, agent_text, std::int32_t, agent_text) {},
      [](void* context, const agent_metric_label* const*, std::size_t, double value) {
        *static_cast<double*>(context) = value;
      },
      [](void*, const agent_metric_label* const*, std::size_t, const agent_metric_histogram*) {}};
  host.plugins.collect_metrics(sink);
  CHECK(seen == 42);
  host.plugins.unload_all();
  CHECK(host.plugins.health().at(0).reason == "it is unloaded");
  seen = 0;
  host.plugins.collect_metrics(sink);
  CHECK(seen == 0);
}

}  // namespace host_stub::testing
