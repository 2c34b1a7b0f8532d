// The records that are handled within one transaction, and how their handlers ended. It is the completion that the bus
// calls, and lives until the last one came, whoever else let go of it: what ends after its transaction was given up
// finds the old batch and changes nothing.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/ports.h"
#include "inbound/event_maker.h"
#include "inbound/kept_record.h"

namespace kafka_events {

/// One record on its way through an exactly_once worker, kept until its offset is committed.
struct TransactionItem {
  std::unique_ptr<KeptRecord> record;
  std::uint32_t attempts = 0;              ///< to handle it, that failed
  std::uint32_t dead_letter_attempts = 0;  ///< that failed
  bool hopeless = false;                   ///< trying again changes nothing
  bool alone = false;                      ///< handled in a transaction of its own, to find out whether it is to blame
  std::uint32_t undecided = 0;             ///< it could not be decoded yet, so often in a row
  Passed passed = Passed::no;              ///< else no handler sees it, and nothing is wrong with it
  bool given_up = false;                   ///< no handler sees it any more: dead letter or skip
  std::string_view stage = "handle";       ///< a literal: "decode" or "handle"
  std::string reason;                      ///< of the last failure
  std::uint64_t assignment = 0;            ///< of its partition to this member: which one

  /// It may make its transaction fail, so no other record shares one with it.
  [[nodiscard]] bool suspicious() const noexcept {
    return alone || attempts > 0 || dead_letter_attempts > 0 || given_up;
  }
};

/// How one of them ended.
enum class ItemState : std::uint8_t { waiting, done, failed, withdrawn };

class TransactionBatch final : public PublishCompletion, public std::enable_shared_from_this<TransactionBatch> {
 public:
  explicit TransactionBatch(std::chrono::steady_clock::time_point begin) : begin_(begin) {}

  // ---- Consumer thread ----
  /// Returns its index, the cookie for the bus.
  std::uint64_t add(TransactionItem&& item);
  /// It is about to be published: a completion will come, unless not_published() is called.
  void publishing(std::uint64_t index);
  void not_published(std::uint64_t index, std::string_view reason);
  /// No handler has to see it.
  void done(std::uint64_t index);
  /// It has no part in the transaction, no more than any that follows it in its partition, which has to be withdrawn too.
  void withdraw(std::uint64_t index);
  /// Valid until take_items(). The item's own fields are the consumer thread's.
  [[nodiscard]] TransactionItem& item(std::uint64_t index) { return entries_[index].item; }
  [[nodiscard]] ItemState state(std::uint64_t index) const;
  [[nodiscard]] std::string reason(std::uint64_t index) const;
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] bool any_failed() const;
  [[nodiscard]] std::uint64_t in_flight() const;
  /// Waits until nothing is in flight. False: it still was at the deadline.
  bool wait(std::chrono::steady_clock::time_point deadline) const;
  /// The offsets to commit when all are done: behind the last record of each partition that was not withdrawn.
  [[nodiscard]] std::vector<Watermark> ends() const;
  /// Takes the records out, in the order in which they were added.
  [[nodiscard]] std::vector<TransactionItem> take_items();
  [[nodiscard]] std::chrono::steady_clock::time_point begun() const noexcept { return begin_; }

  // ---- Any thread ----
  /// The record with this id is being handled.
  [[nodiscard]] bool is_handling(std::string_view id) const;
  void completed(std::uint64_t cookie, Outcome outcome, std::string_view detail) noexcept override;

 private:
  struct Entry {
    TransactionItem item;
    ItemState state = ItemState::waiting;
    bool published = false;
    std::string reason;
  };

  [[nodiscard]] std::shared_ptr<TransactionBatch> end(Entry& entry, ItemState state, std::string_view reason);

  const std::chrono::steady_clock::time_point begin_;
  mutable std::mutex mutex_;  // guards what follows, but for the items, which the consumer thread owns
  mutable std::condition_variable idle_;
  std::vector<Entry> entries_;
  std::unordered_map<std::string, std::uint64_t> by_id_;
  std::uint64_t in_flight_ = 0;
  std::uint64_t failed_ = 0;
  std::shared_ptr<TransactionBatch> self_;  // while in_flight_ is not 0
};

}  // namespace kafka_events
