#include "cli/stop_signals.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <ctime>
#include <poll.h>
#include <pthread.h>
#include <string>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "agent_plugin/status.h"

namespace host_stub::cli {
namespace {

sigset_t stop_set() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGHUP);
  return set;
}

constexpr std::int64_t echo_nanoseconds = 50'000'000;  ///< a signal so soon after the first is the same one again
std::atomic<std::int64_t> armed_at{0};                 ///< CLOCK_MONOTONIC, in nanoseconds

std::int64_t monotonic_nanoseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);  // may be called in a handler (signal-safety(7))
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

extern "C" void end_at_once(int signal) {
  if (monotonic_nanoseconds() - armed_at.load() > echo_nanoseconds) ::_exit(128 + signal);
}

}  // namespace

Result<std::unique_ptr<StopSignals>> StopSignals::create() {
  const sigset_t set = stop_set();
  if (::pthread_sigmask(SIG_BLOCK, &set, nullptr) != 0) return Failure{AGENT_E_FAILED, "signals cannot be blocked"};
  const int signals = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  const int requests = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  const int reason = errno;
  auto made = std::unique_ptr<StopSignals>(new StopSignals(signals, requests));
  if (signals < 0 || requests < 0) {
    return Failure{AGENT_E_FAILED, std::string("signals cannot be read: ") + std::strerror(reason)};
  }
  return made;
}

StopSignals::StopSignals(int signals, int requests) noexcept : signals_(signals), requests_(requests) {}

StopSignals::~StopSignals() {
  if (signals_ >= 0) ::close(signals_);
  if (requests_ >= 0) ::close(requests_);
}

StopSignals::Event StopSignals::wait(std::chrono::milliseconds timeout) {
  std::array<pollfd, 2> polled{{{signals_, POLLIN, 0}, {requests_, POLLIN, 0}}};
  if (::poll(polled.data(), polled.size(), static_cast<int>(timeout.count())) <= 0) return Event::timed_out;
  if (polled[1].revents != 0) return Event::stop;
  signalfd_siginfo info{};
  if (::read(signals_, &info, sizeof info) != static_cast<ssize_t>(sizeof info)) return Event::timed_out;
  return info.ssi_signo == SIGHUP ? Event::hang_up : Event::stop;
}

void StopSignals::request() noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(requests_, &one, sizeof one);
}

void StopSignals::arm_second() noexcept {
  armed_at = monotonic_nanoseconds();
  struct sigaction action {};
  action.sa_handler = end_at_once;
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM}) {
    ::sigaction(signal, &action, nullptr);
    sigaddset(&set, signal);
  }
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

}  // namespace host_stub::cli
