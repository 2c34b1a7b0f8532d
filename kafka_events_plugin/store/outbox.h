// The outbox in front of the at_least_once producer: what Kafka cannot take at the moment (or everything, with `always`)
// waits on disk, in order, and is erased when the broker has acknowledged it.
//
//   pipeline ─send─► Outbox ─direct─────────────► producer ─► Kafka        nothing waits; with `always` after the append
//                       └─append─► store ─relay──►    │                    otherwise
//   pipeline ◄─reports── Outbox ◄──────────────── reports                  erases, or takes back what was not delivered
//
// Order: while anything waits that was not yet given to the producer, everything goes through the store. What the producer
// gives back undelivered enters the store at positions that were kept free before everything that waits.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "core/handover.h"
#include "core/ports.h"
#include "core/sender_gate.h"
#include "store/entry.h"
#include "store/live_events.h"
#include "store/outbox_store.h"

namespace kafka_events {

/// The producer behind the outbox. Its reports come to the Outbox; all functions may be called from any thread.
struct OutboxTarget {
  RecordSink& sink;
  std::function<bool()> connected;
  std::function<std::uint64_t()> in_flight;  ///< records without a report
  std::function<void()> renew;               ///< gives back all that is in flight, as transient failures
  std::uint64_t max_record_bytes = 1048576;
};

class Outbox final : public RecordSink, public DeliveryListener {
 public:
  enum class Mode : std::uint8_t { when_needed, always };

  struct Status {
    bool direct = false;           ///< nothing waits: records go straight to the producer
    std::uint64_t waiting = 0;     ///< entries that were not acknowledged
    std::uint64_t taken_back = 0;  ///< records that the producer gave back undelivered, since creation
    std::uint64_t relayed = 0;     ///< entries that Kafka acknowledged, since creation
  };

  /// Everything given must outlive the outbox. Starts nothing.
  Outbox(Mode mode, OutboxTarget target, EventBus& bus, Log& log);
  ~Outbox() override;
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  /// Begins to relay what waits; `listener` is told what became of the records, as a producer's listener is. Reports of
  /// entries say their event as DeliveryReport::source. Both must live until finish(). Before the producer is started.
  /// `from`: what another version's suspend() gave, whose producer goes on beneath this one: what it has in flight is not
  /// sent again, its reports come here. The store is the same directory. [lifecycle thread]
  void start(OutboxStore& store, DeliveryListener& listener, const OutboxHandover* from = nullptr);

  /// Relays nothing more, so that the producer can be suspended: waits until nothing is being taken back. Fails if that is
  /// not so by the deadline, and goes on as before. [lifecycle thread]
  Result<void> pause(std::chrono::steady_clock::time_point deadline);
  /// After pause(): goes on as before. [lifecycle thread]
  void resume();
  /// After pause() and once the producer is suspended, which the other version goes on with or not: publishers that still
  /// wait are told that the outbox keeps their events, and the store is not used any more. Fails if something came back
  /// meanwhile from a producer that goes on, and changes nothing. [lifecycle thread]
  Result<OutboxHandover> suspend(bool producer_goes_on);

  /// Relays nothing more; what is in flight still gets its reports. [lifecycle thread]
  void stop_relaying();
  /// After the producer was stopped: publishers that still wait are told that the outbox keeps their events, and the store
  /// is not used any more. Returns how many entries wait. [lifecycle thread]
  std::uint64_t finish();

  // RecordSink. `kept`: the record lies in the store and nobody waits for it.
  Result<TopicId> open_topic(std::string_view name) override;
  SendStatus send(const OutboundRecord& record) noexcept override;
  [[nodiscard]] std::string explain(SendStatus status, const OutboundRecord& record) const override;

  // DeliveryListener, on the producer's delivery thread.
  void on_deliveries(std::span<const DeliveryReport> reports) noexcept override;

  [[nodiscard]] Status status() const;  ///< [any thread]

 private:
  using Clock = std::chrono::steady_clock;
  /// What a sender knows of the direct way.
  enum class Direct : std::uint8_t { not_tried, full };

  SendStatus send_directly(const OutboundRecord& record, Direct& direct);
  SendStatus keep(const OutboundRecord& record, Direct direct);
  SendStatus append(const OutboundRecord& record);
  SendStatus send_through(const OutboundRecord& record, std::uint64_t position);
  SendStatus wait_on_disk(const OutboundRecord& record, std::uint64_t position);
  void note_in_flight(OutboxHandover& handover) const;
  void go_on(const OutboxHandover& from);
  void erase_reported(const OutboxHandover& from);
  void begin_relaying();
  void tell_kept();
  void leave_direct();
  void leave_direct_at(std::uint64_t position);
  void wake_relay();

  // The relay thread.
  void run();
  void turn();
  bool relay_some();
  bool relay(std::uint64_t position, const StoredEntry& entry);
  void give_up(std::uint64_t position, const StoredEntry& entry, std::string_view reason);
  void begin_anew();
  void find_cursor();
  void watch_connection();
  void try_direct();
  void rest(std::chrono::milliseconds time);
  void rest_until_appended(std::uint64_t seen);
  Result<TopicId> relay_topic(std::string_view name);

  // The delivery thread.
  void handle(std::span<const DeliveryReport> reports);
  void hold_back();
  void on_entry(const DeliveryReport& report);
  void take_back(const DeliveryReport& report);
  void take_back_entry(std::uint64_t position);
  void find_events();
  void erase_passed_on();

  const Mode mode_;
  const OutboxTarget target_;
  EventBus& bus_;
  Log& log_;
  DeliveryListener* listener_ = nullptr;  // set while stopped

  SenderGate gate_;
  std::atomic<bool> direct_{false};

  mutable std::mutex mutex_;      // guards what follows; held while appending, so that positions enter in order
  OutboxStore* store_ = nullptr;  // null: stopped; not null while a thread of ours or a producer's runs
  LiveEvents live_;
  std::uint64_t reserved_ = 0;  // the positions kept free before everything that waits: first, next, end
  std::uint64_t reserved_next_ = 0;
  std::uint64_t reserved_end_ = 0;
  std::uint64_t resume_at_ = 0;  // where the relay goes on; 0: where it is
  std::unordered_map<std::uint32_t, std::string> topic_names_;
  std::string trouble_;  // why the last record was refused

  std::thread thread_;  // lifecycle thread
  std::atomic<bool> stopping_{true};
  std::atomic<bool> recovering_{false};  // something came back: send nothing until all is back, then begin anew
  std::atomic<bool> relay_rests_{false};
  std::atomic<std::uint64_t> appended_{0};
  std::atomic<std::int64_t> sent_entries_{0};  // without a report
  std::atomic<std::int64_t> sent_bytes_{0};
  std::mutex wake_mutex_;
  std::condition_variable wake_;

  // Relay thread only.
  std::uint64_t cursor_ = 0;  // the next position to be sent
  Clock::time_point away_since_ = Clock::time_point::max();
  bool renewed_ = false;  // since the broker is away
  std::unordered_map<std::string, TopicId> relay_topics_;

  // Delivery thread only.
  std::vector<DeliveryReport> passed_on_;
  std::vector<std::unique_ptr<KeptEvent>> kept_events_;
  std::string failure_;

  std::atomic<std::uint64_t> taken_back_{0};
  std::atomic<std::uint64_t> relayed_{0};
};

}  // namespace kafka_events
