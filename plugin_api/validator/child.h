// The parent's end of one child process, and the lines in which the child reports.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "check.h"
#include "options.h"
#include "runner.h"
#include "step.h"

namespace plugin_validator {

class Child {
 public:
  /// Starts this program again with these checks.
  Child(const Options& options, const std::vector<const Check*>& checks);
  /// Ends the child, whatever it is doing, and whatever it has started in its process group.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// How the next check ended, also if the child did not survive it. Nothing: the child could not be started.
  [[nodiscard]] std::optional<Result> next(ModuleInfo& info);

 private:
  using Clock = std::chrono::steady_clock;

  void become_child(char* const* arguments, int results, int output) const;
  /// A line of the child's; false: it ended, or (`timed_out_`) the time is over.
  bool read_line(Clock::time_point deadline, std::string& line);
  [[nodiscard]] Result end_without_result();
  [[nodiscard]] std::string where() const;

  double time_limit_s_;
  StepBoard steps_;
  pid_t process_ = -1;
  int results_ = -1;
  int output_ = -1;  // what the module prints
  bool timed_out_ = false;
  std::string buffer_;
};

}  // namespace plugin_validator
