// The outbox on RocksDB: the thread that syncs in groups, writes erasures and tends to a disk that takes nothing.
#include <chrono>
#include <pthread.h>

#include "store/rocksdb_store.h"

namespace kafka_events {
namespace {

constexpr std::size_t deletions_at_once = 4096;
constexpr auto pause_in_trouble = std::chrono::milliseconds(250);
constexpr auto longest_rest = std::chrono::seconds(10);

}  // namespace

RocksdbStore::~RocksdbStore() {
  {
    const std::lock_guard lock(wake_mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  if (!thread_.joinable()) return;  // never opened
  thread_.join();
  if (const auto done = write_and_sync(true); !done) {
    log_.write(LogLevel::warning, "store", "closing the outbox: " + done.error().message);
  }
}

void RocksdbStore::start() {
  // What the last run left unsynced is safe now, and the file beside says so.
  if (!options_.closed_in_order) (void)sync();
  thread_ = std::thread([this] { run(); });
  pthread_setname_np(thread_.native_handle(), "kfk-fsync");
}

Result<void> RocksdbStore::sync() { return write_and_sync(true); }

void RocksdbStore::wake() noexcept {
  if (dirty_.exchange(true)) return;
  const std::lock_guard lock(wake_mutex_);
  wake_.notify_one();
}

void RocksdbStore::run() {
  std::unique_lock lock(wake_mutex_);
  while (!ending_) {
    const auto rest = troubled_ ? std::chrono::steady_clock::duration(pause_in_trouble) : longest_rest;
    wake_.wait_for(lock, rest, [this] { return ending_ || (dirty_ && !troubled_); });
    if (ending_) return;
    if (troubled_) {
      lock.unlock();
      tend();
      lock.lock();
    } else if (dirty_) {
      wake_.wait_for(lock, options_.group_interval, [this] { return ending_; });
      lock.unlock();
      dirty_ = false;
      (void)write_and_sync(options_.fsync == FsyncPolicy::group);
      lock.lock();
    }
  }
}

/// Writes erasures, then syncs all that was written before. Those who come while it runs wait, and mostly find it done.
Result<void> RocksdbStore::write_and_sync(bool with_sync) {
  const std::uint64_t wanted = appended_;
  const std::lock_guard lock(sync_mutex_);
  if (with_sync && options_.fsync == FsyncPolicy::each && wanted != 0 && synced_ticket_ >= wanted) return {};
  for (const Stream stream : streams) {
    if (auto done = write_erasures(stream); !done) {
      note_trouble(done.error());
      return done;
    }
  }
  if (with_sync) {
    if (auto done = sync_log(appended_); !done) {
      note_trouble(done.error());
      return done;
    }
  }
  // An entry may only go for good when its erasure cannot be undone by a power loss: else positions could go back.
  if (with_sync || options_.fsync == FsyncPolicy::off) forget_what_is_erased();
  return {};
}

/// Everything that the index knows and the database does not; most of it is one pair of numbers.
Result<void> RocksdbStore::write_erasures(Stream stream) {
  StreamState& of = state(stream);
  while (true) {
    const std::lock_guard lock(write_mutex_);  // no reserved position is filled anew while its deletion is on the way
    Erasures erasures;
    {
      const std::lock_guard index_lock(of.mutex);
      erasures.mark = {of.index.erased(), of.index.end()};
      erasures.positions = of.index.take_unwritten(deletions_at_once);
      erasures.ranges = of.index.take_unwritten_ranges();
      if (erasures.positions.empty() && erasures.ranges.empty() && !of.reserved &&
          erasures.mark.erased == of.written.erased) {
        return {};
      }
    }
    auto done = database_->write(stream, erasures);
    const std::lock_guard index_lock(of.mutex);
    if (!done) {
      of.index.put_back_unwritten(erasures.positions, erasures.ranges);
      return done;
    }
    of.written = erasures.mark;
    of.reserved = false;
    if (erasures.positions.size() < deletions_at_once) return {};
  }
}

Result<void> RocksdbStore::sync_log(std::uint64_t ticket) {
  SyncedFile::Ends ends{};
  for (std::size_t i = 0; i < streams.size(); ++i) ends[i] = positions(streams[i]).end;
  if (auto done = database_->sync(); !done) return done;
  synced_ticket_ = ticket;
  ++fsyncs_;
  synced_file_.write(ends);
  return {};
}

void RocksdbStore::forget_what_is_erased() {
  for (const Stream stream : streams) database_->forget(stream, state(stream).written.erased);
  if (erased_bytes_ - erased_bytes_dropped_ < Database::buffer_bytes) return;
  erased_bytes_dropped_ = erased_bytes_;
  for (const Stream stream : streams) database_->drop_tables(stream, state(stream).written.erased);
}

/// What is erased gives its room back at once, and so does the log.
Result<void> RocksdbStore::make_room() {
  const std::lock_guard lock(sync_mutex_);
  if (auto done = database_->flush(); !done) return done;
  for (const Stream stream : streams) database_->drop_tables(stream, state(stream).written.erased);
  return {};
}

/// Until the disk takes something again: what is erased gives room back, and what the log could not take is given up by
/// beginning a new one.
void RocksdbStore::tend() {
  if (const auto done = database_->resume(); !done) return note_trouble(done.error());
  if (!write_and_sync(true)) return;
  if (const auto done = make_room(); !done) return note_trouble(done.error());
  bool room = false;
  {
    const std::lock_guard lock(write_mutex_);
    room = space_.room() > 0;
  }
  if (room) note_recovery();
}

void RocksdbStore::note_trouble(const Error& error) {
  bool is_new = false;
  {
    const std::lock_guard lock(trouble_mutex_);
    is_new = trouble_.empty();
    trouble_ = error.message;
  }
  if (is_new) log_.write(LogLevel::warning, "store", error.message);
  if (troubled_.exchange(true)) return;
  const std::lock_guard lock(wake_mutex_);
  wake_.notify_one();
}

void RocksdbStore::note_recovery() {
  troubled_ = false;
  {
    const std::lock_guard lock(trouble_mutex_);
    trouble_.clear();
  }
  log_.write(LogLevel::info, "store", "the outbox's disk takes entries again");
}

}  // namespace kafka_events
