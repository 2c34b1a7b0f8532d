// The outbox on RocksDB: opening it, and what is looked at before anything is changed.
#include <cerrno>
#include <cstdio>
#include <sys/random.h>
#include <sys/stat.h>
#include <system_error>

#include "store/rocksdb_store.h"

namespace kafka_events {
namespace {

/// Two buffers for each stream and what merging them takes may still have to be written on a disk that is full.
constexpr std::uint64_t headroom = 3 * Database::buffer_bytes;

Result<void> make_directory(const std::string& path) {
  struct stat about {};
  if (mkdir(path.c_str(), 0700) == 0) return {};
  const int error = errno;
  if (error == EEXIST && stat(path.c_str(), &about) == 0 && S_ISDIR(about.st_mode)) return {};
  const std::string why = error == EEXIST ? "it is no directory" : std::generic_category().message(error);
  return Error(ErrorCode::failed, "outbox " + path + " cannot be made (" + why +
                                      "); the directory above it must exist and be writable for the agent's user");
}

std::string uuid(std::array<unsigned char, 16> random) {
  random[6] = static_cast<unsigned char>((random[6] & 0x0FU) | 0x40U);  // RFC 4122, version 4
  random[8] = static_cast<unsigned char>((random[8] & 0x3FU) | 0x80U);
  std::string text;
  for (std::size_t i = 0; i < random.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    std::array<char, 3> hex{};
    (void)snprintf(hex.data(), hex.size(), "%02x", random[i]);
    text += hex.data();
  }
  return text;
}

using Ends = SyncedFile::Ends;

Result<Ends> ends_seen(const std::string& path, Database::Mode mode, Log& log) {
  const auto database = Database::open(path, mode, log);
  if (!database) return database.error();
  Ends ends{};
  for (std::size_t i = 0; i < streams.size(); ++i) {
    const auto end = database.value()->next_position(streams[i]);
    if (!end) return end.error();
    ends[i] = end.value();
  }
  return ends;
}

std::uint64_t missing(const Ends& there, const Ends& synced) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < there.size(); ++i) sum += synced[i] > there[i] ? synced[i] - there[i] : 0;
  return sum;
}

/// RocksDB's recovery drops whatever follows damage in its log. That is right for a last write that was torn, and wrong
/// when whole entries follow: then nothing may be touched.
Result<void> look_for_damage(const std::string& path, const Ends& synced, Log& log) {
  const auto there = ends_seen(path, Database::Mode::look, log);
  if (!there) return there.error();
  const std::uint64_t lost = missing(there.value(), synced);
  if (lost == 0) return {};
  const auto beyond = ends_seen(path, Database::Mode::look_beyond, log);
  if (!beyond || beyond.value() != there.value()) {
    return Error(ErrorCode::failed,
                 "outbox " + path +
                     " is damaged: in the middle of its log entries cannot be read that were safely on disk, and whole "
                     "ones follow; stop the agent, move the directory away to examine or restore it, and start with an "
                     "empty one: what waited in it is then not sent");
  }
  const std::string text = "the end of the outbox's log is torn: " + std::to_string(lost) +
                           " entries are lost although the disk had confirmed them; check the disk";
  log.write(LogLevel::error, "store", text);
  return {};
}

}  // namespace

Result<std::unique_ptr<RocksdbStore>> RocksdbStore::create(const OutboxOptions& options, Log& log) {
  if (const auto made = make_directory(options.path); !made) return made.error();
  auto lock = OwnerLock::take(options.path);
  if (!lock) return lock.error();
  auto synced = SyncedFile::open(options.path + "/synced");
  if (!synced) return synced.error();
  std::unique_ptr<RocksdbStore> store(
      new RocksdbStore(options, log, std::move(lock).value(), std::move(synced).value()));
  if (const auto loaded = store->load(); !loaded) {
    if (loaded.error().code != ErrorCode::busy) return loaded.error();
    return Error(ErrorCode::failed,
                 "outbox " + options.path + " cannot be opened: the disk is full; make room on it and start again");
  }
  store->start();
  return store;
}

RocksdbStore::RocksdbStore(const OutboxOptions& options, Log& log, OwnerLock lock, SyncedFile synced)
    : options_(options),
      log_(log),
      lock_(std::move(lock)),
      synced_file_(std::move(synced)),
      space_(options.path, headroom) {}

Result<void> RocksdbStore::load() {
  const std::string path = options_.path + "/db";
  const bool is_new = synced_file_.is_new();
  const SyncedFile::Ends synced = synced_file_.read();
  if (!is_new && !options_.closed_in_order) {
    if (auto sound = look_for_damage(path, synced, log_); !sound) return sound;
  }
  const Database::Mode mode = is_new                     ? Database::Mode::create
                              : options_.closed_in_order ? Database::Mode::go_on
                                                         : Database::Mode::existing;
  auto database = Database::open(path, mode, log_);
  if (!database) return database.error();
  database_ = std::move(database).value();
  for (const Stream stream : streams) {
    if (auto loaded = load_stream(stream); !loaded) return loaded;
  }
  return load_id();
}

/// Reads all of it once, so that damage is told now and not to whoever comes to it.
Result<void> RocksdbStore::load_stream(Stream stream) {
  StreamState& to = state(stream);
  const auto mark = database_->mark(stream);
  if (!mark) return mark.error();
  to.written = mark.value();
  to.index.restore(mark.value().erased, mark.value().end);
  database_->forget(stream, mark.value().erased);
  const auto add = [&](std::uint64_t position, std::string_view bytes) {
    if (mark.value().erased.cover(position)) return true;
    const std::uint64_t size = sizeof position + bytes.size();
    to.index.add_found(position, size);
    bytes_ += size;
    return true;
  };
  auto done = database_->scan(stream, mark.value().erased.floor, UINT64_MAX, add);
  entries_ += to.index.entries();
  return done;
}

Result<void> RocksdbStore::load_id() {
  const auto found = database_->text("id");
  if (!found) return found.error();
  if (found.value()) {
    id_ = *found.value();
    return {};
  }
  std::array<unsigned char, 16> random{};
  if (getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size())) {
    return Error(ErrorCode::failed, "the kernel gives no random numbers for the outbox's id");
  }
  id_ = uuid(random);
  return database_->set_text("id", id_);
}

}  // namespace kafka_events
