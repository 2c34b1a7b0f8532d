// The few numbers that are kept beside the entries.
#include "store/mark_format.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "store/database.h"

namespace kafka_events {
namespace {

constexpr std::uint64_t mark_version = 1;

/// Numbers of eight bytes each, as PositionKey writes them.
template <std::size_t count>
std::string encode(const std::array<std::uint64_t, count>& numbers) {
  std::string bytes;
  for (const std::uint64_t number : numbers) bytes.append(PositionKey(number).bytes.data(), sizeof number);
  return bytes;
}

std::uint64_t number_at(std::string_view bytes, std::size_t index) {
  return PositionKey::position({bytes.data() + index * sizeof(std::uint64_t), sizeof(std::uint64_t)});
}

/// FNV-1a, against a file that is written in part.
std::uint64_t checksum(std::string_view bytes) noexcept {
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001B3ULL;
  return hash;
}

}  // namespace

std::string encode_mark(const StreamMark& mark) {
  return encode(std::array{mark_version, mark.erased.floor, mark.end, mark.erased.gap.first, mark.erased.gap.end});
}

Result<StreamMark> decode_mark(std::string_view bytes) {
  if (bytes.size() != 5 * sizeof(std::uint64_t) || number_at(bytes, 0) != mark_version) {
    return Error(ErrorCode::unsupported,
                 "the outbox was written by another version of this program; use that one to drain it");
  }
  return StreamMark{{number_at(bytes, 1), {number_at(bytes, 3), number_at(bytes, 4)}}, number_at(bytes, 2)};
}

Result<SyncedFile> SyncedFile::open(const std::string& path) {
  SyncedFile file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  struct stat about {};
  if (file.descriptor_ < 0 || fstat(file.descriptor_, &about) != 0) {
    return Error(ErrorCode::failed, path + " cannot be opened (" + std::generic_category().message(errno) +
                                        "); the agent's user must be able to write there");
  }
  file.is_new_ = about.st_size == 0;
  return file;
}

SyncedFile::~SyncedFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

SyncedFile::SyncedFile(SyncedFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), is_new_(other.is_new_) {}

SyncedFile& SyncedFile::operator=(SyncedFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(is_new_, other.is_new_);
  return *this;
}

SyncedFile::Ends SyncedFile::read() const {
  std::array<char, 3 * sizeof(std::uint64_t)> bytes{};
  if (pread(descriptor_, bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) return {};
  const std::string_view all(bytes.data(), bytes.size());
  if (checksum(all.substr(0, 2 * sizeof(std::uint64_t))) != number_at(all, 2)) return {};
  return {number_at(all, 0), number_at(all, 1)};
}

void SyncedFile::write(const Ends& ends) const noexcept {
  std::array<char, 3 * sizeof(std::uint64_t)> bytes{};
  for (std::size_t i = 0; i < ends.size(); ++i) {
    std::memcpy(bytes.data() + i * sizeof(std::uint64_t), PositionKey(ends[i]).bytes.data(), sizeof(std::uint64_t));
  }
  const std::uint64_t sum = checksum({bytes.data(), 2 * sizeof(std::uint64_t)});
  std::memcpy(bytes.data() + 2 * sizeof(std::uint64_t), PositionKey(sum).bytes.data(), sizeof(std::uint64_t));
  // Should it fail, less is known at the next start, and nothing wrong.
  if (pwrite(descriptor_, bytes.data(), bytes.size(), 0) < 0) return;
}

}  // namespace kafka_events
