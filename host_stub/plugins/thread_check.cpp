#include "plugins/thread_check.h"

#include <algorithm>
#include <cstdlib>
#include <dirent.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <thread>
#include <unistd.h>

#include "plugins/thread_stack.h"

namespace host_stub {
namespace {

using std::chrono::steady_clock;
constexpr std::chrono::microseconds between_looks{300};
constexpr std::size_t max_stack_bytes = std::size_t{256} << 10;  // from the stack pointer upwards
enum class Look { outside, inside, running, gone };

std::string task_file(int id, const char* name) { return "/proc/self/task/" + std::to_string(id) + "/" + name; }

std::string first_line(const std::string& file) {
  std::ifstream stream(file);
  std::string line;
  std::getline(stream, line);
  return line;
}

/// Field 22 of stat; the name before it may hold anything, so look from its last parenthesis.
std::uint64_t start_of(int id) {
  const std::string line = first_line(task_file(id, "stat"));
  const auto close = line.rfind(')');
  if (close == std::string::npos) return 0;
  std::istringstream fields(line.substr(close + 1));
  std::string field;
  for (int index = 3; index <= 22; ++index) fields >> field;
  return std::strtoull(field.c_str(), nullptr, 10);
}

bool in(const std::vector<AddressRange>& ranges, std::uintptr_t address, bool executable) {
  return std::any_of(ranges.begin(), ranges.end(), [&](const AddressRange& range) {
    return range.holds(address) && (!executable || range.executable);
  });
}

/// Is this where a call returns to? Other words that look like addresses of code are left-overs.
bool follows_a_call(std::uintptr_t address, const std::vector<AddressRange>& module) {
#if defined(__x86_64__)
  if (!in(module, address - 8, true)) return true;
  const auto* byte = reinterpret_cast<const unsigned char*>(address);  // NOLINT: code of a loaded module
  if (byte[-5] == 0xE8) return true;
  for (const int length : {2, 3, 4, 6, 7, 8}) {
    if (byte[-length] == 0xFF && (byte[-length + 1] & 0x38u) == 0x10u) return true;
  }
  return false;
#else
  (void)address;
  (void)module;
  return true;
#endif
}

/// What lies where in this process.
struct Layout {
  std::vector<AddressRange> module;
  std::vector<AddressRange> trusted;  // the host and the other plugins
  std::vector<AddressRange> all;
};

enum class Starter { module, trusted, unknown };

Starter who_has(std::uintptr_t address, const Layout& layout) {
  if (in(layout.module, address, false)) return Starter::module;
  return in(layout.trusted, address, false) ? Starter::trusted : Starter::unknown;
}

/// Who started the thread: glibc's record of it begins with its own address, twice, and holds the start routine and,
/// next to it, its argument. For std::thread the argument is an object whose virtual table tells whose it is.
Starter starter_of(const std::vector<std::uintptr_t>& words, std::uintptr_t at, const Layout& layout) {
  constexpr std::size_t record_words = 288;  // of struct pthread, 2304 bytes
  std::size_t begin = 0;
  const auto address = [&](std::size_t index) { return at + index * sizeof(std::uintptr_t); };
  while (begin + 2 < words.size() && (words[begin] != address(begin) || words[begin + 2] != address(begin))) ++begin;
  for (std::size_t index = begin + 3; index + 1 < std::min(words.size(), begin + record_words); ++index) {
    if (!in(layout.all, words[index], true)) continue;
    Starter starter = who_has(words[index], layout);
    const std::uintptr_t argument = words[index + 1];
    if (starter == Starter::unknown && argument > 4096 && argument % sizeof(std::uintptr_t) == 0) {
      const auto table = copy_words(argument, sizeof(std::uintptr_t));
      if (!table.empty()) starter = who_has(table.front(), layout);
    }
    if (starter != Starter::unknown) return starter;
  }
  return Starter::unknown;
}

Look scan(std::uintptr_t stack, std::uintptr_t code, const Layout& layout) {
  if (in(layout.module, code, true)) return Look::inside;
  stack &= ~std::uintptr_t{7};
  const std::vector<std::uintptr_t> words = copy_words(stack, max_stack_bytes);
  if (words.empty()) return Look::running;
  const Starter starter = starter_of(words, stack, layout);
  if (starter != Starter::unknown) return starter == Starter::module ? Look::inside : Look::outside;
  if (const auto frames = frames_of({stack, words}, code)) {
    return std::ranges::any_of(*frames, [&](auto address) { return in(layout.module, address, true); }) ? Look::inside
                                                                                                        : Look::outside;
  }
  for (const std::uintptr_t word : words) {
    if (in(layout.module, word, true) && follows_a_call(word, layout.module)) return Look::inside;
  }
  return Look::outside;
}

/// /proc/PID/task/TID/syscall (proc(5)): "running", or the call's number, arguments, stack pointer and program counter.
Look look_at(const ThreadMark& thread, const Layout& layout) {
  if (start_of(thread.id) != thread.started) return Look::gone;
  const std::string line = first_line(task_file(thread.id, "syscall"));
  if (line.empty()) return start_of(thread.id) == thread.started ? Look::running : Look::gone;
  const auto last = line.rfind(' ');
  if (last == std::string::npos || last == 0) return Look::running;
  const auto before = line.rfind(' ', last - 1);
  if (before == std::string::npos) return Look::running;
  return scan(std::strtoull(line.c_str() + before, nullptr, 16), std::strtoull(line.c_str() + last, nullptr, 16),
              layout);
}

std::string described(const ThreadMark& thread, Look look) {
  std::string text = std::to_string(thread.id);
  text.append(" (").append(first_line(task_file(thread.id, "comm")));
  return text.append(look == Look::running ? ", running at every look)" : ")");
}

}  // namespace

std::set<ThreadMark> threads_of_this_process() {
  std::set<ThreadMark> threads;
  DIR* const folder = ::opendir("/proc/self/task");
  if (folder == nullptr) return threads;
  while (const dirent* entry = ::readdir(folder)) {  // NOLINT(concurrency-mt-unsafe): a stream of its own
    const int id = std::atoi(entry->d_name);
    if (id > 0) threads.insert({id, start_of(id)});
  }
  ::closedir(folder);
  return threads;
}

std::vector<AddressRange> mappings_of(const std::string& file) {
  std::vector<AddressRange> ranges;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    if (line.find(file) == std::string::npos) continue;
    char* rest = nullptr;
    const std::uintptr_t begin = std::strtoull(line.c_str(), &rest, 16);
    const std::uintptr_t end = std::strtoull(rest + 1, &rest, 16);
    ranges.push_back({begin, end, std::string_view(rest).substr(1, 4).find('x') != std::string_view::npos});
  }
  return ranges;
}

std::vector<std::string> threads_inside(const std::string& file, const std::string& other_modules,
                                        const std::set<ThreadMark>& suspects, const LookLimits& limits) {
  std::vector<std::string> inside;
  if (suspects.empty()) return inside;
  Layout layout{mappings_of(file), mappings_of(other_modules), mappings_of("")};
  std::error_code none;
  const auto host = std::filesystem::read_symlink("/proc/self/exe", none);
  for (const AddressRange& range : mappings_of(none ? "/host" : host.string())) layout.trusted.push_back(range);
  // One that runs at every look is looked at again while the others are being judged: a busy machine has many of them.
  for (std::set<ThreadMark> open = suspects; !open.empty();) {
    const auto now = steady_clock::now();
    for (auto thread = open.begin(); thread != open.end();) {
      const Look look = look_at(*thread, layout);
      const bool stays = look == Look::inside ? now >= limits.inside : look == Look::running && now >= limits.running;
      if (stays) inside.push_back(described(*thread, look));
      const bool judged = stays || look == Look::outside || look == Look::gone;
      thread = judged ? open.erase(thread) : std::next(thread);
    }
    if (!open.empty()) std::this_thread::sleep_for(between_looks);
  }
  return inside;
}

}  // namespace host_stub
