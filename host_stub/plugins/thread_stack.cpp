// libunwind walks a copy of the stack: its accessors are ours, its tables those of this process.
#include "plugins/thread_stack.h"

#include <algorithm>
#include <libunwind.h>
#include <sys/uio.h>
#include <unistd.h>

namespace host_stub {
namespace {

constexpr std::size_t max_frames = 256;
constexpr std::uintptr_t page_bytes = 4096;

/// What the accessors are handed as their argument.
struct Thread {
  const StackCopy& stack;
  std::uintptr_t code;
};

int find_proc_info(unw_addr_space_t, unw_word_t address, unw_proc_info_t* info, int need_unwind_info, void* thread) {
  return unw_get_accessors(unw_local_addr_space)
      ->find_proc_info(unw_local_addr_space, address, info, need_unwind_info, thread);
}
void put_unwind_info(unw_addr_space_t, unw_proc_info_t* info, void* thread) {
  unw_get_accessors(unw_local_addr_space)->put_unwind_info(unw_local_addr_space, info, thread);
}
int no_dynamic_code(unw_addr_space_t, unw_word_t*, void*) { return -UNW_ENOINFO; }

int read_memory(unw_addr_space_t, unw_word_t address, unw_word_t* value, int write, void* argument) {
  if (write != 0) return -UNW_EINVAL;
  const StackCopy& stack = static_cast<const Thread*>(argument)->stack;
  if (address >= stack.at && (address - stack.at) / sizeof(std::uintptr_t) < stack.words.size()) {
    *value = stack.words[(address - stack.at) / sizeof(std::uintptr_t)];
    return 0;
  }
  const auto word = copy_words(address, sizeof(std::uintptr_t));
  if (word.empty()) return -UNW_EINVAL;
  *value = word.front();
  return 0;
}

int read_register(unw_addr_space_t, unw_regnum_t number, unw_word_t* value, int write, void* argument) {
  const Thread& thread = *static_cast<const Thread*>(argument);
  if (write != 0) return -UNW_EREADONLYREG;
  *value = number == UNW_REG_SP ? thread.stack.at : number == UNW_REG_IP ? thread.code : 0;
  return 0;
}
int no_float(unw_addr_space_t, unw_regnum_t, unw_fpreg_t*, int, void*) { return -UNW_EBADREG; }
int no_resume(unw_addr_space_t, unw_cursor_t*, void*) { return -UNW_EINVAL; }
int no_name(unw_addr_space_t, unw_word_t, char*, size_t, unw_word_t*, void*) { return -UNW_ENOINFO; }

}  // namespace

std::vector<std::uintptr_t> copy_words(std::uintptr_t from, std::size_t bytes) {
  std::vector<std::uintptr_t> words(bytes / sizeof(std::uintptr_t));
  iovec to{words.data(), words.size() * sizeof(std::uintptr_t)};
  // A piece that lies only in part in readable memory is not copied at all, so each page is a piece of its own.
  std::vector<iovec> pages;
  for (std::uintptr_t at = from, end = from + to.iov_len; at < end;) {
    const std::uintptr_t next = std::min(end, (at / page_bytes + 1) * page_bytes);
    pages.push_back({reinterpret_cast<void*>(at), next - at});  // NOLINT: an address from the kernel
    at = next;
  }
  const ssize_t got = ::process_vm_readv(::getpid(), &to, 1, pages.data(), pages.size(), 0);
  words.resize(got > 0 ? static_cast<std::size_t>(got) / sizeof(std::uintptr_t) : 0);
  return words;
}

std::optional<std::vector<std::uintptr_t>> frames_of(const StackCopy& stack, std::uintptr_t code) {
  unw_accessors_t accessors{find_proc_info, put_unwind_info, no_dynamic_code, read_memory,
                            read_register,  no_float,        no_resume,       no_name};
  const unw_addr_space_t space = unw_create_addr_space(&accessors, 0);
  if (space == nullptr) return std::nullopt;
  Thread thread{stack, code};
  std::vector<std::uintptr_t> frames;
  unw_cursor_t cursor;
  int more = unw_init_remote(&cursor, space, &thread) == 0 ? 1 : -1;
  while (more > 0 && frames.size() < max_frames) {
    unw_word_t address = 0;
    if (unw_get_reg(&cursor, UNW_REG_IP, &address) != 0) more = -1;
    if (more > 0) frames.push_back(address);
    if (more > 0) more = unw_step(&cursor);
  }
  unw_destroy_addr_space(space);
  if (more != 0) return std::nullopt;
  return frames;
}

}  // namespace host_stub
