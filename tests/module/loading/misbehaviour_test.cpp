// Plugins that fail, throw, hang or forget: the host says so, goes on, and harms none of the others.
#include "loading_helpers.h"

namespace host_stub::testing {
namespace {

std::string refused(const std::string& name) {
  TestHost host;
  const auto loaded = host.plugins.load(name);
  REQUIRE_FALSE(loaded);
  CHECK(host.plugins.list().empty());
  CHECK(mappings_of(name) == 0);
  return loaded.error().message;
}

}  // namespace

TEST_CASE("an instance that cannot be made is refused with the plugin's own reason") {
  CHECK(refused("create_fails") == "plugin create_fails: create() failed: this host is too old");
  CHECK(contains(refused("create_gives_nothing"), "succeeded without an instance"));
  CHECK(contains(refused("null_function"), "null function"));
}

TEST_CASE("if one plugin does not start, those that did are stopped again") {
  TestHost host;
  host.load("good");
  host.load("start_fails");
  host.load("other");
  host.configure();
  const auto started = host.plugins.start_all();
  REQUIRE_FALSE(started);
  CHECK(started.error().message == "plugin start_fails: start() failed: no ground under the feet");
  CHECK(host.log.count("good: stop") == 1);
  CHECK(host.log.count("other: start") == 0);
  for (const PluginInfo& info : host.plugins.list()) CHECK(info.state == PluginState::configured);
  CHECK(host.bus.statistics().subscriptions == 0);
}

TEST_CASE("what a drain had to give up is told with its counts") {
  TestHost host;
  host.load("drain_fails");
  host.configure();
  REQUIRE(host.plugins.start_all().ok());
  const PluginDrain drained = host.plugins.drain_all(10ms).at(0);
  CHECK(drained.status == AGENT_E_TIMEOUT);
  CHECK(drained.report.undelivered == 2);
  CHECK(contains(drained.message, "2 events were not delivered"));
}

TEST_CASE("an exception at the boundary is a failure of that call, and no more") {
  TestHost host;
  host.load("throws");
  host.load("good");
  std::vector<ConfigProblem> problems;
  CHECK_FALSE(host.plugins.configure({}, [&](const ConfigProblem& problem) { problems.push_back(problem); }));
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].message == "plugin throws: configure() failed: it threw an exception");
  host.configure();
  CHECK(host.plugins.start_all().error().status == AGENT_E_INTERNAL);
  CHECK_FALSE(host.plugins.health().at(0).live);
  for (const UnloadReport& report : host.plugins.unload_all()) CHECK_MESSAGE(!report.mapped, report.reason);
}

TEST_CASE("what a plugin forgets in the bus and the route table is removed, with a warning that names it") {
  TestHost host;
  host.load("forgetful");
  host.configure();
  REQUIRE(host.plugins.start_all().ok());
  REQUIRE(host.plugins.stop_all().ok());
  CHECK(host.bus.statistics().subscriptions == 1);
  CHECK(host.routes.routes().size() == 1);
  CHECK_FALSE(host.plugins.unload_all().at(0).mapped);
  CHECK(host.bus.statistics().subscriptions == 0);
  CHECK(host.routes.routes().empty());
  CHECK(host.log.count("host: plugin forgetful left 2 subscriptions or routes behind") == 1);
}

TEST_CASE("a module that stays in memory is reported with what may keep it there") {
  TestHost host;
  host.load("stays");
  const UnloadReport report = host.plugins.unload_all().at(0);
  CHECK(report.mapped);
  CHECK(contains(report.reason, "NODELETE"));
  CHECK(host.plugins.list().at(0).mapped);
}

TEST_CASE("a plugin that hangs is given up after its time; the others end in order") {
  TestHost host(300ms);
  host.load("good");
  host.load("stop_hangs");
  host.configure();
  REQUIRE(host.plugins.start_all().ok());
  CHECK(host.bus.statistics().subscriptions == 2);
  const auto stopped = host.plugins.stop_all();
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().status == AGENT_E_TIMEOUT);
  CHECK(contains(stopped.error().message, "plugin stop_hangs: stop() did not return within 300 ms"));
  CHECK(host.log.count("good: stop") == 1);
  CHECK(host.bus.statistics().subscriptions == 0);  // it gets no more events
  const auto infos = host.plugins.list();
  CHECK(infos.at(0).state == PluginState::configured);
  CHECK(infos.at(1).state == PluginState::given_up);
  CHECK_FALSE(host.plugins.health().at(1).live);
  const auto reports = host.plugins.unload_all();
  REQUIRE(reports.size() == 2);
  CHECK(reports[0].name == "stop_hangs");
  CHECK(reports[0].mapped);
  CHECK_FALSE(reports[1].mapped);
}

TEST_CASE("a plugin that hangs while it is made is given up as well") {
  TestHost host(300ms);
  const auto loaded = host.plugins.load("create_hangs");
  REQUIRE_FALSE(loaded);
  CHECK(loaded.error().status == AGENT_E_TIMEOUT);
  host.load("good");
}

}  // namespace host_stub::testing
