// The command line.
#pragma once

#include <string>
#include <vector>

namespace plugin_validator {

struct Options {
  std::string path;
  std::string configuration_file;
  std::vector<std::string> checks;  // empty: all of them
  bool json = false;
  bool quick = false;
  bool in_process = false;
  bool list = false;
  double time_limit_s = 30;
  int jobs = 0;  // checks at once; 0: as is best
  // A child's: where its results and steps go.
  int result_descriptor = -1;
  int step_descriptor = -1;
};

enum ExitStatus : int { exit_passed = 0, exit_failed = 1, exit_usage = 2 };

struct Parsed {
  Options options;
  int exit_status = -1;  // -1: go on; otherwise `text` has been asked for or says what is wrong
  std::string text;
};

[[nodiscard]] Parsed parse_options(int count, char** arguments);

}  // namespace plugin_validator
