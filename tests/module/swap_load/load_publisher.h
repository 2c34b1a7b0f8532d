// Publishes numbered events at a steady rate and follows each to its completion.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "agent_plugin/ext/event_bus.h"

#include "times.h"

namespace swap_load {

struct PublishPlan {
  std::string topic;
  double rate = 20'000;  ///< events a second, of all threads together
  std::uint32_t keys = 64;
  std::uint32_t threads = 2;     ///< each has keys of its own
  std::size_t size = 100;        ///< octets of a payload
  std::size_t most = 4'000'000;  ///< then it stops by itself
};

class LoadPublisher {
 public:
  LoadPublisher(const agent_host* host, const agent_event_bus* bus, PublishPlan plan);
  ~LoadPublisher() { stop(); }  // whoever destroys it has waited until nothing is outstanding
  LoadPublisher(const LoadPublisher&) = delete;
  LoadPublisher& operator=(const LoadPublisher&) = delete;

  /// Also after stop(): it goes on with the next number.
  void start();
  /// No further event is published when it returns; completions may still come.
  void stop();
  /// Events without a completion. Any thread.
  [[nodiscard]] std::uint64_t outstanding() const noexcept { return published_ - completed_; }
  /// Counts as JSON, see json(). After stop().
  [[nodiscard]] std::string json() const;
  /// Times into DIRECTORY/publish.N.long, publish.N.slots and completions.long. After stop().
  bool write_times(const std::string& directory) const;

 private:
  /// What one thread has, touched by it alone but for `states`.
  struct Stream {
    std::thread thread;
    std::vector<std::uint32_t> keys;
    std::atomic<std::uint64_t> count{0};
    std::unique_ptr<std::atomic<std::uint8_t>[]> states;  // of event n of this thread: completions with outcome done
    std::unique_ptr<CallTimes> calls;
  };

  void run(std::uint32_t number);
  /// Until it was taken; false: stopped first.
  bool publish(Stream& stream, std::uint32_t number, std::string& payload);
  static void completed(void* context, std::uint64_t cookie, const agent_event_result* result) noexcept;
  void on_completed(std::uint64_t cookie, const agent_event_result& result);

  const agent_host* host_;
  const agent_event_bus* bus_;
  const PublishPlan plan_;
  const std::size_t most_of_stream_;
  std::int64_t began_ns_ = 0;
  std::atomic<bool> ending_{false};
  std::atomic<std::uint64_t> published_{0};
  std::atomic<std::uint64_t> completed_{0};  // with done or failed
  std::atomic<std::uint64_t> busy_{0};       // publish() said so, and was called again
  std::atomic<std::uint64_t> told_busy_{0};  // a completion said so
  std::atomic<std::uint64_t> failed_{0};
  std::atomic<std::uint64_t> unheard_{0};  // no handler took part
  std::atomic<std::uint64_t> refused_{0};  // publish() failed
  std::atomic<std::uint64_t> twice_{0};    // more than one completion
  mutable std::mutex mutex_;
  std::string first_failure_;  // guarded by mutex_
  Intervals completions_;
  std::vector<Stream> streams_;
};

}  // namespace swap_load
