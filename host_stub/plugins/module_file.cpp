// Reads a module's file once, looks at its ELF header, and writes the copy.
#include "plugins/module_file.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <system_error>
#include <unistd.h>

#include "agent_plugin/status.h"

namespace host_stub {
namespace {

namespace fs = std::filesystem;
constexpr std::uintmax_t max_module_bytes = std::uintmax_t{1} << 30;
constexpr int native_class = sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32;

using Header = std::conditional_t<sizeof(void*) == 8, Elf64_Ehdr, Elf32_Ehdr>;
using Segment = std::conditional_t<sizeof(void*) == 8, Elf64_Phdr, Elf32_Phdr>;

std::string reason(int number) { return std::generic_category().message(number); }
Failure invalid(const fs::path& file, std::string_view what) {
  return {AGENT_E_INVALID, file.string() + " " + std::string(what)};
}

class Descriptor {
 public:
  explicit Descriptor(int number) noexcept : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const noexcept { return number_; }

 private:
  int number_;
};

Result<std::string> read_module(const fs::path& file) {
  const Descriptor from(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (from.get() < 0) {
    const int number = errno;
    if (number == ENOENT) return Failure{AGENT_E_NOT_FOUND, "there is no file " + file.string()};
    return Failure{AGENT_E_INVALID, "cannot read " + file.string() + ": " + reason(number)};
  }
  struct stat about {};
  if (::fstat(from.get(), &about) != 0 || !S_ISREG(about.st_mode)) return invalid(file, "is not a regular file");
  if (static_cast<std::uintmax_t>(about.st_size) > max_module_bytes) return invalid(file, "is larger than 1 GiB");
  std::string content(static_cast<std::size_t>(about.st_size), '\0');
  std::size_t done = 0;
  while (done < content.size()) {
    const ssize_t count = ::read(from.get(), content.data() + done, content.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Failure{AGENT_E_FAILED, "cannot read " + file.string() + ": " + reason(errno)};
    if (count == 0) break;  // it got shorter meanwhile; the checks of its content find out
    done += static_cast<std::size_t>(count);
  }
  content.resize(done);
  return content;
}

Result<void> write_all(const fs::path& path, const std::string& content) {
  const Descriptor to(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  std::size_t done = 0;
  while (to.get() >= 0 && done < content.size()) {
    const ssize_t count = ::write(to.get(), content.data() + done, content.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) break;
    done += static_cast<std::size_t>(count);
  }
  if (to.get() >= 0 && done == content.size()) return {};
  return Failure{AGENT_E_FAILED, "cannot write a copy of the module to " + path.string() + ": " + reason(errno)};
}

/// The machine that this very program was built for.
std::uint16_t native_machine() {
  Header own{};
  const Descriptor self(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  return self.get() >= 0 && ::read(self.get(), &own, sizeof(own)) == sizeof(own) ? own.e_machine
                                                                                 : std::uint16_t{EM_NONE};
}

/// Mapping a file that is shorter than its segments ends the process with SIGBUS, so look first.
bool is_complete(const std::string& content, const Header& header) {
  const std::uint64_t size = content.size();
  const std::uint64_t sections = std::uint64_t{header.e_shnum} * header.e_shentsize;
  const std::uint64_t segments = std::uint64_t{header.e_phnum} * sizeof(Segment);
  if (header.e_shoff > size || sections > size - header.e_shoff) return false;
  if (header.e_phentsize != sizeof(Segment) || header.e_phoff > size || segments > size - header.e_phoff) return false;
  for (std::size_t index = 0; index < header.e_phnum; ++index) {
    Segment segment{};
    std::memcpy(&segment, content.data() + header.e_phoff + index * sizeof(Segment), sizeof(segment));
    if (segment.p_offset > size || segment.p_filesz > size - segment.p_offset) return false;
  }
  return true;
}

}  // namespace

Result<void> check_shared_object(const std::string& content, const fs::path& file) {
  if (!content.starts_with(ELFMAG)) return invalid(file, "is not an ELF shared object");
  if (content.size() < sizeof(Header)) return invalid(file, "is an ELF file that was cut short");
  const int bits = static_cast<unsigned char>(content[EI_CLASS]) == ELFCLASS64 ? 64 : 32;
  if (static_cast<unsigned char>(content[EI_CLASS]) != native_class) {
    return invalid(file, "is a " + std::to_string(bits) + "-bit module; this host has " +
                             std::to_string(8 * sizeof(void*)) + " bits");
  }
  Header header{};
  std::memcpy(&header, content.data(), sizeof(header));
  if (header.e_type != ET_DYN) return invalid(file, "is an ELF file, but not a shared object");
  if (header.e_machine != native_machine()) {
    return invalid(file, "was built for another processor (ELF machine " + std::to_string(header.e_machine) +
                             "); this host runs on machine " + std::to_string(native_machine()));
  }
  if (!is_complete(content, header)) return invalid(file, "is an ELF file that was cut short");
  return {};
}

Result<ModuleCopy> ModuleCopy::make(const fs::path& file, const fs::path& directory) {
  auto content = read_module(file);
  if (!content) return content.error();
  if (auto checked = check_shared_object(content.value(), file); !checked) return checked.error();

  static std::atomic<unsigned> copies{0};
  std::string folder = (directory / (std::string(module_copy_folder) + "XXXXXX")).string();
  if (::mkdtemp(folder.data()) == nullptr) {
    return Failure{AGENT_E_FAILED, "cannot make a private folder below " + directory.string() + ": " + reason(errno)};
  }
  // The process id and a count make the name new even if the random part comes twice while the first is still mapped.
  const std::string number = std::to_string(::getpid()) + "." + std::to_string(copies.fetch_add(1));
  ModuleCopy copy(fs::path(folder) / (file.stem().string() + "." + number + ".so"));
  if (auto written = write_all(copy.path(), content.value()); !written) return written.error();
  return copy;
}

ModuleCopy::~ModuleCopy() {
  if (path_.empty()) return;
  std::error_code ignored;
  fs::remove(path_, ignored);
  fs::remove(path_.parent_path(), ignored);
}

std::vector<fs::path> copy_directories() {
  std::error_code none;
  std::vector<fs::path> directories;
  if (const fs::path temporary = fs::temp_directory_path(none); !none) directories.push_back(temporary);
  if (fs::is_directory("/dev/shm", none)) directories.emplace_back("/dev/shm");
  std::stable_partition(directories.begin(), directories.end(), [](const fs::path& directory) {
    struct statvfs about {};
    return ::statvfs(directory.c_str(), &about) == 0 && (about.f_flag & ST_NOEXEC) == 0;
  });
  return directories;
}

}  // namespace host_stub
