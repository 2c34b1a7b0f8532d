// The RocksDB database below the outbox.
#include "store/database.h"

#include <rocksdb/convenience.h>
#include <rocksdb/transaction_log.h>
#include <rocksdb/version.h>
#include <rocksdb/write_batch.h>

#include "core/resident_library.h"
#include "store/database_options.h"
#include "store/mark_format.h"

namespace kafka_events {
namespace {

std::size_t index_of(Stream stream) noexcept { return stream == Stream::at_least_once ? 0 : 1; }

std::string mark_name(Stream stream) { return stream == Stream::at_least_once ? "stream 1" : "stream 2"; }

}  // namespace

Database::Database(std::string path, Log& log)
    : path_(std::move(path)),
      library_log_(std::make_shared<LibraryLog>(log)),
      filters_{std::make_shared<ErasedFilterFactory>(), std::make_shared<ErasedFilterFactory>()},
      log_sync_(path_) {}

Result<std::unique_ptr<Database>> Database::open(const std::string& path, Mode mode, Log& log) {
  // Its static objects must outlive this module.
  keep_library_resident(reinterpret_cast<const void*>(&rocksdb::GetRocksVersionAsString), "librocksdb");
  std::unique_ptr<Database> database(new Database(path, log));
  if (const auto done = database->result_of(database->open_library(mode)); !done) return done.error();
  return database;
}

rocksdb::Status Database::open_library(Mode mode) {
  rocksdb::DBOptions options = database_options(threads_, library_log_);
  options.create_if_missing = options.create_missing_column_families = mode == Mode::create;
  const std::vector<rocksdb::ColumnFamilyDescriptor> families = {
      {rocksdb::kDefaultColumnFamilyName, mark_options()},
      {"at_least_once", entry_options(filters_[0], buffer_bytes)},
      {"exactly_once", entry_options(filters_[1], buffer_bytes)}};
  rocksdb::DB* opened = nullptr;
  if (mode == Mode::look_beyond) options.wal_recovery_mode = rocksdb::WALRecoveryMode::kSkipAnyCorruptedRecords;
  // The log stays, and is read once more at the next start; it is flushed when it has grown, as always.
  options.avoid_flush_during_recovery = mode == Mode::go_on;
  const bool only_look = mode == Mode::look || mode == Mode::look_beyond;
  rocksdb::Status status = only_look ? rocksdb::DB::OpenForReadOnly(options, path_, families, &families_, &opened)
                                     : rocksdb::DB::Open(options, path_, families, &families_, &opened);
  db_.reset(opened);
  return status;
}

Database::~Database() {
  if (db_ == nullptr) return;
  for (rocksdb::ColumnFamilyHandle* handle : families_) (void)db_->DestroyColumnFamilyHandle(handle);
  (void)db_->Close();  // what was written lies in the log, whatever this says
}

rocksdb::ColumnFamilyHandle* Database::family(Stream stream) const { return families_[1 + index_of(stream)]; }

Result<void> Database::result_of(const rocksdb::Status& status) const {
  if (status.ok()) return {};
  if (status.IsNoSpace()) {
    return Error(ErrorCode::busy,
                 "outbox " + path_ + ": the disk is full; make room on it, the outbox goes on by itself");
  }
  if (status.IsCorruption()) {
    return Error(ErrorCode::failed,
                 "outbox " + path_ + " is damaged (" + status.ToString() +
                     "); stop the agent, move the directory away to examine or restore it, and start with an "
                     "empty one: what waited in it is then not sent");
  }
  return Error(ErrorCode::failed, "outbox " + path_ + ": " + status.ToString() +
                                      "; check the directory's permissions, its file system and the kernel's log");
}

Result<void> Database::put(Stream stream, std::uint64_t position, std::string_view bytes) {
  constexpr std::size_t overhead = 64;
  rocksdb::WriteBatch batch(bytes.size() + overhead);
  rocksdb::Status status = batch.Put(family(stream), PositionKey(position).slice(), {bytes.data(), bytes.size()});
  if (status.ok()) status = db_->Write({}, &batch);
  return status.ok() ? Result<void>() : result_of(status);
}

Result<void> Database::write(Stream stream, const Erasures& erasures) {
  rocksdb::WriteBatch batch;
  rocksdb::Status status = batch.Put(families_[0], mark_name(stream), encode_mark(erasures.mark));
  for (const std::uint64_t position : erasures.positions) {
    if (status.ok()) status = batch.Delete(family(stream), PositionKey(position).slice());
  }
  for (const PositionRange range : erasures.ranges) {
    if (status.ok()) {
      status = batch.DeleteRange(family(stream), PositionKey(range.first).slice(), PositionKey(range.end).slice());
    }
  }
  if (status.ok()) status = db_->Write({}, &batch);
  return result_of(status);
}

Result<void> Database::sync() {
  std::unique_ptr<rocksdb::LogFile> log;
  const rocksdb::Status status = db_->GetCurrentWalFile(&log);
  return status.ok() ? log_sync_.sync(log->LogNumber()) : result_of(status);
}

Result<void> Database::flush() { return result_of(db_->Flush({}, families_)); }

Result<void> Database::resume() { return result_of(db_->Resume()); }

void Database::forget(Stream stream, const ErasedPositions& erased) { filters_[index_of(stream)]->set_erased(erased); }

void Database::drop_tables(Stream stream, const ErasedPositions& erased) {
  // The end of a range is a key that may still be needed; DeleteFilesInRanges can leave it out.
  const PositionKey floor(erased.floor);
  const PositionKey gap_first(erased.gap.first);
  const PositionKey gap_end(erased.gap.end);
  const std::array slices = {floor.slice(), gap_first.slice(), gap_end.slice()};
  std::vector<rocksdb::RangePtr> ranges = {{nullptr, &slices[0]}};
  if (erased.gap.first < erased.gap.end) ranges.emplace_back(&slices[1], &slices[2]);
  // Only room is at stake: what stays now goes with the next call or a merge.
  (void)rocksdb::DeleteFilesInRanges(db_.get(), family(stream), ranges.data(), ranges.size(), false);
}

Result<void> Database::scan(Stream stream, std::uint64_t from, std::uint64_t end, const Visitor& visitor) {
  const PositionKey limit(end);
  const rocksdb::Slice upper = limit.slice();
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  options.iterate_upper_bound = &upper;
  const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(options, family(stream)));
  for (it->Seek(PositionKey(from).slice()); it->Valid(); it->Next()) {
    const rocksdb::Slice value = it->value();
    if (!visitor(PositionKey::position(it->key()), {value.data(), value.size()})) break;
  }
  return result_of(it->status());
}

Result<StreamMark> Database::mark(Stream stream) {
  const auto found = text(mark_name(stream));
  if (!found) return found.error();
  return found.value() ? decode_mark(*found.value()) : StreamMark{};
}

Result<std::uint64_t> Database::next_position(Stream stream) {
  const auto found = mark(stream);
  if (!found) return found.error();
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(options, family(stream)));
  it->SeekToLast();
  if (const auto done = result_of(it->status()); !done) return done.error();
  return std::max(found.value().end, it->Valid() ? PositionKey::position(it->key()) + 1 : 0);
}

Result<std::optional<std::string>> Database::text(std::string_view name) {
  std::string found;
  const rocksdb::Status status = db_->Get({}, families_[0], {name.data(), name.size()}, &found);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (const auto done = result_of(status); !done) return done.error();
  return std::optional<std::string>(std::move(found));
}

Result<void> Database::set_text(std::string_view name, std::string_view text) {
  rocksdb::WriteOptions options;
  options.sync = true;
  return result_of(db_->Put(options, families_[0], {name.data(), name.size()}, {text.data(), text.size()}));
}

}  // namespace kafka_events
