// A page of shared memory: plain stores, because the process may be killed at any moment and nobody reads before that.
#include "step.h"

#include <algorithm>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

namespace plugin_validator {
namespace {

constexpr std::size_t board_bytes = 256;
char* board = nullptr;  // this process's, if it has one

char* map(int descriptor) noexcept {
  void* memory = ::mmap(nullptr, board_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<char*>(memory);
}

}  // namespace

StepBoard StepBoard::make() noexcept {
  StepBoard made;
  made.descriptor_ = ::memfd_create("steps", MFD_CLOEXEC);
  if (made.descriptor_ >= 0 && ::ftruncate(made.descriptor_, board_bytes) == 0) made.text_ = map(made.descriptor_);
  return made;
}

void StepBoard::adopt(int descriptor) noexcept { board = map(descriptor); }

StepBoard::StepBoard(StepBoard&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), text_(std::exchange(other.text_, nullptr)) {}

StepBoard::~StepBoard() {
  if (text_ != nullptr) ::munmap(text_, board_bytes);
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::string StepBoard::last_step() const {
  return text_ == nullptr ? std::string() : std::string(text_, ::strnlen(text_, board_bytes));
}

void step(std::string_view what) noexcept {
  if (board == nullptr) return;
  const std::size_t size = std::min(what.size(), board_bytes - 1);
  std::memcpy(board, what.data(), size);
  board[size] = '\0';
}

}  // namespace plugin_validator
