// A guard page behind each piece: one mapping for each struct and text, which is fine for the few that a check makes.
#include "host/memory.h"

#include <cstdint>
#include <cstdlib>
#include <new>
#include <sys/mman.h>
#include <unistd.h>

namespace plugin_validator {
namespace {

constexpr int poison = 0xA5;

bool is_mapped(Layout layout) noexcept { return layout == Layout::exact || layout == Layout::revoked; }

std::size_t rounded_up(std::size_t size, std::size_t unit) noexcept { return (size + unit - 1) / unit * unit; }

char* map(std::size_t size) {
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return static_cast<char*>(memory);
}

}  // namespace

Arena::~Arena() {
  for (const Piece& piece : pieces_) {
    if (piece.size == 0) {
      std::free(piece.begin);
    } else if (layout_ == Layout::revoked) {
      ::mprotect(piece.begin, piece.size, PROT_NONE);
      ::madvise(piece.begin, piece.size, MADV_DONTNEED);
    }
  }
}

void* Arena::place_bytes(const void* from, std::size_t size) {
  char* at = nullptr;
  if (is_mapped(layout_)) {
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const std::size_t readable = rounded_up(size + (layout_ == Layout::revoked ? further_bytes : 1), page);
    char* begin = map(readable + page);
    std::memset(begin, layout_ == Layout::revoked ? 0 : poison, readable);
    ::mprotect(begin + readable, page, PROT_NONE);
    pieces_.push_back({begin, readable + page});
    at = layout_ == Layout::revoked ? begin : begin + readable - size;
  } else {
    at = static_cast<char*>(std::malloc(size + further_bytes));
    if (at == nullptr) throw std::bad_alloc();
    std::memset(at, layout_ == Layout::larger ? poison : 0, size + further_bytes);
    pieces_.push_back({at, 0});
  }
  if (size > 0) std::memcpy(at, from, size);
  return at;
}

agent_text Arena::text(std::string_view value) {
  if (value.empty()) return {layout_ == Layout::plain ? "" : nullptr, 0};
  return {static_cast<const char*>(place_bytes(value.data(), value.size())), value.size()};
}

agent_bytes Arena::bytes(std::string_view value) {
  if (value.data() == nullptr) return {nullptr, 0};
  return {place_bytes(value.data(), value.size()), value.size()};
}

bool is_utf8(std::string_view text) noexcept {
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xC2 ? 0
                               : lead < 0xE0 ? 2
                               : lead < 0xF0 ? 3
                               : lead < 0xF5 ? 4
                                             : 0;
    if (length == 0 || text.size() - at < length) return false;
    for (std::size_t next = 1; next < length; ++next) {
      if ((static_cast<unsigned char>(text[at + next]) & 0xC0) != 0x80) return false;
    }
    const auto second = length > 2 ? static_cast<unsigned char>(text[at + 1]) : 0;
    if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) || (lead == 0xF0 && second < 0x90) ||
        (lead == 0xF4 && second > 0x8F)) {
      return false;  // overlong, a surrogate, or past U+10FFFF
    }
    at += length;
  }
  return true;
}

}  // namespace plugin_validator
