// Records that a client gave back without having delivered them, in the order in which they were sent.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "kafka/handles.h"
#include "kafka/producer_session.h"

namespace kafka_events {

/// One of them. Its memory is librdkafka's and lives until it is dropped from its LostRecords.
struct LostRecord {
  const rd_kafka_message_t* message = nullptr;
  std::int64_t sent_us = 0;   ///< when its last client got it, in microseconds of the steady clock
  std::int64_t first_us = 0;  ///< when its first client did
  std::size_t holder = 0;     ///< LostRecords' own
};

/// When librdkafka took this record, to the microsecond and as it noted it itself: by this one can sort. The reports of a
/// purge do not come in order: requests in flight come before an earlier one that waits for its retry.
[[nodiscard]] std::int64_t sent_time_us(const rd_kafka_message_t& message) noexcept;

[[nodiscard]] std::int64_t steady_now_us() noexcept;

/// Not synchronized.
class LostRecords {
 public:
  using Session = std::shared_ptr<ProducerSession>;

  /// Keeps those of a delivery event's messages that are lost, and the event and its session with them; the others are
  /// handed back.
  std::vector<const rd_kafka_message_t*> take(EventOwner& event, const Session& session);
  /// All records of a session have been taken: they go, in order, before what an earlier session left. Records that were
  /// sent at the same microsecond stay as they came.
  void sort();

  /// Messages in the events taken since the last sort(): librdkafka counts them as in flight as long as they are kept.
  [[nodiscard]] std::size_t messages_taken() const noexcept { return messages_taken_; }

  [[nodiscard]] bool empty() const noexcept { return records_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return records_.size() + taken_.size(); }
  [[nodiscard]] const LostRecord& front() const { return records_.front(); }
  [[nodiscard]] std::vector<const rd_kafka_message_t*> first(std::size_t count) const;
  void drop_front();
  /// The next session gets the first record now.
  void front_is_sent(std::int64_t now_us);

 private:
  struct Holder {
    Session session;  // ends after the event, which keeps its client alive
    EventOwner event;
    std::size_t records = 0;
  };
  /// Records from sent_us on (up to the next of these) came to an earlier client at first_us.
  struct Resent {
    std::int64_t sent_us = 0;
    std::int64_t first_us = 0;
  };

  [[nodiscard]] std::int64_t first_time_us(std::int64_t sent_us) const;
  void let_go(std::size_t holder);

  std::deque<Holder> holders_;  // those without records are empty; indices stay valid
  std::vector<LostRecord> taken_;
  std::size_t messages_taken_ = 0;
  std::deque<LostRecord> records_;
  std::vector<Resent> resent_;  // to the session at hand, ascending
  std::int64_t resent_until_us_ = 0;
};

}  // namespace kafka_events
