// Starting and ending host_stub.
#include "host_process.h"

#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "harness.h"

namespace bench {
namespace {

constexpr double ready_seconds = 30;
constexpr double stop_seconds = 20;

std::vector<std::string> command(const std::string& configuration_file) {
  const auto program = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "host_stub";
  std::vector<std::string> words{program.string(), "start", "--admin", "127.0.0.1", "0", "--admin-insecure-mode"};
  if (!configuration_file.empty()) {
    words.insert(words.end(), {"--plugin", "kafka_events", "--plugin-config", configuration_file});
  }
  return words;
}

}  // namespace

HostProcess::HostProcess(const std::string& configuration_file) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) give_up("no pipe for host_stub");
  from_host_ = ends[0];
  const double begin = now();
  start(configuration_file, ends[1]);
  close(ends[1]);
  if (!wait_until_ready()) give_up("host_stub did not become ready");
  ready_ms_ = (now() - begin) * 1e3;
}

void HostProcess::start(const std::string& configuration_file, int to_us) {
  std::vector<std::string> words = command(configuration_file);
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  process_ = fork();
  if (process_ < 0) give_up("no process for host_stub");
  if (process_ != 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(to_us, STDERR_FILENO);
  execv(arguments[0], arguments.data());
  _exit(127);
}

bool HostProcess::wait_until_ready() const {
  const double deadline = now() + ready_seconds;
  std::string text;
  std::array<char, 4096> buffer{};
  while (now() < deadline) {
    pollfd waiting{from_host_, POLLIN, 0};
    if (poll(&waiting, 1, 100) <= 0) continue;
    const ssize_t size = read(from_host_, buffer.data(), buffer.size());
    if (size <= 0) return false;
    text.append(buffer.data(), static_cast<std::size_t>(size));
    if (text.find("\nready\n") != std::string::npos) return true;
  }
  return false;
}

HostProcess::~HostProcess() {
  kill(process_, SIGTERM);
  const double deadline = now() + stop_seconds;
  std::array<char, 4096> buffer{};
  while (waitpid(process_, nullptr, WNOHANG) == 0) {
    if (now() > deadline) kill(process_, SIGKILL);
    pollfd waiting{from_host_, POLLIN, 0};
    // Its last words are read: it must not wait for somebody who does.
    if (poll(&waiting, 1, 10) > 0 && read(from_host_, buffer.data(), buffer.size()) <= 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
  }
  close(from_host_);
}

}  // namespace bench
