// How an entry lies on disk: a version, fixed numbers, then texts with their lengths, all little-endian.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "store/outbox_store.h"

namespace kafka_events {

/// Bytes that encode_entry() makes of this entry.
[[nodiscard]] std::size_t encoded_size(const StoredEntry& entry) noexcept;

/// Replaces `out`. Each text of the entry must be smaller than 4 GiB - 1.
void encode_entry(const StoredEntry& entry, std::string& out);

/// Reads entries back; one decoder serves many, one at a time.
class EntryDecoder {
 public:
  /// Views of `bytes` and of this decoder, until the next call. Fails, whatever the bytes are, rather than read beyond them.
  Result<StoredEntry> decode(std::string_view bytes);

 private:
  std::vector<Header> headers_;
};

}  // namespace kafka_events
