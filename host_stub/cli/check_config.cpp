#include "cli/check_config.h"

#include <cstdio>
#include <utility>

#include "cli/exit_status.h"
#include "cli/start.h"

namespace host_stub::cli {

bool load_and_configure(Host& host, const Announcer& announcer) {
  if (const Result<void> loaded = host.load(); !loaded.ok()) {
    announcer.failure(loaded.error().message);
    return false;
  }
  std::size_t errors = 0;
  const Result<void> configured = host.configure([&](const ConfigProblem& problem) {
    announcer.problem(problem);
    if (!problem.warning) ++errors;
  });
  if (!configured.ok() && errors == 0) announcer.failure(configured.error().message);
  return configured.ok();
}

int run_check_config(CheckConfigOptions options) {
  const Announcer announcer(options.log.format);
  const std::unique_ptr<LogSink> log = make_log_sink(options.log);
  const std::string file = options.host.config_file;
  Host host(std::move(options.host), *log);
  if (!load_and_configure(host, announcer)) return give_up(host, exit_usage);
  std::printf("%s: no problems\n", file.c_str());
  std::fflush(stdout);
  return give_up(host, exit_ok);
}

}  // namespace host_stub::cli
