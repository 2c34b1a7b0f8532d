// Step 2: a child process looks at the private copy before this process loads it. The validator is a stub here.
#include <fstream>
#include <sys/stat.h>

#include "swap_helpers.h"

using namespace host_stub;
using namespace host_stub::testing;

namespace {

/// A script in place of plugin_validator, for as long as this lives.
class Validator {
 public:
  explicit Validator(const std::string& script) {
    std::string name = (std::filesystem::temp_directory_path() / "validator-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder_ = name;
    std::ofstream(path()) << "#!/bin/sh\n" << script;
    ::chmod(path().c_str(), 0700);
  }
  ~Validator() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Validator(const Validator&) = delete;
  Validator& operator=(const Validator&) = delete;
  [[nodiscard]] std::filesystem::path path() const { return folder_ / "plugin_validator"; }

 private:
  std::filesystem::path folder_;
};

SwapReport swap_with(const std::filesystem::path& validator, std::chrono::milliseconds timeout = 5s) {
  SwapHost host("counter_1", "", {validator, false});
  SwapRequest request = host.request("counter_2");
  request.timeout = timeout;
  return host.swap(request);
}

}  // namespace

TEST_CASE("a module that passes is swapped in; the validator gets the private copy") {
  const Validator validator(
      "[ \"$1 $2\" = '--quick --json' ] || exit 2\ncase \"$3\" in */agent-plugin-*) exit 0;; esac\nexit 1\n");
  const SwapReport report = swap_with(validator.path());
  CHECK_MESSAGE(report.outcome == SwapOutcome::swapped, report.reason);
  CHECK(step(report, "validate")->outcome == StepOutcome::done);
}

TEST_CASE("a module that fails is refused, with the checks that failed") {
  const Validator validator(
      R"(echo '{"verdict":"failed","checks":[{"name":"exports","outcome":"failed","detail":"two symbols"},)"
      R"({"name":"entry","outcome":"passed"},{"name":"threads","outcome":"crashed"}]}'; exit 1)");
  const SwapReport report = swap_with(validator.path());
  CHECK(report.outcome == SwapOutcome::refused);
  CHECK_MESSAGE(contains(report.reason, "exports: two symbols; threads: crashed"), report.reason);
  CHECK(step(report, "load") == nullptr);
}

TEST_CASE("a validator that hangs, dies or says nothing refuses, in time") {
  for (const char* script : {"sleep 1000 & sleep 1000", "kill -9 $$", "exit 3", "echo nonsense; exit 1"}) {
    CAPTURE(script);
    const Validator validator(script);
    const auto before = Clock::now();
    const SwapReport report = swap_with(validator.path(), 500ms);
    CHECK(report.outcome == SwapOutcome::refused);
    CHECK_FALSE(report.reason.empty());
    CHECK(Clock::now() - before < 20s);
  }
}

TEST_CASE("without a validator the step fails closed and says what to do") {
  const SwapReport report = swap_with("/nowhere/plugin_validator");
  CHECK(report.outcome == SwapOutcome::refused);
  CHECK(contains(report.reason, "--validator none"));
}
