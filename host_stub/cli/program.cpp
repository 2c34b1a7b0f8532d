#include "cli/program.h"

#include <csignal>
#include <cstdio>
#include <exception>
#include <malloc.h>

#include "cli/check_config.h"
#include "cli/command_line.h"
#include "cli/demo.h"
#include "cli/exit_status.h"
#include "cli/explain.h"
#include "cli/options.h"
#include "cli/publish.h"
#include "cli/query.h"
#include "cli/request.h"
#include "cli/start.h"
#include "cli/swap.h"
#include "cli/topics.h"
#include "cli/watch.h"

namespace host_stub::cli {
namespace {

/// Reads the verb's options and, unless they are wrong, runs it.
template <class Read, class Run>
int read_and_run(CommandLine& line, Read read, Run run) {
  auto options = read(line);
  if (line.settings.problems().empty()) return run(std::move(options));
  const Ending ending = usage_mistake(line.settings.problems(), line.verb->name);
  std::fputs(ending.message.c_str(), stderr);
  return ending.status;
}

int run_verb(CommandLine& line, const Environment& environment) {
  const auto with = [&](auto read) { return [&, read](CommandLine& text) { return read(text, environment); }; };
  const std::string_view verb = line.verb->name;
  if (verb == "start") return read_and_run(line, with(read_start), run_start);
  if (verb == "publish") return read_and_run(line, read_publish, run_publish);
  if (verb == "request") return read_and_run(line, read_request, run_request);
  if (verb == "watch") return read_and_run(line, read_watch, run_watch);
  if (verb == "status") return read_and_run(line, read_query, run_status);
  if (verb == "plugins") return read_and_run(line, read_query, run_plugins);
  if (verb == "swap") return read_and_run(line, read_swap, run_swap);
  if (verb == "topics") return read_and_run(line, read_topics, run_topics);
  if (verb == "check-config") return read_and_run(line, with(read_check_config), run_check_config);
  if (verb == "explain") return read_and_run(line, with(read_explain), run_explain);
  return read_and_run(line, with(read_demo), run_demo);
}

/// Each thread would get its own arena of up to 64 MB address space and a few hundred kB of memory: two are enough
/// here.
void limit_memory() { ::mallopt(M_ARENA_MAX, 2); }

}  // namespace

int run_program(int argument_count, const char* const* arguments, const char* const* environment_entries) {
  try {
    limit_memory();
    std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is told by the write that meets it
    const Environment environment = environment_from(environment_entries);
    auto parsed = parse_command_line({arguments + 1, arguments + argument_count}, environment);
    if (const Ending* ending = std::get_if<Ending>(&parsed); ending != nullptr) {
      std::fputs(ending->data.c_str(), stdout);
      std::fputs(ending->message.c_str(), stderr);
      return ending->status;
    }
    return run_verb(std::get<CommandLine>(parsed), environment);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "host_stub: %s\n", problem.what());
    return exit_failure;
  }
}

}  // namespace host_stub::cli
