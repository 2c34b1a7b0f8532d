// The outbox on RocksDB: the log takes each entry as it is appended, one thread syncs it in groups and writes erasures.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "core/ports.h"
#include "store/database.h"
#include "store/free_space.h"
#include "store/mark_format.h"
#include "store/outbox_store.h"
#include "store/owner_lock.h"
#include "store/position_index.h"

namespace kafka_events {

class RocksdbStore final : public OutboxStore {
 public:
  static Result<std::unique_ptr<RocksdbStore>> create(const OutboxOptions& options, Log& log);
  ~RocksdbStore() override;
  RocksdbStore(const RocksdbStore&) = delete;
  RocksdbStore& operator=(const RocksdbStore&) = delete;

  [[nodiscard]] const std::string& id() const noexcept override { return id_; }
  Result<std::uint64_t> append(Stream stream, const StoredEntry& entry) override;
  std::uint64_t reserve(Stream stream, std::uint64_t count) override;
  bool reserve_again(Stream stream, PositionRange left) override;
  Result<void> append_at(Stream stream, std::uint64_t position, const StoredEntry& entry) override;
  Result<std::uint64_t> read(Stream stream, std::uint64_t from, std::size_t max_entries, std::size_t max_bytes,
                             const Visitor& visitor) override;
  Result<void> erase(Stream stream, std::span<const PositionRange> ranges) override;
  [[nodiscard]] PositionRange positions(Stream stream) const override;
  [[nodiscard]] std::uint64_t entries(Stream stream) const override;
  [[nodiscard]] std::vector<PositionRange> held(Stream stream, PositionRange among) const override;
  Result<void> sync() override;
  [[nodiscard]] OutboxFigures figures() const override;

 private:
  struct StreamState {
    mutable std::mutex mutex;  // guards what follows
    PositionIndex index;
    StreamMark written;     // the mark in the database; group thread and close only
    bool reserved = false;  // since then: the end must be written down
  };

  RocksdbStore(const OutboxOptions& options, Log& log, OwnerLock lock, SyncedFile synced);
  Result<void> load();
  Result<void> load_stream(Stream stream);
  Result<void> load_id();

  Result<std::uint64_t> append_bytes(Stream stream, const std::uint64_t* position, const std::string& bytes);
  Result<void> admit(std::uint64_t bytes);
  Error refuse(Error error);
  Result<std::uint64_t> made_durable(Stream stream, std::uint64_t position);

  Result<void> write_and_sync(bool with_sync);
  Result<void> write_erasures(Stream stream);
  Result<void> sync_log(std::uint64_t ticket);
  void forget_what_is_erased();
  Result<void> make_room();

  void start();
  void run();
  void wake() noexcept;
  void tend();
  void note_trouble(const Error& error);
  void note_recovery();

  [[nodiscard]] StreamState& state(Stream stream) noexcept { return states_[stream == Stream::at_least_once ? 0 : 1]; }
  [[nodiscard]] const StreamState& state(Stream stream) const noexcept {
    return states_[stream == Stream::at_least_once ? 0 : 1];
  }

  const OutboxOptions options_;
  Log& log_;
  const OwnerLock lock_;  // released last
  const SyncedFile synced_file_;
  std::unique_ptr<Database> database_;
  std::string id_;

  std::mutex write_mutex_;  // taken before a state's: entries reach the log in the order of their positions
  FreeSpace space_;         // guarded by it
  std::array<StreamState, 2> states_;

  std::mutex sync_mutex_;            // taken before write_mutex_; one sync at a time
  std::uint64_t synced_ticket_ = 0;  // guarded by it
  std::uint64_t erased_bytes_dropped_ = 0;

  std::atomic<std::uint64_t> entries_{0};
  std::atomic<std::uint64_t> bytes_{0};
  std::atomic<std::uint64_t> appended_{0};
  std::atomic<std::uint64_t> erased_{0};
  std::atomic<std::uint64_t> erased_bytes_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<std::uint64_t> fsyncs_{0};

  std::atomic<bool> dirty_{false};
  std::atomic<bool> troubled_{false};
  mutable std::mutex trouble_mutex_;
  std::string trouble_;

  std::mutex wake_mutex_;
  std::condition_variable wake_;
  bool ending_ = false;  // guarded by wake_mutex_
  std::thread thread_;   // "kfk-fsync"
};

}  // namespace kafka_events
