// The sample in C does what its first comment says, in the real host.
#include <doctest/doctest.h>

#include "host_fixture.h"

using namespace module_test;

TEST_CASE("the C sample answers events, counts them, and leaves nothing behind") {
  Host host;
  const Watcher answers(host.bus, "sample_c::answer$");
  REQUIRE(host.load(SAMPLE_C).ok());
  REQUIRE(host.configure("sample_c: {}").ok());
  REQUIRE(host.plugins.start_all().ok());
  CHECK(host.log.mentions("answering sample_c::ask"));
  REQUIRE(host.publish("sample_c::ask", "question", "wallet", "key") == AGENT_OK);
  REQUIRE(answers.count() == 1);
  CHECK(answers.events()[0].payload == "question");
  CHECK(answers.events()[0].tenant == "wallet");
  CHECK(answers.events()[0].key == "key");
  CHECK(host.publish("sample_c::asked", "not this", "wallet") == AGENT_OK);
  CHECK(answers.count() == 1);
  CHECK(host.call("GET", "/sample_c/count").body == "{\"count\":1}");
  const auto reports = host.end();
  REQUIRE(reports.size() == 1);
  CHECK_FALSE(reports[0].mapped);
  CHECK(host.call("GET", "/sample_c/count").status == 404);
  CHECK(host.publish("sample_c::ask", "nobody hears it") == AGENT_OK);
  CHECK(answers.count() == 1);
}
