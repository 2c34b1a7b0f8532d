// How an entry lies on disk.
#include "store/entry_format.h"

#include <array>
#include <cstring>
#include <type_traits>

namespace kafka_events {
namespace {

constexpr std::uint8_t version = 1;
constexpr std::uint8_t flag_payload_is_value = 1;
constexpr std::uint32_t null_length = 0xFFFFFFFF;
constexpr std::size_t fixed_size = 1 + 1 + 4 + 8 + 4;  // version, flags, partition, timestamp, number of headers
constexpr std::size_t smallest_header = 8;             // two lengths

bool payload_is_value(const StoredEntry& entry) noexcept {
  return entry.payload.data() != nullptr && entry.payload.data() == entry.value.data() &&
         entry.payload.size() == entry.value.size();
}

/// The texts around the headers, in the order in which they are stored; the payload comes last.
std::array<Bytes, 8> texts(const StoredEntry& entry) noexcept {
  return {entry.kafka_topic, entry.key,       entry.value,    entry.event_topic,
          entry.tenant,      entry.event_key, entry.event_id, entry.content_type};
}

class Writer {
 public:
  explicit Writer(char* to) noexcept : to_(to) {}
  template <class T>
  void number(T value) noexcept {
    for (std::size_t byte = 0; byte < sizeof(T); ++byte) {
      *to_++ = static_cast<char>(static_cast<std::make_unsigned_t<T>>(value) >> (8 * byte));
    }
  }
  void text(Bytes bytes) noexcept {
    number(is_null(bytes) ? null_length : static_cast<std::uint32_t>(bytes.size()));
    if (!bytes.empty()) std::memcpy(to_, bytes.data(), bytes.size());
    to_ += bytes.size();
  }

 private:
  char* to_;
};

/// Reads what a Writer wrote; once something is missing every further value is 0 and ok() is false.
class Reader {
 public:
  explicit Reader(std::string_view bytes) noexcept : left_(bytes) {}
  template <class T>
  T number() noexcept {
    std::make_unsigned_t<T> value = 0;
    if (!take(sizeof(T))) return 0;
    for (std::size_t byte = sizeof(T); byte-- > 0;) {
      value =
          static_cast<std::make_unsigned_t<T>>((std::uint64_t{value} << 8U) | static_cast<unsigned char>(taken_[byte]));
    }
    return static_cast<T>(value);
  }
  Bytes text() noexcept {
    const auto length = number<std::uint32_t>();
    return length != null_length && take(length) ? taken_ : Bytes{};
  }
  [[nodiscard]] bool ok() const noexcept { return ok_; }
  [[nodiscard]] std::size_t left() const noexcept { return left_.size(); }

 private:
  bool take(std::size_t size) noexcept {
    ok_ = ok_ && size <= left_.size();
    if (!ok_) return false;
    taken_ = left_.substr(0, size);
    left_.remove_prefix(size);
    return true;
  }

  std::string_view left_;
  std::string_view taken_;
  bool ok_ = true;
};

}  // namespace

std::size_t encoded_size(const StoredEntry& entry) noexcept {
  std::size_t size = fixed_size;
  for (const Bytes text : texts(entry)) size += 4 + text.size();
  for (const Header& header : entry.headers) size += smallest_header + header.name.size() + header.value.size();
  return payload_is_value(entry) ? size : size + 4 + entry.payload.size();
}

void encode_entry(const StoredEntry& entry, std::string& out) {
  out.resize(encoded_size(entry));
  Writer writer(out.data());
  const bool shared = payload_is_value(entry);
  writer.number(version);
  writer.number(static_cast<std::uint8_t>(shared ? flag_payload_is_value : 0));
  writer.number(entry.partition);
  writer.number(entry.timestamp_ms);
  writer.number(static_cast<std::uint32_t>(entry.headers.size()));
  for (const Bytes text : texts(entry)) writer.text(text);
  for (const Header& header : entry.headers) {
    writer.text(header.name);
    writer.text(header.value);
  }
  if (!shared) writer.text(entry.payload);
}

Result<StoredEntry> EntryDecoder::decode(std::string_view bytes) {
  Reader reader(bytes);
  const auto found_version = reader.number<std::uint8_t>();
  if (found_version != version) {
    return Error(ErrorCode::unsupported,
                 "it has format version " + std::to_string(found_version) + ", this program reads version 1");
  }
  const auto flags = reader.number<std::uint8_t>();
  StoredEntry entry;
  entry.partition = reader.number<std::int32_t>();
  entry.timestamp_ms = reader.number<std::int64_t>();
  const auto header_count = reader.number<std::uint32_t>();
  for (Bytes* text : {&entry.kafka_topic, &entry.key, &entry.value, &entry.event_topic, &entry.tenant, &entry.event_key,
                      &entry.event_id, &entry.content_type}) {
    *text = reader.text();
  }
  headers_.clear();
  // Checked before memory is taken for them.
  if (header_count > reader.left() / smallest_header) return Error(ErrorCode::failed, "its headers are cut off");
  headers_.reserve(header_count);
  for (std::uint32_t i = 0; i < header_count; ++i) {
    const Bytes name = reader.text();
    headers_.push_back({name, reader.text()});
  }
  entry.headers = headers_;
  entry.payload = (flags & flag_payload_is_value) != 0 ? entry.value : reader.text();
  if (!reader.ok()) return Error(ErrorCode::failed, "it is cut off");
  if (reader.left() != 0) return Error(ErrorCode::failed, "bytes follow its end");
  return entry;
}

}  // namespace kafka_events
