// What a Consumer's thread does, in the order in which it happens: connect, subscribe, turns, leave.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "core/handover.h"
#include "core/ports.h"
#include "kafka/assignment.h"
#include "kafka/commit_first.h"
#include "kafka/connection_probe.h"
#include "kafka/consumer.h"
#include "kafka/consumer_commands.h"
#include "kafka/consumer_watchdog.h"
#include "kafka/handles.h"
#include "kafka/recent_errors.h"
#include "kafka/topic_census.h"

namespace kafka_events {

class ConsumerLoop final : public ConsumerControl {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr auto never = Clock::time_point::max();

  ConsumerLoop(config::WorkerSettings settings, std::string oauth_token_file, Log& log);
  ~ConsumerLoop() override;
  ConsumerLoop(const ConsumerLoop&) = delete;
  ConsumerLoop& operator=(const ConsumerLoop&) = delete;

  // Lifecycle thread.
  /// With `client`, or a new one if it is null; goes on where `from` ended, which may be null. `took_over`: it is the
  /// client of `from`.
  Result<void> set_up(RecordHandler& handler, rd_kafka_t* client, bool took_over, const WorkerHandover* from);
  /// No thread could be started: its client, which is the caller's now.
  rd_kafka_t* forget_client();
  [[nodiscard]] std::vector<config::Property> client_properties() const;
  Result<rd_kafka_t*> make_client() const;
  void ask_to_stop(Clock::time_point deadline);
  [[nodiscard]] bool wait_until_ended(Clock::time_point deadline) const;
  [[nodiscard]] bool client_left() const noexcept { return client_left_.load(); }

  // From one version of the module to another: consumer_handover.cpp. Lifecycle thread.
  [[nodiscard]] ClientKey key();
  [[nodiscard]] std::string client_name() const { return "worker." + settings_.name; }
  void close_gate();
  void open_gate();
  /// False: at the deadline something was still under way, or the thread did not come round.
  bool wait_until_quiet(Clock::time_point deadline);
  [[nodiscard]] std::string what_is_under_way() const;
  /// What it knows, quiet or ended. With `deposits` the client is deposited, and the thread ends without leaving the group;
  /// if that fails all is as before.
  Result<WorkerHandover> hand_over(Deposits* deposits);
  /// Whoever ends it next does not wait for records that somebody else holds.
  void leave_client_behind() noexcept { hurried_ = true; }

  // The consumer's thread; the rest of the class is its own.
  void run() noexcept;

  // Any thread.
  [[nodiscard]] ConsumerStatus status() const;
  [[nodiscard]] ConsumerState state() const noexcept { return state_.load(); }
  [[nodiscard]] bool connected() const noexcept { return probe_.connected(); }
  [[nodiscard]] const config::WorkerSettings& settings() const noexcept { return settings_; }
  [[nodiscard]] const std::string& oauth_token_file() const noexcept { return oauth_token_file_; }
  Result<void> command(ConsumerCommand command, Clock::time_point deadline, CommandDone done);

  // The watchdog's thread.
  void watch();

  // ConsumerControl: the consumer's thread, for its handler.
  Result<std::string> group_metadata() override;
  Result<std::vector<Watermark>> committed(std::span<const TopicPartition> partitions,
                                           Clock::time_point deadline) override;
  void give_up(std::string reason) override;

 private:
  /// Between thread and lifecycle thread: closed means that nothing is under way and the thread touches nothing.
  enum class Gate : std::uint8_t { open, closing, closed, handed_over };

  [[nodiscard]] bool must_stop() const noexcept { return stop_by_.load(std::memory_order_relaxed) != never; }
  void begin_anew();
  void wake();
  void begin();
  void connect();
  void join();
  void assign_fixed_partitions();
  void tell_if_nothing_is_there();

  void turn();
  void quiet_turn();
  [[nodiscard]] bool is_quiet();
  void let_go();
  void go_on();
  void go_on_with(std::span<const PartitionHandover> partitions);
  void take_over_assigned(const rd_kafka_topic_partition_list_t& partitions,
                          const rd_kafka_topic_partition_list_t& committed);
  [[nodiscard]] bool seek_back(std::span<const PartitionHandover> partitions);
  void add_counters(WorkerHandover& to) const;
  void take_over_counters(const WorkerHandover& from);

  bool take_events(Clock::time_point until);
  bool hold_back();
  [[nodiscard]] bool is_pressed() const noexcept;
  void commit_and_hand_over();
  [[nodiscard]] EventOwner answer_of(rd_kafka_queue_t* answers, Clock::time_point limit) const;
  void take_commit(rd_kafka_event_t* answer);
  void drop_uncommitted(std::span<const TopicPartition> partitions);
  void store_watermarks();
  void commit_when_due(Clock::time_point now);
  [[nodiscard]] bool is_coordinator_free(const TopicPartition& any) const;
  void take_commit_answers(int timeout_ms);
  void rest_partitions();

