#include "cli/start.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <time.h>
#include <unistd.h>
#include <utility>

#include "cli/config_reload.h"
#include "cli/exit_status.h"

namespace host_stub::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds first_poll{5};    ///< of the health, while being ready is a matter of moments
constexpr milliseconds later_poll{200};  ///< afterwards
constexpr milliseconds degraded_after{1000};

/// Time since the kernel started this process (proc(5), stat: starttime), so that loading the program counts too.
milliseconds since_process_start() {
  std::ifstream stat("/proc/self/stat");
  std::string text;
  std::getline(stat, text);
  std::istringstream fields(text.substr(std::min(text.rfind(')') + 1, text.size())));
  std::string field;
  for (int index = 3; index <= 22 && fields >> field; ++index) {
  }
  const long ticks = std::strtol(field.c_str(), nullptr, 10);
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  const long now_milliseconds = now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
  return milliseconds(std::max(0L, now_milliseconds - ticks * 1000 / ::sysconf(_SC_CLK_TCK)));
}

}  // namespace

int give_up(Host& host, int status) {
  if (host.shut_down(milliseconds(0)).clean) return status;
  std::fflush(nullptr);
  std::_Exit(status);
}

std::optional<int> bring_up(Host& host, const Announcer& announcer, const std::function<void()>& before_start) {
  const auto failed = [&](const Result<void>& result) {
    if (!result.ok()) announcer.failure(result.error().message);
    return !result.ok();
  };
  if (failed(host.load())) return exit_usage;
  if (failed(host.start_embedded_kafka())) return exit_failure;
  std::size_t problems = 0;
  const Result<void> configured = host.configure([&](const ConfigProblem& problem) {
    announcer.problem(problem);
    if (!problem.warning) ++problems;
  });
  if (!configured.ok()) {
    if (problems == 0) announcer.failure(configured.error().message);
    return exit_usage;
  }
  const Result<void> listening = host.listen();
  if (failed(listening)) return listening.error().status == AGENT_E_INVALID ? exit_usage : exit_failure;
  if (before_start) before_start();
  if (failed(host.start())) return exit_failure;
  return std::nullopt;
}

void run_until_stopped(Host& host, const Announcer& announcer, StopSignals& signals) {
  const steady_clock::time_point began = steady_clock::now();
  bool ready = false;
  bool degraded = false;
  ConfigReload reload(host, announcer);
  for (;;) {
    const HostHealth health = ready ? HostHealth{} : host.health();
    const steady_clock::duration elapsed = steady_clock::now() - began;
    if (!ready && health.ready) {
      announcer.ready(since_process_start());
      ready = true;
    } else if (!ready && !degraded && elapsed >= degraded_after) {
      announcer.degraded(health);
      degraded = true;
    }
    const milliseconds reload_in = reload.tick();
    const milliseconds poll = degraded ? later_poll : first_poll;
    const StopSignals::Event event = signals.wait(ready ? reload_in : std::min(poll, reload_in));
    if (event == StopSignals::Event::stop) return;
    if (event == StopSignals::Event::hang_up) reload.request();
  }
}

void bring_down(Host& host, const Announcer& announcer, StopSignals& signals, std::chrono::seconds timeout,
                int status) {
  signals.arm_second();
  announcer.stopping(timeout);
  const DrainSummary summary = host.shut_down(timeout);
  announcer.stopped(summary);
  if (summary.clean) return;
  // Something that did not end may still use what the host's destructors would free.
  std::fflush(nullptr);
  std::_Exit(status);
}

int run_start(StartOptions options) {
  const Announcer announcer(options.log.format);
  Result<std::unique_ptr<StopSignals>> signals = StopSignals::create();
  if (!signals.ok()) {
    announcer.failure(signals.error().message);
    return exit_failure;
  }
  const std::unique_ptr<LogSink> log = make_log_sink(options.log);
  Host host(std::move(options.host), *log);
  host.on_shutdown_request = [&stop = *signals.value()] { stop.request(); };
  if (const std::optional<int> status = bring_up(host, announcer); status.has_value()) return give_up(host, *status);
  announcer.banner(host);
  run_until_stopped(host, announcer, *signals.value());
  bring_down(host, announcer, *signals.value(), options.drain_timeout, exit_ok);
  return exit_ok;
}

}  // namespace host_stub::cli
