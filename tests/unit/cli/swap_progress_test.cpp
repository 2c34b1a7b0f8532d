// What `host_stub swap` shows of a swap while it runs.
#include "cli/swap_progress.h"

#include <doctest/doctest.h>

using host_stub::cli::SwapProgress;

TEST_CASE("each step is shown once, when it has ended") {
  SwapProgress progress(4);
  const auto first =
      progress.look(R"({"swaps":[{"id":5,"steps":[]},{"id":4,"outcome":"running","steps":[)"
                    R"({"name":"copy","direction":"forward","outcome":"done","milliseconds":1.26},)"
                    R"({"name":"validate","direction":"forward","outcome":"running","milliseconds":3}]}]})");
  REQUIRE(first);
  CHECK(first->lines == "  copy              1.3 ms  done\n");
  const auto second = progress.look(
      R"({"swaps":[{"id":4,"outcome":"rolled_back","plugin":"counter","running":"1.0.0","reason":"bad","pause_ms":2,)"
      R"("from":{"version":"1.0.0"},"to":{"version":"2.0.0"},"handles":"none","steps":[{"name":"copy"},)"
      R"({"name":"validate","direction":"forward","outcome":"skipped","detail":"none"},)"
      R"({"name":"start","direction":"back","outcome":"done","milliseconds":12}]}]})");
  REQUIRE(second);
  CHECK(second->lines == "  validate               -  skipped: none\n< start            12.0 ms  done\n");
  CHECK(second->summary.find("counter: taken back, 1.0.0 -> 2.0.0") == 0);
  CHECK(second->summary.find("reason: bad\nrunning now: 1.0.0\n") != std::string::npos);
}

TEST_CASE("an answer without the swap, or that is none, gives nothing; control characters are not shown") {
  SwapProgress progress(1);
  CHECK_FALSE(progress.look("no json"));
  CHECK_FALSE(progress.look(R"({"swaps":[{"id":2}]})"));
  const auto view = progress.look(R"({"swaps":[{"id":1,"reason":"a\u001b[2J","steps":[]}]})");
  REQUIRE(view);
  CHECK(view->reason == "a [2J");
}
