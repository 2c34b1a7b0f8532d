// Events that can be counted: `k0007|42|filler|checksum` is the 42nd of the 7th key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace swap_load {

/// Keys count from 0 to 9999, numbers from 1 within their key.
struct Numbered {
  std::uint32_t key = 0;
  std::uint64_t number = 0;
};

[[nodiscard]] std::string key_text(std::uint32_t key);

/// Writes it into `out`, padded to about `size` octets.
void write_numbered(std::string& out, const Numbered& numbered, std::size_t size);

/// Nothing if one octet of it is wrong.
[[nodiscard]] std::optional<Numbered> parse_numbered(std::string_view text);

}  // namespace swap_load
