// The RocksDB database below the outbox: keys, values and errors as the store knows them. RocksDB is used here only.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <rocksdb/db.h>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/ports.h"
#include "store/background_threads.h"
#include "store/library_hooks.h"
#include "store/log_sync.h"
#include "store/outbox_store.h"
#include "store/position_index.h"

namespace kafka_events {

inline constexpr std::array streams = {Stream::at_least_once, Stream::exactly_once};

/// What is written down of a stream besides its entries.
struct StreamMark {
  ErasedPositions erased;
  std::uint64_t end = 1;
};

/// Erasures of one stream that are written together.
struct Erasures {
  StreamMark mark;
  std::vector<std::uint64_t> positions;
  std::vector<PositionRange> ranges;
};

class Database {
 public:
  /// Two of each for every stream that is used; with what RocksDB adds about 32 MiB for both streams.
  static constexpr std::size_t buffer_bytes = 8U << 20U;

  enum class Mode : std::uint8_t {
    create,       ///< made if it is missing
    existing,     ///< must be there
    go_on,        ///< likewise, and has just been closed in order: as quickly as possible
    look,         ///< changes no file
    look_beyond,  ///< changes no file, and reads on behind damage in the log
  };
  static Result<std::unique_ptr<Database>> open(const std::string& path, Mode mode, Log& log);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Errors: `busy` is a full disk, everything else `failed`. After a failed write nothing is taken until resume().
  Result<void> put(Stream stream, std::uint64_t position, std::string_view bytes);
  Result<void> write(Stream stream, const Erasures& erasures);
  Result<void> sync();    ///< all writes that have returned; one thread at a time
  Result<void> flush();   ///< buffers to tables, so that the log can go
  Result<void> resume();  ///< after an error
  /// Erasures that survive a power loss: their entries need not be written any more.
  void forget(Stream stream, const ErasedPositions& erased);
  void drop_tables(Stream stream, const ErasedPositions& erased);  ///< those that hold nothing else

  using Visitor = std::function<bool(std::uint64_t position, std::string_view bytes)>;
  Result<void> scan(Stream stream, std::uint64_t from, std::uint64_t end, const Visitor& visitor);
  Result<StreamMark> mark(Stream stream);
  Result<std::uint64_t> next_position(Stream stream);  ///< by the mark and by the last entry

  Result<std::optional<std::string>> text(std::string_view name);
  Result<void> set_text(std::string_view name, std::string_view text);  ///< on the disk when this returns

 private:
  explicit Database(std::string path, Log& log);
  rocksdb::Status open_library(Mode mode);
  [[nodiscard]] rocksdb::ColumnFamilyHandle* family(Stream stream) const;
  [[nodiscard]] Result<void> result_of(const rocksdb::Status& status) const;

  const std::string path_;
  BackgroundThreads threads_;
  std::shared_ptr<LibraryLog> library_log_;
  std::array<std::shared_ptr<ErasedFilterFactory>, 2> filters_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;  // marks, then one a stream
  std::unique_ptr<rocksdb::DB> db_;
  LogSync log_sync_;
};

}  // namespace kafka_events
