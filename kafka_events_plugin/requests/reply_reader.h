// Reads the topics that answers come on, and looks at the deadlines of those that wait.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "core/ports.h"
#include "requests/latencies.h"
#include "requests/reply_events.h"
#include "requests/request_counts.h"
#include "requests/request_table.h"

namespace kafka_events {

/// An offset moves once its answer has been published, or turned out to be nobody's; what then happens to the event does not
/// hold it up, because after a crash nobody would wait for the answer any more.
class ReplyReader final : public RecordHandler {
 public:
  ReplyReader(RequestTable& table, ReplyEvents& events, RequestCounts& counts, Log& log)
      : table_(table), events_(events), counts_(counts), log_(log) {}
  ~ReplyReader() override { drop_kept(); }
  ReplyReader(const ReplyReader&) = delete;
  ReplyReader& operator=(const ReplyReader&) = delete;

  /// From now on no answer is missed: the place where reading begins is fixed for each partition that there is. [any thread]
  [[nodiscard]] bool ready() const noexcept { return ready_.load(std::memory_order_acquire); }
  [[nodiscard]] std::uint64_t percentile(double share) const;  ///< [any thread]

  void attach(ConsumerControl* consumer) override;
  [[nodiscard]] std::chrono::milliseconds next_turn_within() const noexcept override;
  void on_assigned(std::span<const TopicPartition> partitions) override;
  std::vector<Watermark> on_revoked(std::span<const TopicPartition> partitions,
                                    std::chrono::steady_clock::time_point deadline) override;
  void on_lost(std::span<const TopicPartition> partitions) override;
  void on_record(const InboundRecord& record) override;
  std::vector<Watermark> watermarks() override;
  void on_turn(std::chrono::steady_clock::time_point now) override;
  [[nodiscard]] bool wants_pause() const noexcept override;
  [[nodiscard]] std::vector<TopicPartition> paused_partitions() const override { return {}; }
  void quiesce(bool on) override { quiesced_ = on; }
  void hand_over(WorkerHandover& to) const override;
  void take_over_counters(const WorkerHandover& from) override;
  void take_over(std::span<const PartitionHandover> partitions) override;
  [[nodiscard]] std::uint64_t in_flight() const noexcept override { return events_.in_flight(); }

 private:
  struct Position {
    std::int64_t next = -1;  // all below are done
    bool moved = false;
  };

  Position& position_of(const InboundRecord& record);
  /// False: the bus cannot take the answer now.
  bool handle(const InboundRecord& record);
  bool publish(PendingRequest&& request, const InboundRecord& record);
  void report_refused(const InboundRecord& record, const Error& error);
  void keep(const InboundRecord& record);
  void handle_kept();
  void drop_kept();
  void expire(std::chrono::steady_clock::time_point now);

  RequestTable& table_;
  ReplyEvents& events_;
  RequestCounts& counts_;
  Log& log_;
  std::atomic<bool> ready_{false};
  mutable std::mutex mutex_;  // guards latencies_
  Latencies latencies_;

  // The consumer's thread.
  std::map<TopicPartition, Position> positions_;
  Position* last_position_ = nullptr;
  TopicPartition last_;
  bool any_moved_ = false;
  bool quiesced_ = false;
  struct Kept {
    InboundRecord record;
    std::vector<Header> headers;  // those of the record are gone after on_record()
  };
  std::deque<Kept> kept_;  // few: the consumer rests while there are any
};

}  // namespace kafka_events
