// The reference host's executable.
#include <unistd.h>

#include "cli/program.h"

int main(int argument_count, char** arguments) {
  return host_stub::cli::run_program(argument_count, arguments, environ);
}
