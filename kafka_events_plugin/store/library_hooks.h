// What RocksDB calls back: its log, and the filter that leaves erased entries out of the tables that it writes.
#pragma once

#include <array>
#include <cstdarg>
#include <cstdio>
#include <memory>
#include <mutex>
#include <rocksdb/compaction_filter.h>
#include <rocksdb/env.h>

#include "core/ports.h"
#include "store/position_index.h"

namespace kafka_events {

/// A position as a key: big-endian, so that keys are ordered as positions are.
struct PositionKey {
  explicit PositionKey(std::uint64_t position) noexcept {
    for (std::size_t i = bytes.size(); i-- > 0; position >>= 8U) bytes[i] = static_cast<char>(position & 0xFFU);
  }
  [[nodiscard]] rocksdb::Slice slice() const noexcept { return {bytes.data(), bytes.size()}; }
  /// 0, which is no position, if it is no such key.
  static std::uint64_t position(const rocksdb::Slice& key) noexcept {
    std::uint64_t value = 0;
    if (key.size() != sizeof value) return 0;
    for (std::size_t i = 0; i < sizeof value; ++i) value = (value << 8U) | static_cast<unsigned char>(key[i]);
    return value;
  }
  std::array<char, 8> bytes{};
};

/// RocksDB's warnings in the host's log, instead of a file that grows.
class LibraryLog final : public rocksdb::Logger {
 public:
  explicit LibraryLog(Log& log) : Logger(rocksdb::WARN_LEVEL), log_(log) {}
  using Logger::Logv;
  void Logv(const char* format, va_list arguments) override { write(rocksdb::WARN_LEVEL, format, arguments); }
  void Logv(rocksdb::InfoLogLevel level, const char* format, va_list arguments) override {
    if (level >= rocksdb::WARN_LEVEL && level != rocksdb::HEADER_LEVEL) write(level, format, arguments);
  }

 private:
  __attribute__((format(printf, 3, 0))) void write(rocksdb::InfoLogLevel level, const char* format, va_list arguments) {
    LogLevel ours = level == rocksdb::WARN_LEVEL ? LogLevel::debug : LogLevel::warning;
    if (!log_.enabled(ours)) return;
    std::array<char, 512> text{};
    (void)vsnprintf(text.data(), text.size(), format, arguments);
    // A new directory that is not there yet is no error.
    const std::string_view line(text.data());
    if (line.starts_with("Error when reading") && line.find("NotFound") != std::string_view::npos)
      ours = LogLevel::debug;
    log_.write(ours, "store.rocksdb", text.data());
  }

  Log& log_;
};

/// Leaves out what is erased, both when a buffer becomes a table and when tables are merged: in a queue that is drained as
/// fast as it is filled no entry is written twice.
class ErasedFilterFactory final : public rocksdb::CompactionFilterFactory {
 public:
  [[nodiscard]] const char* Name() const override { return "ErasedFilterFactory"; }
  [[nodiscard]] bool ShouldFilterTableFileCreation(rocksdb::TableFileCreationReason) const override { return true; }
  std::unique_ptr<rocksdb::CompactionFilter> CreateCompactionFilter(
      const rocksdb::CompactionFilter::Context&) override {
    return std::make_unique<ErasedFilter>(erased());
  }

  /// Only what is known to be erased after a power loss too: else entries could vanish whose erasure did as well.
  void set_erased(const ErasedPositions& erased) {
    const std::lock_guard lock(mutex_);
    erased_ = erased;
  }

 private:
  class ErasedFilter final : public rocksdb::CompactionFilter {
   public:
    explicit ErasedFilter(const ErasedPositions& erased) : erased_(erased) {}
    [[nodiscard]] const char* Name() const override { return "ErasedFilter"; }
    bool Filter(int, const rocksdb::Slice& key, const rocksdb::Slice&, std::string*, bool*) const override {
      return erased_.cover(PositionKey::position(key));
    }

   private:
    ErasedPositions erased_;
  };

  [[nodiscard]] ErasedPositions erased() const {
    const std::lock_guard lock(mutex_);
    return erased_;
  }

  mutable std::mutex mutex_;
  ErasedPositions erased_;
};

}  // namespace kafka_events
