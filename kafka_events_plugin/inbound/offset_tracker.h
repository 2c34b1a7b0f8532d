// Which records of one assigned partition are done, and how far all of them are: the offset that may be committed.
//
// Records enter in order on the consumer thread and end in any order on any thread. Each assignment of a partition has
// a tracker of its own, which is the completion that the bus calls: what ends after the partition was taken away finds
// the old tracker, closed, and moves nothing. A tracker lives until its last completion came, whoever else let go of
// it.
#pragma once

#include <atomic>
#include <boost/circular_buffer.hpp>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/ports.h"
#include "inbound/kept_record.h"

namespace kafka_events {

class OffsetTracker;

/// What a published record was published for.
enum class Purpose : std::uint8_t { handle, dead_letter };

/// Bytes that count as held as long as this lives.
class HeldBytes {
 public:
  HeldBytes() = default;
  HeldBytes(std::atomic<std::uint64_t>& total, std::uint64_t bytes) noexcept : total_(&total), bytes_(bytes) {
    total_->fetch_add(bytes_, std::memory_order_relaxed);
  }
  HeldBytes(HeldBytes&& other) noexcept
      : total_(std::exchange(other.total_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  HeldBytes& operator=(HeldBytes&& other) noexcept {
    if (this == &other) return *this;
    release();
    total_ = std::exchange(other.total_, nullptr);
    bytes_ = std::exchange(other.bytes_, 0);
    return *this;
  }
  HeldBytes(const HeldBytes&) = delete;
  HeldBytes& operator=(const HeldBytes&) = delete;
  ~HeldBytes() { release(); }

  void release() noexcept {
    if (total_ != nullptr) total_->fetch_sub(std::exchange(bytes_, 0), std::memory_order_relaxed);
    total_ = nullptr;
  }

 private:
  std::atomic<std::uint64_t>* total_ = nullptr;  // of a WorkerState that the tracker keeps
  std::uint64_t bytes_ = 0;
};

/// A record that did not succeed. Its offset stays open in the tracker until it is tried again or finished.
struct FailedRecord {
  std::shared_ptr<OffsetTracker> tracker;
  std::unique_ptr<KeptRecord> record;
  Purpose purpose = Purpose::handle;
  std::uint32_t attempts = 0;         ///< that were made for this purpose
  std::string_view stage = "handle";  ///< a literal: where it failed first, "decode" or "handle"
  std::string reason;
  HeldBytes held{};  // after the tracker, so that it goes first
  /// It could not be decoded yet, so often in a row; 0: that is not what it waits for.
  std::uint32_t undecided = 0;
};

/// What all trackers of a worker share; outlives the pipeline while completions are missing.
struct WorkerState {
  std::atomic<std::uint64_t> in_flight{0};   ///< published, not completed
  std::atomic<std::uint64_t> held_bytes{0};  ///< of records that are in flight or wait to be tried again
  std::atomic<bool> moved{false};            ///< some watermark did, since it was last looked at
  std::atomic<std::uint64_t> done{0};
  std::atomic<std::uint64_t> handler_failures{0};
  std::atomic<std::uint64_t> dead_lettered{0};

  std::mutex mutex;
  std::condition_variable idle;      ///< a tracker has nothing in flight any more
  std::vector<FailedRecord> failed;  ///< for the consumer thread

  void add_failed(FailedRecord&& failed_record);
  [[nodiscard]] std::vector<FailedRecord> take_failed();
};

class OffsetTracker final : public PublishCompletion, public std::enable_shared_from_this<OffsetTracker> {
 public:
  OffsetTracker(TopicPartition partition, std::shared_ptr<WorkerState> worker)
      : partition_(std::move(partition)), worker_(std::move(worker)) {}
  ~OffsetTracker() override;
  OffsetTracker(const OffsetTracker&) = delete;
  OffsetTracker& operator=(const OffsetTracker&) = delete;

  [[nodiscard]] const TopicPartition& partition() const noexcept { return partition_; }

  // ---- Consumer thread ----

  /// Whether the record's views stay valid until its completion because the event holds it, or because the tracker
  /// does.
  enum class Holder : std::uint8_t { event, tracker };
  /// A record enters and is about to be published with its offset as cookie. Offsets ascend, with gaps.
  void begin(const InboundRecord& record, Holder holder);
  /// A record enters that is kept already and will be published later, or never.
  void begin(FailedRecord& failed);
  /// It is about to be published again. Returns the record, valid until its completion.
  InboundRecord begin_again(FailedRecord&& failed, Purpose purpose, std::uint32_t attempts);
  /// The bus refused it, so that no completion will come: the record, if it can still be had.
  std::optional<FailedRecord> not_published(std::int64_t offset, std::string reason);
  /// The watermark may pass: nothing more will be done for it, or (at most once) its handlers have not even run.
  void finish(std::int64_t offset);

  /// All records below are done, as another version of the module says. Before the first record.
  void go_on_at(std::int64_t next_offset);
  /// A record enters that another version has done already.
  void pass(std::int64_t offset);
  /// Watermark, what is done above it, and whether it has stopped.
  void hand_over(PartitionHandover& to) const;

  /// The first record that is with its handlers: its offset, and how often it was given to them.
  struct WithHandlers {
    std::int64_t offset = 0;
    std::uint32_t attempt = 0;
  };
  [[nodiscard]] std::optional<WithHandlers> oldest_with_handlers() const;
  /// Calls `look` with the record if it still is with its handlers; it stays so meanwhile, so be quick.
  void look_at(std::int64_t offset, const std::function<void(const InboundRecord& record)>& look);

  /// The partition shall rest for good: one of its records can't be handled.
  void stop();
  [[nodiscard]] bool stopped() const;

  /// The new watermark, if it moved since the last call.
  std::optional<std::int64_t> moved();
  /// No completion changes anything from now on. Returns the watermark if one is known that moved() did not give.
  std::optional<std::int64_t> close();
  /// False for a record that entered before (librdkafka went back over it), and for all once the partition stopped.
  [[nodiscard]] bool wants(std::int64_t offset) const;
  /// A record failed and is not done, the partition stopped, or more than `spread_limit` offsets are held.
  [[nodiscard]] bool must_rest(std::size_t spread_limit) const;
  /// A record failed and is not done, or the partition stopped.
  [[nodiscard]] bool is_troubled() const { return must_rest(std::numeric_limits<std::size_t>::max()); }
  [[nodiscard]] bool closed() const;
  [[nodiscard]] std::uint64_t in_flight() const;

  // ---- Any thread ----
  void completed(std::uint64_t cookie, Outcome outcome, std::string_view detail) noexcept override;

 private:
  struct Slot {
    std::int64_t offset = 0;
    bool done = false;
    bool published = false;
    bool troubled = false;
    std::string_view stage = "handle";
    Purpose purpose = Purpose::handle;
    std::uint32_t attempts = 0;
    InboundRecord record;  // views; its headers lie in `headers`
    std::vector<Header> headers;
    std::unique_ptr<KeptRecord> kept;
    HeldBytes held;
  };

  Slot* find(std::int64_t offset);
  Slot& add(std::int64_t offset);
  void published();
  [[nodiscard]] std::shared_ptr<OffsetTracker> one_completion_less();
  [[nodiscard]] FailedRecord take(Slot& slot, std::string_view reason);
  void trouble(Slot& slot);
  void end(Slot& slot);
  void advance();
  static void release(Slot& slot);

  const TopicPartition partition_;
  const std::shared_ptr<WorkerState> worker_;

  std::atomic<std::int64_t> last_{-1};  // these two: changed by the consumer thread only, which looks without the mutex
  std::atomic<bool> stopped_{false};

  mutable std::mutex mutex_;            // guards what follows
  boost::circular_buffer<Slot> slots_;  // ascending; bounded by whoever feeds it, see must_rest()
  std::int64_t next_ = -1;              // the watermark: all offsets below are done; -1: no record yet
  std::int64_t told_ = -1;
  std::size_t passed_ = 0;  // slots in front that the watermark has passed, kept for their completions
  bool closed_ = false;
  std::uint64_t troubled_ = 0;
  std::uint64_t in_flight_ = 0;
  std::shared_ptr<OffsetTracker> self_;  // while in_flight_ is not 0
};

}  // namespace kafka_events
