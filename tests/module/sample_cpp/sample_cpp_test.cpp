// The C++ layer, seen through the sample that uses it, in the real host.
#include <doctest/doctest.h>

#include "host_fixture.h"

namespace {

using namespace module_test;

void load(Host& host) { REQUIRE(host.load(SAMPLE_CPP).ok()); }

void run(Host& host) {
  load(host);
  REQUIRE(host.configure("sample_cpp: {}").ok());
  REQUIRE(host.plugins.start_all().ok());
}

}  // namespace

TEST_CASE("the echo comes back with tenant, key and payload") {
  Host host;
  const Watcher echoes(host.bus, "echo::out$");
  run(host);
  REQUIRE(host.publish("echo::in", "hello", "wallet", "key") == AGENT_OK);
  REQUIRE(echoes.count() == 1);
  CHECK(echoes.events()[0].payload == "hello");
  CHECK(echoes.events()[0].tenant == "wallet");
  CHECK(echoes.events()[0].key == "key");
}

TEST_CASE("an exception in a handler is a failure of that handler only") {
  Host host;
  const Watcher echoes(host.bus, "echo::out$");
  run(host);
  REQUIRE(host.publish("echo::in", "throw") == AGENT_OK);
  CHECK(host.bus.statistics().handlers_failed == 1);
  REQUIRE(host.publish("echo::in", "again") == AGENT_OK);
  CHECK(echoes.count() == 1);
}

TEST_CASE("problems of the configuration reach the host with their places") {
  Host host;
  load(host);
  const auto refused = host.configure("refuse");
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().status == AGENT_E_INVALID);
  REQUIRE(host.problems.size() == 2);
  CHECK(host.problems[0].key_path == "sample_cpp.refuse");
  CHECK(host.problems[0].line == 1);
  CHECK_FALSE(host.problems[0].warning);
  CHECK(host.problems[1].warning);
}

TEST_CASE("routes answer with JSON and with problems whose texts are escaped") {
  Host host;
  run(host);
  (void)host.publish("echo::in", "x");
  CHECK(host.call("GET", "/sample_cpp/count").body == "{\"count\":1}");
  const host_stub::HttpReply problem = host.call("GET", "/sample_cpp/count?fail=1");
  CHECK(problem.status == 409);
  CHECK(problem.content_type == "application/problem+json");
  CHECK(problem.body == R"({"title":"Asked to \"fail\"","status":409,"detail":"by the parameter\u000a'fail'"})");
}

TEST_CASE("health and figures are shown") {
  Host host;
  load(host);
  REQUIRE(host.configure("sample_cpp: {}").ok());
  CHECK_FALSE(host.health().ready);
  CHECK(host.health().reason == "it does not listen");
  REQUIRE(host.plugins.start_all().ok());
  CHECK(host.health().ready);
  std::string page;
  const agent_metrics_sink sink{
      sizeof sink,
      0,
      &page,
      [](void* context, agent_text name, std::int32_t, agent_text) {
        static_cast<std::string*>(context)->append(name.data, name.size);
      },
      [](void* context, const agent_metric_label* const* labels, std::size_t count, double value) {
        static_cast<std::string*>(context)->append(
            count == 1 ? std::string(labels[0]->value.data, labels[0]->value.size) : std::string("?"));
        static_cast<std::string*>(context)->append(std::to_string(static_cast<int>(value)));
      },
      [](void*, const agent_metric_label* const*, std::size_t, const agent_metric_histogram*) {}};
  (void)host.publish("echo::in", "x");
  host.plugins.collect_metrics(sink);
  CHECK(page == "sample_cpp_events_totalechoed1");
}

TEST_CASE("the shared payload outlives its source, and the module unmaps") {
  Host host;
  run(host);
  (void)host.publish("echo::in", "x");
  const auto reports = host.end();
  REQUIRE(reports.size() == 1);
  CHECK_FALSE(reports[0].mapped);
  CHECK(host.bus.statistics().alive == 0);
}
