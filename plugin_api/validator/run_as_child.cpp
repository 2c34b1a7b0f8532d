// What a child does. It ends without running destructors: a module may have left anything behind.
#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>

#include "execute.h"
#include "lines.h"
#include "runner.h"
#include "step.h"

namespace plugin_validator {
namespace {

void write_all(int descriptor, const std::string& text) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t count = ::write(descriptor, text.data() + done, text.size() - done);
    if (count < 0) ::_exit(1);  // the parent is gone
    done += static_cast<std::size_t>(count);
  }
}

}  // namespace

int run_as_child(const Options& options) {
  ::fcntl(options.result_descriptor, F_SETFD, FD_CLOEXEC);
  ::fcntl(options.step_descriptor, F_SETFD, FD_CLOEXEC);
  StepBoard::adopt(options.step_descriptor);
  Subject subject = make_subject(options);
  ModuleInfo info;
  for (const std::string& name : options.checks) {
    const Check& check = *find_check(name);
    const Result result = execute(check, subject);
    if (info.name.empty() && result.outcome == Outcome::passed) {
      learn(check, subject, info);
      if (!info.name.empty()) write_all(options.result_descriptor, info_line(info));
    }
    write_all(options.result_descriptor, result_line(result));
    if (is_refusal(result.outcome)) break;  // the parent decides what still makes sense
  }
  ::_exit(0);
}

}  // namespace plugin_validator
