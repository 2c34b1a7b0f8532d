#include "cli/files.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

#include "agent_plugin/status.h"

namespace host_stub::cli {
namespace {

Failure unreadable(const std::string& name, int reason) {
  return Failure{reason == ENOENT ? AGENT_E_NOT_FOUND : AGENT_E_FAILED,
                 "cannot read " + name + ": " + std::strerror(reason)};
}

}  // namespace

Result<std::string> read_descriptor(int descriptor, const std::string& name, std::size_t max_bytes) {
  std::string text;
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t got = ::read(descriptor, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return unreadable(name, errno);
    if (got == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(got));
    if (text.size() > max_bytes) {
      return Failure{AGENT_E_TOO_LARGE, name + " is larger than " + std::to_string(max_bytes) + " bytes"};
    }
  }
}

Result<std::string> read_file(const std::string& file, std::size_t max_bytes) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return unreadable(file, errno);
  Result<std::string> text = read_descriptor(descriptor, file, max_bytes);
  ::close(descriptor);
  return text;
}

}  // namespace host_stub::cli
