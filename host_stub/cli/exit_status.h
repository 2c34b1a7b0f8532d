// What the program answers to the shell.
#pragma once

namespace host_stub::cli {

enum ExitStatus : int {
  exit_ok = 0,
  exit_failure = 1,  ///< something went wrong at run time
  exit_usage = 2,    ///< the command line or a configuration is wrong; nothing was started
  exit_partial = 3   ///< some events were not delivered
};

}  // namespace host_stub::cli
