// How RocksDB is set up for a queue: docs/decisions/0010-outbox-store.md has the figures behind it.
#pragma once

#include <memory>
#include <rocksdb/options.h>

#include "store/background_threads.h"
#include "store/library_hooks.h"

namespace kafka_events {

[[nodiscard]] rocksdb::DBOptions database_options(BackgroundThreads& threads, std::shared_ptr<LibraryLog> log);
[[nodiscard]] rocksdb::ColumnFamilyOptions mark_options();
[[nodiscard]] rocksdb::ColumnFamilyOptions entry_options(std::shared_ptr<ErasedFilterFactory> filter,
                                                         std::size_t buffer_bytes);

}  // namespace kafka_events
