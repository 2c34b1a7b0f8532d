// Suggestions for mistyped names.
#include "cli/nearest.h"

#include <doctest/doctest.h>
#include <vector>

using namespace host_stub::cli;

TEST_CASE("a near name is suggested, a far one is not") {
  const std::vector<std::string> names{"start", "status", "publish", "plugins", "watch"};
  CHECK(nearest_name("publsih", names) == "publish");  // swapped letters
  CHECK(nearest_name("plugin", names) == "plugins");   // one too few
  CHECK(nearest_name("stat", names) == "status");      // broken off
  CHECK(nearest_name("wach", names) == "watch");
  CHECK_FALSE(nearest_name("zebra", names).has_value());
  CHECK_FALSE(nearest_name("", names).has_value());
  CHECK(did_you_mean("zebra", names).empty());
}
