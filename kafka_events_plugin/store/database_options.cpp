// How RocksDB is set up for a queue.
#include "store/database_options.h"

#include <rocksdb/table.h>

namespace kafka_events {
namespace {

/// Entries are read once, in order: a cache would only take memory.
std::shared_ptr<rocksdb::TableFactory> tables() {
  rocksdb::BlockBasedTableOptions options;
  options.no_block_cache = true;
  options.block_size = 32U << 10U;
  return std::shared_ptr<rocksdb::TableFactory>(rocksdb::NewBlockBasedTableFactory(options));
}

}  // namespace

rocksdb::DBOptions database_options(BackgroundThreads& threads, std::shared_ptr<LibraryLog> log) {
  rocksdb::DBOptions options;
  options.env = &threads;
  options.info_log = std::move(log);
  options.info_log_level = rocksdb::WARN_LEVEL;
  options.max_background_jobs = 2;
  options.max_subcompactions = 1;
  options.max_file_opening_threads = 1;
  options.max_open_files = 256;
  // No thread and no file for figures that nobody reads.
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  // Up to the first write that is not whole: a torn last one is dropped. That nothing else is, the store checks.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  options.max_total_wal_size = 32U << 20U;
  options.allow_fallocate = false;  // room that is taken is room that is used: what is free can be told
  options.max_manifest_file_size = 4U << 20U;
  // The log holds everything, and is quickly read at the next start.
  options.avoid_flush_during_shutdown = true;
  // Writers take turns before they come here.
  options.allow_concurrent_memtable_write = false;
  options.enable_write_thread_adaptive_yield = false;
  return options;
}

rocksdb::ColumnFamilyOptions mark_options() {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = 1U << 20U;
  options.table_factory = tables();
  options.compression = rocksdb::kNoCompression;
  return options;
}

rocksdb::ColumnFamilyOptions entry_options(std::shared_ptr<ErasedFilterFactory> filter, std::size_t buffer_bytes) {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = buffer_bytes;
  options.max_write_buffer_number = 2;
  options.table_factory = tables();
  options.compaction_filter_factory = std::move(filter);
  options.compression = rocksdb::kNoCompression;
  // Tables of a queue do not overlap, so that they move to the second level by name only, and there are dropped whole.
  options.num_levels = 2;
  options.level0_file_num_compaction_trigger = 1;
  options.level0_slowdown_writes_trigger = 40;
  options.level0_stop_writes_trigger = 60;
  options.max_bytes_for_level_base = std::uint64_t{1} << 50U;
  options.target_file_size_base = buffer_bytes;
  options.soft_pending_compaction_bytes_limit = 0;
  options.hard_pending_compaction_bytes_limit = 0;
  options.ttl = 0;
  options.periodic_compaction_seconds = 0;
  return options;
}

}  // namespace kafka_events
