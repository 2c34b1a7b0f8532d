// Lists and redrives dead letters on threads of its own ("kfk-letters", "kfk-redrive"), one list and one redrive at a
// time; whoever asks is answered by a callback.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "codec/codec_factory.h"
#include "config/settings.h"
#include "core/dead_letter_source.h"
#include "core/ports.h"
#include "inbound/dead_letter_list.h"
#include "inbound/redrive.h"

namespace kafka_events {

class DeadLetterDesk {
 public:
  using Clock = std::chrono::steady_clock;

  /// What it takes from outside. All is called on the desk's threads.
  struct Parts {
    std::function<Result<std::unique_ptr<DeadLetterSource>>(const config::WorkerSettings& worker)> open_source;
    /// Makes the sink of redriven records ready, and ends it; nobody else uses it.
    RecordSink& sink;
    std::function<Result<void>(DeliveryListener& listener)> open_sink;
    std::function<void()> close_sink;
    CodecParts codecs{};
  };
  /// Settings and parts must outlive the desk.
  DeadLetterDesk(const config::Settings& settings, Parts parts, Log& log)
      : settings_(settings), parts_(std::move(parts)), log_(log) {}
  ~DeadLetterDesk() { close(); }
  DeadLetterDesk(const DeadLetterDesk&) = delete;
  DeadLetterDesk& operator=(const DeadLetterDesk&) = delete;

  /// Requests are taken from now on. [lifecycle thread]
  void open();
  /// Ends a redrive under way (what it redrove is remembered), answers who waits, joins the threads. [lifecycle thread]
  void close();

  using Listed = std::function<void(const Result<DeadLetterList>& list)>;
  using Redriven = std::function<void(const RedriveReport& report)>;
  /// Each is answered exactly once if this succeeds, not at all if it fails: not_found (no such worker), busy (one is
  /// under way), state (closed). [any thread]
  Result<void> list(DeadLetterQuery query, Clock::time_point deadline, Listed done);
  /// Answered when it is over, or at `answer_by` with running = true; it goes on then.
  Result<void> redrive(RedriveRequest request, Clock::time_point answer_by, Redriven done);

  /// From the moment at which redrive() took it until it is over. [any thread]
  [[nodiscard]] bool redrive_running() const {
    const std::lock_guard lock(mutex_);
    return redriving_;
  }
  /// The redrive that runs, or the last one since open(). [any thread]
  [[nodiscard]] std::optional<RedriveReport> last_redrive() const;

 private:
  [[nodiscard]] const config::WorkerSettings* find(const std::string& worker) const;
  void run_list(const config::WorkerSettings& worker, std::uint32_t limit, Clock::time_point deadline,
                const Listed& done);
  void run_redrive(const config::WorkerSettings& worker, const RedriveRequest& request, Clock::time_point answer_by,
                   Redriven done);

  const config::Settings& settings_;
  const Parts parts_;
  Log& log_;
  std::atomic<bool> closing_{false};

  mutable std::mutex mutex_;  // guards what follows
  bool open_ = false;
  std::thread list_thread_;
  std::thread redrive_thread_;
  bool listing_ = false;
  bool redriving_ = false;
  std::shared_ptr<Redrive> current_;
  std::optional<RedriveReport> last_;
};

}  // namespace kafka_events
