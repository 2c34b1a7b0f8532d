// Memory for what the host shows to the module, laid out so that a wrong access is noticed.
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <vector>

#include "agent_plugin/abi.h"

namespace plugin_validator {

enum class Layout {
  plain,   // as a friendly host has it: NUL behind every text, zeros behind every struct
  larger,  // a newer host: structs have further members (0xA5), reserved ones are set, texts run into other bytes
  exact,   // each struct and text ends where readable memory ends: reading on crashes
  revoked  // as plain, but arguments become unreadable as soon as the call that borrowed them returns
};

constexpr std::size_t further_bytes = 64;  // what Layout::larger appends to a struct

/// Owns what was placed in it.
class Arena {
 public:
  explicit Arena(Layout layout) noexcept : layout_(layout) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  /// Takes all of it back: Layout::plain and larger free it, revoked makes it unreadable for ever, exact leaves it.
  ~Arena();

  [[nodiscard]] Layout layout() const noexcept { return layout_; }

  /// A copy of a struct of the contract; `size` says what can be read of it.
  template <class T>
  [[nodiscard]] T* place(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    auto* copy = static_cast<T*>(place_bytes(&value, sizeof(T)));
    copy->size = static_cast<std::uint32_t>(sizeof(T) + (layout_ == Layout::larger ? further_bytes : 0));
    if constexpr (requires { copy->reserved; }) {
      if (layout_ == Layout::larger) copy->reserved = 0xA5A5A5A5U;
    }
    return copy;
  }
  /// A copy of an array of value structs or pointers.
  template <class T>
  [[nodiscard]] T* place_array(const std::vector<T>& values) {
    return values.empty() ? nullptr : static_cast<T*>(place_bytes(values.data(), values.size() * sizeof(T)));
  }
  [[nodiscard]] agent_text text(std::string_view value);
  /// `data` of the result is NULL only for a value without data.
  [[nodiscard]] agent_bytes bytes(std::string_view value);

 private:
  [[nodiscard]] void* place_bytes(const void* from, std::size_t size);

  struct Piece {
    char* begin;
    std::size_t size;  // of the mapping; 0: from malloc
  };
  Layout layout_;
  std::vector<Piece> pieces_;
};

[[nodiscard]] inline std::string_view view(const agent_text& text) noexcept {
  return text.data == nullptr ? std::string_view() : std::string_view(text.data, text.size);
}
[[nodiscard]] inline std::string_view view(const agent_bytes& bytes) noexcept {
  return bytes.data == nullptr ? std::string_view()
                               : std::string_view(static_cast<const char*>(bytes.data), bytes.size);
}

[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

}  // namespace plugin_validator
