// The process's environment, files and host name, for load()'s callers; the loader itself knows neither.
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <system_error>
#include <unistd.h>

#include "config/document.h"
#include "config/loader.h"

namespace kafka_events::config {

std::optional<std::string> process_environment(std::string_view name) {
  // Called while nothing changes the environment: the host reads configurations on one thread.
  const char* value = std::getenv(std::string(name).c_str());  // NOLINT(concurrency-mt-unsafe)
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

std::string process_host_name() {
  char name[256] = "";  // POSIX.1-2017, HOST_NAME_MAX: at most 255 bytes
  if (::gethostname(name, sizeof name - 1) != 0 || name[0] == '\0') return "localhost";
  return name;
}

Result<std::string> read_process_file(const std::string& path) {
  errno = 0;
  std::ifstream input(path, std::ios::binary);
  std::string content(max_text_bytes + 1, '\0');
  if (input) input.read(content.data(), static_cast<std::streamsize>(content.size()));
  if (!input.is_open() || input.bad() || (input.fail() && !input.eof())) {
    const int reason = errno == 0 ? EIO : errno;
    return Error(ErrorCode::not_found, "cannot read " + path + ": " + std::generic_category().message(reason));
  }
  content.resize(static_cast<std::size_t>(input.gcount()));
  if (content.size() > max_text_bytes) return Error(ErrorCode::too_large, path + " is larger than 1 MiB");
  return content;
}

}  // namespace kafka_events::config
