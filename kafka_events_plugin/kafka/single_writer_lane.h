// One topic of the single writer: its queue, its transactional producer, and the thread that moves records from the one to
// the other.
//
// Each transaction commits, besides its records, a position of the group named as the transactional id: who wrote (a random
// number of this process) and how often. So a commit whose answer got lost can be looked up, and a process that slept can
// tell that another one has written meanwhile, without fencing it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/ports.h"
#include "kafka/single_writer.h"
#include "kafka/transactional_producer.h"

namespace kafka_events {

class SingleWriterLane final : private DeliveryListener {
 public:
  using Clock = std::chrono::steady_clock;
  struct Limits {
    std::size_t max_records = 100'000;  ///< without a report
    std::uint64_t max_bytes = std::uint64_t{1} << 30U;
    std::uint64_t max_record_bytes = 1'048'576;
    std::chrono::milliseconds record_time{300'000};  ///< after this long a record fails; 0: never
  };

  [[nodiscard]] static std::string transactional_id(std::string_view topic);

  /// `producer` has the transactional id of this topic. `log` outlives it.
  SingleWriterLane(std::string topic, std::unique_ptr<TransactionalProducer> producer, Limits limits, Log& log);
  ~SingleWriterLane();
  SingleWriterLane(const SingleWriterLane&) = delete;
  SingleWriterLane& operator=(const SingleWriterLane&) = delete;

  /// Takes the topic over, on a thread of its own; returns at once. `listener` outlives finish().
  Result<void> start(DeliveryListener& listener);
  /// Refuses records from now on; what waits may be committed until the deadline. Does not wait.
  void begin_stop(Clock::time_point deadline);
  /// Waits for the end, soon after the deadline. True: every record had been committed, or reported before.
  bool finish();

  SendStatus send(const OutboundRecord& record) noexcept;                             ///< [any thread]
  [[nodiscard]] std::string explain(SendStatus, const OutboundRecord& record) const;  ///< [any thread]
  [[nodiscard]] SingleWriterStatus status() const;                                    ///< [any thread]

 private:
  enum class State : std::uint8_t { stopped, connecting, writing, fenced };

  /// A record as it waits; its value lies in the event or is its own.
  struct Entry {
    EventHandle event = nullptr;
    std::uint64_t number = 0;
    std::int32_t partition = partition_by_key;
    bool has_key = false;
    bool has_value = false;
    std::string key;
    std::string copied_value;
    Bytes value_in_event;
    std::vector<std::pair<std::string, std::optional<std::string>>> headers;
    std::int64_t timestamp_ms = 0;
    Clock::time_point since;

    [[nodiscard]] Bytes value() const;
    [[nodiscard]] std::vector<Header> header_views() const;
    [[nodiscard]] std::uint64_t bytes() const { return key.size() + value().size(); }
  };
  /// What a transaction did with a record.
  struct Sent {
    bool tried = false;
    std::int32_t partition = -1;
    std::int64_t offset = -1;
    Failure failure = Failure::none;
    std::string reason;
  };

  static Entry entry_of(const OutboundRecord& record);
  void on_deliveries(std::span<const DeliveryReport> reports) noexcept override;  // the producer's thread

  // single_writer_lane.cpp, the lane's thread
  void run();
  bool take_batch();
  void rest(std::chrono::milliseconds time);
  [[nodiscard]] bool time_is_over() const { return stopping_ && Clock::now() >= stop_by_.load(); }
  [[nodiscard]] Clock::time_point step_deadline() const;
  void enter(State state, std::string trouble);

  // single_writer_steps.cpp, the lane's thread
  bool prepare();
  bool settle_undecided(std::int64_t position);
  void attempt();
  std::size_t fill();
  TransactionStep commit(std::size_t sent);
  void conclude(std::size_t sent, const TransactionStep& step);
  void abort();
  void drop_permanent_failures();
  void give_up(const TransactionStep& step);
  void be_fenced(std::string_view why);

  // single_writer_reports.cpp
  void report_committed(std::size_t count);
  void report_failed(std::deque<Entry>& entries, Failure failure, std::string_view reason, bool maybe_written);
  void report(const Entry& entry, const Sent& sent, bool maybe_written);
  void expire();
  void fail_everything(Failure failure, std::string_view reason);

  const std::string topic_;
  const std::unique_ptr<TransactionalProducer> producer_;
  const std::string group_;
  const Limits limits_;
  Log& log_;
  DeliveryListener* listener_ = nullptr;
  std::thread thread_;

  // The lane's thread.
  std::deque<Entry> batch_;  // of the transaction that is open or comes next; in order
  std::size_t batch_limit_ = 0;
  bool prepared_ = false;
  bool undecided_ = false;  // batch_ may have been committed up to undecided_count_
  std::size_t undecided_count_ = 0;
  bool takes_position_ = false;  // the transaction has records, and so a position
  std::int64_t position_ = -1;   // committed last; -1: none yet
  std::int64_t next_position_ = 0;
  std::optional<TopicId> producer_topic_;
  bool in_time_ = true;

  std::mutex sent_mutex_;  // guards what follows
  std::uint64_t sent_first_ = 0;
  std::vector<Sent> sent_;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable wake_;
  std::deque<Entry> queue_;
  std::size_t waiting_ = 0;  // records without a report
  std::uint64_t waiting_bytes_ = 0;
  State state_ = State::stopped;
  std::string trouble_;

  std::atomic<bool> stopping_{false};
  std::atomic<Clock::time_point> stop_by_{Clock::time_point::max()};
  std::atomic<std::uint64_t> committed_{0};
  std::atomic<std::uint64_t> aborted_{0};
  std::atomic<std::uint64_t> delivered_{0};
  std::atomic<std::uint64_t> failed_{0};
};

}  // namespace kafka_events
