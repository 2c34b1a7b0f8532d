// Everything here comes from /proc or from asking the C library.
#include "process_view.h"

#include <clocale>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <malloc.h>
#include <pthread.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "check.h"

extern char** environ;

namespace plugin_validator {
namespace {

namespace fs = std::filesystem;

template <class Map>
std::string describe_new(const Map& before, const Map& now, const char* what) {
  std::string names;
  int count = 0;
  for (const auto& [number, name] : now) {
    const auto known = before.find(number);
    if (known != before.end() && known->second == name) continue;
    if (++count <= 5) names += (names.empty() ? "" : ", ") + name;
  }
  if (count == 0) return {};
  return text_of(count, " ", what, count == 1 ? "" : "s", " (", names, count > 5 ? ", …" : "", ")");
}

std::string action_of(int signal) {
  struct sigaction action {};
  if (::sigaction(signal, nullptr, &action) != 0) return "?";
  if ((action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == SIG_DFL) return "default";
  if ((action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == SIG_IGN) return "ignored";
  const void* code = nullptr;
  std::memcpy(&code, &action.sa_handler, sizeof(code));
  return text_of("handler ", code);
}

}  // namespace

std::map<int, std::string> threads() {
  std::map<int, std::string> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc/self/task", ignored)) {
    std::ifstream comm(entry.path() / "comm");
    std::string name;
    if (std::getline(comm, name)) found[std::atoi(entry.path().filename().c_str())] = name;
  }
  return found;
}

std::string new_threads(const std::map<int, std::string>& before, std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    auto now = threads();
    for (auto it = now.begin(); it != now.end();) it = before.contains(it->first) ? now.erase(it) : std::next(it);
    std::string found = describe_new({}, now, "thread");
    if (found.empty() || std::chrono::steady_clock::now() >= deadline) return found;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

std::map<int, std::string> descriptors() {
  std::map<int, std::string> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc/self/fd", ignored)) {
    const fs::path target = fs::read_symlink(entry.path(), ignored);
    if (!ignored && !target.string().ends_with("/fd"))
      found[std::atoi(entry.path().filename().c_str())] = target.string();
  }
  return found;
}

std::string new_descriptors(const std::map<int, std::string>& before) {
  return describe_new(before, descriptors(), "descriptor");
}

int free_thread_keys() {
  std::vector<pthread_key_t> keys;
  for (pthread_key_t key = 0; ::pthread_key_create(&key, nullptr) == 0;) keys.push_back(key);
  for (const pthread_key_t key : keys) ::pthread_key_delete(key);
  return static_cast<int>(keys.size());
}

std::size_t heap_bytes() {
  const struct mallinfo2 info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

std::map<std::string, std::string> global_settings() {
  std::map<std::string, std::string> found;
  sigset_t mask;
  ::pthread_sigmask(SIG_BLOCK, nullptr, &mask);
  for (int signal = 1; signal < SIGRTMAX; ++signal) {
    if (signal >= 32 && signal < SIGRTMIN) continue;  // the C library's own
    const char* name = ::sigabbrev_np(signal);
    const std::string key = name == nullptr ? std::to_string(signal) : text_of("SIG", name);
    found["what happens at signal " + key] = action_of(signal);
    found["the signal mask of the host's thread, for " + key] = ::sigismember(&mask, signal) == 1 ? "blocked" : "open";
  }
  const char* locale = std::setlocale(LC_ALL, nullptr);
  found["the locale"] = locale == nullptr ? "?" : locale;
  std::error_code ignored;
  found["the working folder"] = fs::current_path(ignored).string();
  const mode_t mask_of_files = ::umask(0);
  ::umask(mask_of_files);
  found["the umask"] = std::to_string(mask_of_files);
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    const std::string text = *variable;
    found["the environment variable " + text.substr(0, text.find('='))] = text.substr(text.find('=') + 1);
  }
  return found;
}

}  // namespace plugin_validator
