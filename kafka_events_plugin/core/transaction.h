// The port to Kafka transactions (KIP-98, KIP-447): records and consumed offsets that become visible together or not at
// all. kafka/ implements it; the outbox's exactly-once relay and exactly_once workers use it.
//
//   prepare() ─► begin() ─► send()… ─► commit(offsets) ─► begin() …
//                   ▲           │ abort
//                   └─ abort() ◄┘
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/ports.h"

namespace kafka_events {

/// How a step ended, and so what its caller does next.
enum class TransactionState : std::uint8_t {
  done,   ///< go on
  again,  ///< undecided at the deadline (a broker is away): the same call again, nothing else
  abort,  ///< call abort(), then begin() and send everything of this transaction once more
  renew,  ///< the client was beyond repair and is gone: call prepare(), then look up the position and send what it lacks
  fenced,  ///< another instance with this transactional id took over: nothing may be sent any more
};

struct TransactionStep {
  TransactionState state = TransactionState::done;
  std::string message;  ///< for a person; empty if done
  [[nodiscard]] bool ok() const noexcept { return state == TransactionState::done; }
};

/// An offset that is committed with the transaction: all records below it are done.
using TransactionOffset = Watermark;

/// One transactional producer. All functions are for one thread at a time, but for what RecordSink allows any thread;
/// reports come on the delivery thread, as those of any producer.
class TransactionalSink : public RecordSink {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  /// Makes the client if there is none and registers the transactional id: an older instance with the same one is fenced,
  /// and its open transaction aborted (KIP-98). `again` until a broker answers.
  virtual TransactionStep prepare(Deadline deadline) = 0;
  virtual TransactionStep begin() = 0;
  /// Waits for the reports of all records, then commits. `group`: a consumer group's id, or what
  /// RecordHandler's consumer gave as its group metadata. After `done`, and not before, read_committed consumers see the
  /// records. A record that failed makes this `abort`.
  virtual TransactionStep commit(std::span<const TransactionOffset> offsets, std::string_view group_metadata,
                                 Deadline deadline) = 0;
  /// Every record of the transaction has been reported when this is done.
  virtual TransactionStep abort(Deadline deadline) = 0;

  /// The metadata of a group without members, for positions that are nobody's subscription.
  [[nodiscard]] virtual std::string plain_group_metadata(std::string_view group) const = 0;
  /// The highest offset that is committed for any partition of this group, waiting for pending transactions (KIP-447);
  /// -1 if there is none. Fails at the deadline.
  virtual Result<std::int64_t> committed_position(std::string_view group, Deadline deadline) = 0;
};

}  // namespace kafka_events
