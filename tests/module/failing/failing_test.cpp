// The module that fails on purpose does so when its file says so, and is the real one else.
#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

#include "host_fixture.h"

namespace {

using namespace module_test;

/// A control file of this process, named to the module for as long as this lives.
class Plan {
 public:
  Plan() { setenv("KAFKA_EVENTS_FAIL_FILE", path_.c_str(), 1); }
  ~Plan() {
    unsetenv("KAFKA_EVENTS_FAIL_FILE");
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;
  void write(const std::string& text) const { std::ofstream(path_) << text; }

 private:
  const std::filesystem::path path_ =
      std::filesystem::temp_directory_path() / ("kafka_events-plan-" + std::to_string(getpid()));
};

constexpr const char* nowhere = "127.0.0.1:1";

}  // namespace

TEST_CASE("without a plan it is the real module, under another version") {
  const Plan plan;
  Host host;
  const auto loaded = host.load(FAILING);
  REQUIRE(loaded.ok());
  CHECK(loaded.value().version == "1.1.1-failing");
  REQUIRE(host.configure(yaml(nowhere)).ok());
  REQUIRE(host.plugins.start_all().ok());
  CHECK(host.health().live);
  const auto reports = host.end();
  REQUIRE(reports.size() == 1);
  CHECK_FALSE(reports[0].mapped);
}

TEST_CASE("it fails in the step that the plan names, and only as long as it does") {
  const Plan plan;
  Host host;
  REQUIRE(host.load(FAILING).ok());
  plan.write("configure bad_config\n");
  const auto refused = host.configure(yaml(nowhere));
  REQUIRE_FALSE(refused.ok());
  REQUIRE(host.problems.size() == 1);
  CHECK(host.problems[0].message == "refused on purpose");
  plan.write("");
  CHECK(host.configure(yaml(nowhere)).ok());
  plan.write("start error\n");
  const auto started = host.plugins.start_all();
  REQUIRE_FALSE(started.ok());
  CHECK(started.error().message.find("fails on purpose in start()") != std::string::npos);
}

TEST_CASE("it is not well when the plan says so") {
  const Plan plan;
  Host host;
  REQUIRE(host.load(FAILING).ok());
  REQUIRE(host.configure(yaml(nowhere)).ok());
  REQUIRE(host.plugins.start_all().ok());
  CHECK(host.health().live);
  plan.write("describe error\nhealth not_live\n");
  CHECK_FALSE(host.health().live);
  CHECK(host.health().reason == "not well, on purpose");
  plan.write("");
  CHECK(host.health().live);
}

TEST_CASE("a thread that it leaves behind keeps its module mapped") {
  const Plan plan;
  Host host;
  REQUIRE(host.load(FAILING).ok());
  REQUIRE(host.configure(yaml(nowhere)).ok());
  plan.write("start leak_thread\n");
  REQUIRE(host.plugins.start_all().ok());
  const auto reports = host.end();
  REQUIRE(reports.size() == 1);
  CHECK(reports[0].mapped);
}