  void serve(EventOwner event);
  void on_fetched(EventOwner event);
  void on_rebalance(rd_kafka_event_t* event);
  void on_assigned(rd_kafka_topic_partition_list_t& partitions);
  void find_ends(rd_kafka_topic_partition_list_t& partitions);
  void keep_starts(const rd_kafka_topic_partition_list_t& partitions, const rd_kafka_topic_partition_list_t& committed);
  void on_revoked(rd_kafka_topic_partition_list_t& partitions);
  void on_committed(rd_kafka_event_t* event);
  void on_error(rd_kafka_event_t* event);
  void on_partition_error(rd_kafka_resp_err_t code, std::string_view text);
  void report(rd_kafka_error_t* error);
  void fail(std::string reason);

  [[nodiscard]] Clock::duration revoke_limit() const;
  [[nodiscard]] bool is_member() const;
  [[nodiscard]] bool has_member_id() const;
  void give_back(std::span<const TopicPartition> partitions, Clock::time_point deadline);
  void commit(const rd_kafka_topic_partition_list_t& offsets, Clock::time_point deadline);
  void leave();
  bool wait_for_first_assignment(Clock::time_point limit);
  void end_client(bool can_be_destroyed, Clock::time_point deadline);
  void close(Clock::time_point deadline);
  void publish_status();

  void serve_commands();
  Result<std::vector<PartitionStatus>> perform(const ConsumerCommand& command, Clock::time_point deadline);
  Result<PartitionList> look_up(std::span<const TopicPartition> partitions, const SeekTarget& target,
                                Clock::time_point deadline);
  Result<void> seek(std::span<const TopicPartition> partitions, const SeekTarget& target, Clock::time_point deadline);
  void keep_idle_queue(const char* topic);

  const config::WorkerSettings settings_;
  const std::string oauth_token_file_;
  Log& log_;
  RecentErrors errors_;
  RecentErrors client_log_;
  ConnectionProbe probe_;
  TopicCensus census_;         // kept when stopped
  ConsumerCommands commands_;  // what operators paused is kept when stopped
  HandlerClock handling_;
  std::atomic<std::chrono::milliseconds> in_handler_{std::chrono::milliseconds(0)};
  Clock::time_point stuck_report_due_{};  // watchdog's thread

  RecordHandler* handler_ = nullptr;
  rd_kafka_t* client_ = nullptr;
  ClientKey client_key_;                                  // lifecycle thread
  bool subscribed_ = false;                               // or has its fixed partitions
  std::map<TopicPartition, PartitionHandover> expected_;  // of another version, until they are assigned
  bool took_over_ = false;                                // the client is the other version's, with all of expected_
  bool member_was_assigned_ = false;                      // the other version, perhaps nothing
  bool handler_quiesced_ = false;
  QueueHandle queue_;
  Assignment assignment_;
  std::vector<Header> headers_;  // of the record at hand
  CommitFirst first_;            // at_most_once: not handed over yet
  bool first_failed_ = false;    // their commit did not succeed and is tried again
  QueueHandle commit_answers_;   // of at_least_once, but for those that are waited for
  int commits_in_flight_ = 0;    // 0 or 1
  std::chrono::milliseconds commit_interval_{0};
  Clock::time_point last_commit_{};
  Clock::time_point last_rebalance_{};
  bool leaving_ = false;
  bool seen_assignment_ = false;  // this client, even an empty one
  bool resting_ = false;          // all partitions are paused, because too much is in flight
  Clock::time_point held_back_since_ = never;
  Clock::time_point status_due_{};

  std::atomic<ConsumerState> state_{ConsumerState::stopped};
  std::atomic<Clock::time_point> stop_by_{never};
  std::atomic<Clock::time_point> last_turn_{};
  std::atomic<std::uint64_t> records_{0};
  std::atomic<std::uint64_t> rebalances_{0};
  std::atomic<std::uint64_t> not_handed_over_{0};
  std::atomic<bool> client_left_{false};
  std::atomic<bool> hurried_{false};
  std::atomic<bool> interrupted_{false};  // looked at between two records: it must stop, or the gate is not open

  mutable std::mutex gate_mutex_;  // held by whoever changes gate_, and by the lifecycle thread while it hands over
  std::condition_variable gate_changed_;
  std::atomic<Gate> gate_{Gate::open};
  Clock::time_point closing_since_{};  // consumer thread

  mutable std::mutex queue_mutex_;  // guards queue_ against a stop that wakes it while it ends, and idle_queue_
  QueueHandle idle_queue_;          // nothing ever comes through it
  mutable std::mutex status_mutex_;
  ConsumerStatus shared_;
  std::atomic<bool> ended_{true};
};

}  // namespace kafka_events
