// /proc, mallinfo2 and fork.
#include "memory_probe.h"

#include <array>
#include <cstdio>
#include <fstream>
#include <malloc.h>
#include <string>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness.h"

namespace bench {
namespace {

constexpr unsigned child_seconds = 7200;  // then SIGALRM ends it

void write_all(int file, const std::vector<double>& values) {
  const auto bytes = static_cast<ssize_t>(values.size() * sizeof(double));
  if (write(file, values.data(), static_cast<std::size_t>(bytes)) != bytes) give_up("no pipe to the parent process");
}

std::vector<double> read_all(int file) {
  std::vector<double> values;
  for (double value = 0; read(file, &value, sizeof value) == sizeof value;) values.push_back(value);
  return values;
}

}  // namespace

Memory memory_of_this_process() {
  const struct mallinfo2 info = mallinfo2();
  return {resident_bytes(getpid()), static_cast<double>(info.uordblks + info.hblkhd)};
}

double resident_bytes(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/statm");
  double pages = 0;
  double resident_pages = 0;
  if (!(file >> pages >> resident_pages)) give_up("a measured process has ended");
  return resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

std::vector<double> in_child(const std::function<std::vector<double>()>& measure) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) give_up("no pipe for a child process");
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child < 0) give_up("no child process");
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    alarm(child_seconds);
    close(ends[0]);
    write_all(ends[1], measure());
    _exit(0);
  }
  close(ends[1]);
  std::vector<double> values = read_all(ends[0]);
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0) give_up("a measurement in a process of its own did not come to its end");
  return values;
}

}  // namespace bench
