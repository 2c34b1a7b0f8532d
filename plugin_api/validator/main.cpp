// plugin_validator: holds a plugin to the contract, from outside, before a host trusts it with its process.
#include <cstdio>
#include <exception>
#include <unistd.h>

#include "options.h"
#include "report.h"
#include "runner.h"

namespace plugin_validator {
namespace {

int validate(const Options& options) {
  if (options.json) {
    const Report report = run_checks(options, {[](const Check&) {}, [](const CheckReport&) {}});
    std::fputs(to_json(options, report).c_str(), stdout);
    return is_passed(report) ? exit_passed : exit_failed;
  }
  ConsoleReport console(options);
  const Report report = run_checks(options, {[&](const Check& check) { console.begins(check); },
                                             [&](const CheckReport& ended) { console.ended(ended); }});
  console.finish(report);
  return is_passed(report) ? exit_passed : exit_failed;
}

int run(int count, char** arguments) {
  const Parsed parsed = parse_options(count, arguments);
  if (parsed.exit_status >= 0) {
    std::fputs(parsed.text.c_str(), parsed.exit_status == exit_passed ? stdout : stderr);
    return parsed.exit_status;
  }
  const Options& options = parsed.options;
  if (options.list) {
    std::fputs(list_of_checks(options.json).c_str(), stdout);
    return exit_passed;
  }
  for (const std::string& file : {options.path, options.configuration_file}) {
    if (!file.empty() && ::access(file.c_str(), R_OK) != 0) {
      std::fprintf(stderr, "plugin_validator: %s cannot be read\n", file.c_str());
      return exit_usage;
    }
  }
  if (options.result_descriptor >= 0) return run_as_child(options);
  return validate(options);
}

}  // namespace
}  // namespace plugin_validator

int main(int count, char** arguments) {
  try {
    return plugin_validator::run(count, arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "plugin_validator: %s\n", error.what());
    return plugin_validator::exit_usage;
  }
}
