// fork and exec before anything is loaded, so that each child starts clean; a pipe for results, shared memory for steps.
#include "child.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lines.h"

namespace plugin_validator {
namespace {

std::vector<std::string> command_line(const Options& options, const std::vector<const Check*>& checks, int results,
                                      int steps) {
  std::vector<std::string> arguments{"plugin_validator", "--child-results", std::to_string(results), "--child-steps",
                                     std::to_string(steps)};
  if (options.quick) arguments.emplace_back("--quick");
  if (!options.configuration_file.empty()) {
    arguments.insert(arguments.end(), {"--config", options.configuration_file});
  }
  for (const Check* check : checks) arguments.insert(arguments.end(), {"--check", check->name});
  arguments.push_back(options.path);
  return arguments;
}

std::string name_of_signal(int number) {
  const char* name = ::sigabbrev_np(number);
  const char* words = ::sigdescr_np(number);
  return text_of(name == nullptr ? "signal " : "SIG", name == nullptr ? std::to_string(number) : name,
                 words == nullptr ? "" : text_of(" (", words, ")"));
}

/// The end of what the module printed, in one line.
std::string last_words(int output) {
  constexpr off_t wanted = 300;
  const off_t size = ::lseek(output, 0, SEEK_END);
  if (size <= 0) return {};
  std::string text(static_cast<std::size_t>(std::min(size, wanted)), '\0');
  const ssize_t count = ::pread(output, text.data(), text.size(), std::max<off_t>(0, size - wanted));
  text.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text.empty() ? text : text_of("; it printed: ", text);
}

}  // namespace

Child::Child(const Options& options, const std::vector<const Check*>& checks)
    : time_limit_s_(options.time_limit_s), steps_(StepBoard::make()) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return;
  results_ = ends[0];
  output_ = ::memfd_create("output", MFD_CLOEXEC);
  const std::vector<std::string> arguments = command_line(options, checks, ends[1], steps_.descriptor());
  std::vector<char*> pointers;
  for (const std::string& argument : arguments) pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  process_ = ::fork();
  if (process_ == 0) become_child(pointers.data(), ends[1], output_);
  if (process_ > 0) ::setpgid(process_, process_);  // also here: whoever is first
  ::close(ends[1]);
}

void Child::become_child(char* const* arguments, int results, int output) const {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::close(results_);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  ::fcntl(results, F_SETFD, 0);  // these two are for the program to come, and for no other child
  ::fcntl(steps_.descriptor(), F_SETFD, 0);
  ::execv("/proc/self/exe", arguments);
  ::close(results);
  ::_exit(127);
}

Child::~Child() {
  if (process_ > 0) {
    ::kill(-process_, SIGKILL);
    int status = 0;
    ::waitpid(process_, &status, 0);
  }
  if (results_ >= 0) ::close(results_);
  if (output_ >= 0) ::close(output_);
}

bool Child::read_line(Clock::time_point deadline, std::string& line) {
  for (;;) {
    if (const auto end = buffer_.find('\n'); end != std::string::npos) {
      line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return true;
    }
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd waited{results_, POLLIN, 0};
    const int ready = ::poll(&waited, 1, static_cast<int>(std::max<decltype(left)>(left, 0)));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) {
      timed_out_ = true;
      return false;
    }
    char bytes[4096];
    const ssize_t count = ::read(results_, bytes, sizeof(bytes));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    buffer_.append(bytes, static_cast<std::size_t>(count));
  }
}

std::optional<Result> Child::next(ModuleInfo& info) {
  if (process_ <= 0) return std::nullopt;
  const auto began = Clock::now();
  const auto deadline =
      began + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(time_limit_s_));
  for (std::string line; read_line(deadline, line);) {
    if (read_info_line(line, info)) continue;
    Result result;
    if (read_result_line(line, result)) return result;
  }
  Result result = end_without_result();
  result.milliseconds = std::chrono::duration<double, std::milli>(Clock::now() - began).count();
  return result;
}

std::string Child::where() const {
  const std::string step = steps_.last_step();
  if (step.starts_with("after ")) return " " + step;
  return step.empty() ? std::string() : " in " + step;
}

Result Child::end_without_result() {
  int status = 0;
  if (timed_out_) ::kill(-process_, SIGKILL);
  ::waitpid(process_, &status, 0);
  process_ = -1;
  if (timed_out_) {
    return {Outcome::timed_out, text_of("no end after ", time_limit_s_, " s", where(), last_words(output_)), 0};
  }
  if (WIFSIGNALED(status)) {
    return {Outcome::crashed, text_of(name_of_signal(WTERMSIG(status)), where(), last_words(output_)), 0};
  }
  return {Outcome::crashed,
          text_of("the process was ended with status ", WEXITSTATUS(status), where(), last_words(output_)), 0};
}

}  // namespace plugin_validator
