#include "plugins/child_process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <string_view>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "agent_plugin/status.h"

extern char** environ;

namespace host_stub {
namespace {

using std::chrono::steady_clock;
constexpr std::size_t max_output = std::size_t{1} << 20;

bool is_passed_on(std::string_view entry) {
  constexpr std::array<std::string_view, 8> names{
      "PATH=", "LD_", "TMPDIR=", "LANG=", "LC_", "HOME=", "ASAN_OPTIONS=", "TSAN_OPTIONS="};
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) { return entry.starts_with(name); });
}

std::vector<char*> small_environment() {
  std::vector<char*> entries;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (is_passed_on(*entry)) entries.push_back(*entry);
  }
  entries.push_back(nullptr);
  return entries;
}

/// How the child is to be started: see run_child().
class Setup {
 public:
  explicit Setup(int output) {
    ::posix_spawn_file_actions_init(&files_);
    ::posix_spawn_file_actions_addopen(&files_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&files_, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_addopen(&files_, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~Setup() {
    ::posix_spawn_file_actions_destroy(&files_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  Setup(const Setup&) = delete;
  Setup& operator=(const Setup&) = delete;

  int spawn(pid_t& child, const std::vector<std::string>& command) const {
    std::vector<char*> arguments;
    for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));  // NOLINT: its type
    arguments.push_back(nullptr);
    std::vector<char*> environment = small_environment();
    return ::posix_spawn(&child, command.front().c_str(), &files_, &attributes_, arguments.data(), environment.data());
  }

 private:
  posix_spawn_file_actions_t files_{};
  posix_spawnattr_t attributes_{};
};

int milliseconds_until(steady_clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - steady_clock::now()).count();
  return static_cast<int>(std::clamp<std::chrono::milliseconds::rep>(left, 0, 60'000));
}

/// False: the deadline passed before the other end was closed.
bool read_to_end(int from, std::string& output, steady_clock::time_point deadline) {
  std::array<char, 4096> buffer{};
  for (;;) {
    pollfd polled{from, POLLIN, 0};
    const int ready = ::poll(&polled, 1, milliseconds_until(deadline));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return false;
    const ssize_t got = ::read(from, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return true;
    output.append(buffer.data(), std::min(static_cast<std::size_t>(got), max_output - output.size()));
  }
}

/// Leaves it as a zombie, so that its number stays its own.
bool wait_for(pid_t child, steady_clock::time_point deadline) {
  for (;;) {
    siginfo_t about{};
    const bool asked = ::waitid(P_PID, static_cast<id_t>(child), &about, WEXITED | WNOHANG | WNOWAIT) == 0;
    if (asked && about.si_pid == child) return true;
    if (steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace

Result<ChildResult> run_child(const std::vector<std::string>& command, std::chrono::milliseconds timeout) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return Failure{AGENT_E_FAILED, "no pipe can be made"};
  pid_t child = 0;
  const int reason = Setup(ends[1]).spawn(child, command);
  ::close(ends[1]);
  if (reason != 0) {
    ::close(ends[0]);
    return Failure{AGENT_E_FAILED, "cannot run " + command.front() + ": " + std::strerror(reason)};
  }
  const auto deadline = steady_clock::now() + timeout;
  ChildResult result;
  const bool ended = read_to_end(ends[0], result.output, deadline) && wait_for(child, deadline);
  ::close(ends[0]);
  ::kill(-child, SIGKILL);  // also whatever it left behind
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!ended) {
    return Failure{AGENT_E_TIMEOUT, command.front() + " did not end within " + std::to_string(timeout.count()) + " ms"};
  }
  if (WIFEXITED(status)) result.exit_status = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
  return result;
}

}  // namespace host_stub
