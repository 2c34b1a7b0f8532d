// getopt_long: the validator needs no library.
#include "options.h"

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <getopt.h>

#include "check.h"

namespace plugin_validator {
namespace {

constexpr const char* usage = R"(usage: plugin_validator [OPTION…] PATH

Holds an agent plugin (a .so) to the contract of agent_plugin.h: loads it, drives it through its life in a host of its
own, and says what it does wrong. Each check runs in a process of its own.

  --json                 the report as one JSON object
  --quick                only what a host looks at before each hot swap, in one process
  --config FILE          what configure() is given (default: the block `NAME: {}`)
  --check NAME           only this check; may be repeated
  --list                 the names of all checks and the rules that they stand for
  --time-limit SECONDS   for each check (default 30)
  --jobs N               checks at once (default 4; with --config 1, as instances may want the same files or ports)
  --in-process           all checks in this process, for a debugger: the first crash ends it
  --help                 this text

Exit status: 0 passed (there may be warnings), 1 failed, 2 wrong usage or no such file.
)";

enum Long : int { json = 1, quick, config, check, list, limit, jobs, in_process, help, results, steps };

constexpr option long_options[] = {{"json", no_argument, nullptr, json},
                                   {"quick", no_argument, nullptr, quick},
                                   {"config", required_argument, nullptr, config},
                                   {"check", required_argument, nullptr, check},
                                   {"list", no_argument, nullptr, list},
                                   {"time-limit", required_argument, nullptr, limit},
                                   {"jobs", required_argument, nullptr, jobs},
                                   {"in-process", no_argument, nullptr, in_process},
                                   {"help", no_argument, nullptr, help},
                                   {"child-results", required_argument, nullptr, results},
                                   {"child-steps", required_argument, nullptr, steps},
                                   {nullptr, 0, nullptr, 0}};

Parsed wrong(std::string what) {
  return {{}, exit_usage, "plugin_validator: " + what + "\nplugin_validator --help shows the options.\n"};
}

/// One option; what is wrong with it, or empty.
std::string apply(int which, const char* argument, Options& options) {
  switch (which) {
    case json:
      options.json = true;
      break;
    case quick:
      options.quick = true;
      break;
    case config:
      options.configuration_file = argument;
      break;
    case check:
      if (find_check(argument) == nullptr) return text_of("there is no check \"", argument, "\"; --list shows them");
      options.checks.emplace_back(argument);
      break;
    case list:
      options.list = true;
      break;
    case limit: {
      char* end = nullptr;
      options.time_limit_s = std::strtod(argument, &end);
      if (*end != '\0' || !(options.time_limit_s >= 0.01 && options.time_limit_s <= 3600)) {
        return text_of("--time-limit ", argument, " is no number of seconds between 0.01 and 3600");
      }
      break;
    }
    case jobs:
      options.jobs = std::atoi(argument);
      if (options.jobs < 1 || options.jobs > 64) return text_of("--jobs ", argument, " is no number from 1 to 64");
      break;
    case in_process:
      options.in_process = true;
      break;
    case results:
      options.result_descriptor = std::atoi(argument);
      break;
    case steps:
      options.step_descriptor = std::atoi(argument);
      break;
    default:
      return "";
  }
  return "";
}

}  // namespace

Parsed parse_options(int count, char** arguments) {
  Options options;
  opterr = 0;
  for (int which = 0; (which = ::getopt_long(count, arguments, "h", long_options, nullptr)) != -1;) {
    if (which == help || which == 'h') return {{}, exit_passed, usage};
    if (which == '?') return wrong(text_of("the option ", arguments[optind - 1], " is unknown or lacks its value"));
    if (std::string problem = apply(which, optarg, options); !problem.empty()) return wrong(problem);
  }
  if (options.list) return {options, -1, {}};
  if (optind + 1 != count) return wrong(optind == count ? "no PATH of a plugin was given" : "give one PATH");
  char resolved[PATH_MAX];
  if (::realpath(arguments[optind], resolved) == nullptr) return wrong(text_of("there is no file ", arguments[optind]));
  options.path = resolved;
  return {options, -1, {}};
}

}  // namespace plugin_validator
