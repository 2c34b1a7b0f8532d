// host_stub as a user starts it: a process of its own, from exec to its line "ready".
#pragma once

#include <string>
#include <sys/types.h>

namespace bench {

class HostProcess {
 public:
  /// Starts it and waits until it is ready, for at most 30 s. The file is the plugins' configuration; empty: without a
  /// plugin. Ends the benchmark where that fails.
  explicit HostProcess(const std::string& configuration_file);
  /// SIGTERM, and after 20 s SIGKILL.
  ~HostProcess();
  HostProcess(const HostProcess&) = delete;
  HostProcess& operator=(const HostProcess&) = delete;

  [[nodiscard]] double ready_ms() const { return ready_ms_; }
  [[nodiscard]] pid_t id() const { return process_; }

 private:
  void start(const std::string& configuration_file, int to_us);
  [[nodiscard]] bool wait_until_ready() const;

  pid_t process_ = 0;
  int from_host_ = -1;
  double ready_ms_ = 0;
};

}  // namespace bench
