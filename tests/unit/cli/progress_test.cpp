// The progress line.
#include "cli/progress.h"

#include <doctest/doctest.h>

using namespace host_stub::cli;
using std::chrono::milliseconds;

TEST_CASE("numbers are grouped by thousands") {
  CHECK(with_thousands(0) == "0");
  CHECK(with_thousands(999) == "999");
  CHECK(with_thousands(1000) == "1,000");
  CHECK(with_thousands(1234567) == "1,234,567");
}

TEST_CASE("with a total there is a bar, a rate and the time to go") {
  const std::string line = progress_line({500, 1000, milliseconds(1000), ""}, 200);
  CHECK(line == "[###############               ]  50%  500/1,000  500/s  1 s to go");
}

TEST_CASE("without a total there is a count and a rate") {
  CHECK(progress_line({1500, std::nullopt, milliseconds(500), "2 failed"}, 200) == "1,500 events  3,000/s  2 failed");
}

TEST_CASE("the edges: nothing done, all done, more than all, no time, no room") {
  CHECK(progress_line({0, 10, milliseconds(0), ""}, 200).find("  0%  0/10") != std::string::npos);
  CHECK(progress_line({10, 10, milliseconds(10), ""}, 200).find("100%") != std::string::npos);
  CHECK(progress_line({20, 10, milliseconds(10), ""}, 200).find("100%") != std::string::npos);
  CHECK(progress_line({0, 0, milliseconds(10), ""}, 200).find("0%") != std::string::npos);
  CHECK(progress_line({5, 10, milliseconds(10), ""}, 20).size() == 20);
}

TEST_CASE("long times are told in minutes and hours") {
  CHECK(progress_line({1, 121, milliseconds(1000), ""}, 200).find("2 min to go") != std::string::npos);
  CHECK(progress_line({1, 7201, milliseconds(1000), ""}, 200).find("2 h to go") != std::string::npos);
}
