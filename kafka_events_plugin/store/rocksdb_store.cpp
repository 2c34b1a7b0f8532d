// The outbox on RocksDB: appending, reading, erasing.
#include "store/rocksdb_store.h"

#include "store/entry_format.h"

namespace kafka_events {
namespace {

constexpr std::uint64_t key_bytes = sizeof(std::uint64_t);
constexpr std::size_t largest_entry = std::size_t{1} << 30U;

std::uint64_t counted(std::string_view bytes) noexcept { return key_bytes + bytes.size(); }

}  // namespace

Result<std::unique_ptr<OutboxStore>> OutboxStore::open(const OutboxOptions& options, Log& log) {
  auto store = RocksdbStore::create(options, log);
  if (!store) return store.error();
  return std::unique_ptr<OutboxStore>(std::move(store).value());
}

Result<std::uint64_t> RocksdbStore::append(Stream stream, const StoredEntry& entry) {
  if (encoded_size(entry) > std::min<std::uint64_t>(largest_entry, options_.max_bytes - key_bytes)) {
    return Error(ErrorCode::too_large, "an entry of " + std::to_string(encoded_size(entry)) +
                                           " bytes does not fit into the outbox; raise outbox.max_bytes");
  }
  std::string bytes;
  encode_entry(entry, bytes);
  auto position = append_bytes(stream, nullptr, bytes);
  return position && options_.fsync == FsyncPolicy::each ? made_durable(stream, position.value()) : position;
}

Result<void> RocksdbStore::append_at(Stream stream, std::uint64_t position, const StoredEntry& entry) {
  if (encoded_size(entry) > largest_entry) return Error(ErrorCode::too_large, "an entry of more than 1 GiB");
  std::string bytes;
  encode_entry(entry, bytes);
  auto done = append_bytes(stream, &position, bytes);
  if (done && options_.fsync == FsyncPolicy::each) done = made_durable(stream, position);
  return done ? Result<void>() : done.error();
}

/// Under `position`, or under the next one if that is null.
Result<std::uint64_t> RocksdbStore::append_bytes(Stream stream, const std::uint64_t* position,
                                                 const std::string& bytes) {
  StreamState& to = state(stream);
  const std::uint64_t size = counted(bytes);
  const std::lock_guard lock(write_mutex_);
  std::uint64_t place = 0;
  {
    const std::lock_guard index_lock(to.mutex);
    if (position != nullptr && !to.index.is_free(*position)) {
      return Error(ErrorCode::state, "outbox position " + std::to_string(*position) + " is not kept free");
    }
    place = position != nullptr ? *position : to.index.end();
  }
  if (const auto admitted = admit(size); !admitted) return refuse(admitted.error());
  if (const auto done = database_->put(stream, place, bytes); !done) {
    note_trouble(done.error());
    return refuse(done.error());
  }
  {
    const std::lock_guard index_lock(to.mutex);
    if (position != nullptr) {
      to.index.add_at(place, size);
    } else {
      to.index.add_next(size);
    }
    // Within the lock, so that an erasure never counts down what was not counted.
    ++entries_;
    bytes_ += size;
  }
  ++appended_;
  wake();
  return place;
}

Result<void> RocksdbStore::admit(std::uint64_t bytes) {
  if (bytes_.load(std::memory_order_relaxed) + bytes > options_.max_bytes) {
    return Error(ErrorCode::busy, "outbox " + options_.path + " is full (" + std::to_string(options_.max_bytes) +
                                      " bytes); it empties when Kafka takes records, or raise outbox.max_bytes");
  }
  if (space_.take(bytes)) return {};
  Error error(ErrorCode::busy,
              "outbox " + options_.path + ": the disk is full; make room on it, the outbox goes on by itself");
  note_trouble(error);
  return error;
}

Error RocksdbStore::refuse(Error error) {
  ++refused_;
  return error;
}

/// FsyncPolicy::each. What a sync does not take is taken back, since its publisher is told so.
Result<std::uint64_t> RocksdbStore::made_durable(Stream stream, std::uint64_t position) {
  const auto done = write_and_sync(true);
  if (done) return position;
  const PositionRange range{position, position + 1};
  (void)erase(stream, {&range, 1});
  return refuse(done.error());
}

std::uint64_t RocksdbStore::reserve(Stream stream, std::uint64_t count) {
  StreamState& of = state(stream);
  const std::lock_guard lock(write_mutex_);
  const std::lock_guard index_lock(of.mutex);
  const std::uint64_t first = of.index.reserve(count);
  of.reserved = true;
  wake();
  return first;
}

bool RocksdbStore::reserve_again(Stream stream, PositionRange left) {
  StreamState& of = state(stream);
  const std::lock_guard lock(of.mutex);
  return of.index.reserve_again(left);
}

Result<std::uint64_t> RocksdbStore::read(Stream stream, std::uint64_t from, std::size_t max_entries,
                                         std::size_t max_bytes, const Visitor& visitor) {
  const StreamState& of = state(stream);
  const PositionRange range = positions(stream);
  const std::uint64_t begin = std::max(from, range.first);
  std::uint64_t next = from;
  if (begin >= range.end || max_entries == 0) return next;
  EntryDecoder decoder;
  std::size_t entries = 0;
  std::size_t bytes = 0;
  std::optional<Error> damage;
  const auto visit = [&](std::uint64_t position, std::string_view encoded) {
    {
      const std::lock_guard lock(of.mutex);
      if (!of.index.contains(position)) return true;  // erased, though the disk does not know yet
    }
    const auto entry = decoder.decode(encoded);
    if (!entry)
      damage = entry.error().within("outbox " + options_.path + ": the entry at position " + std::to_string(position) +
                                    " is damaged");
    if (!entry || !visitor(position, entry.value())) return false;
    next = position + 1;
    bytes += encoded.size();
    return ++entries < max_entries && bytes < max_bytes;
  };
  const auto done = database_->scan(stream, begin, range.end, visit);
  // What was visited before it is told first.
  if (next != from) return next;
  if (damage) return *damage;
  if (!done) return done.error();
  return next;
}

Result<void> RocksdbStore::erase(Stream stream, std::span<const PositionRange> ranges) {
  StreamState& of = state(stream);
  PositionIndex::Removed all;
  {
    const std::lock_guard lock(of.mutex);
    for (const PositionRange range : ranges) {
      const PositionIndex::Removed removed = of.index.remove(range);
      all.entries += removed.entries;
      all.bytes += removed.bytes;
    }
    entries_ -= all.entries;
    bytes_ -= all.bytes;
  }
  erased_ += all.entries;
  erased_bytes_ += all.bytes;
  wake();
  return {};
}

PositionRange RocksdbStore::positions(Stream stream) const {
  const StreamState& of = state(stream);
  const std::lock_guard lock(of.mutex);
  return {of.index.erased().floor, of.index.end()};
}

std::uint64_t RocksdbStore::entries(Stream stream) const {
  const StreamState& of = state(stream);
  const std::lock_guard lock(of.mutex);
  return of.index.entries();
}

std::vector<PositionRange> RocksdbStore::held(Stream stream, PositionRange among) const {
  const StreamState& of = state(stream);
  const std::lock_guard lock(of.mutex);
  return of.index.held(among);
}

OutboxFigures RocksdbStore::figures() const {
  OutboxFigures figures;
  figures.entries = entries_;
  figures.bytes = bytes_;
  figures.max_bytes = options_.max_bytes;
  figures.appended = appended_;
  figures.erased = erased_;
  figures.refused = refused_;
  figures.fsyncs = fsyncs_;
  const std::lock_guard lock(trouble_mutex_);
  figures.trouble = trouble_;
  return figures;
}

}  // namespace kafka_events
