// Handles numbered inbound events as a plugin of a user would: at once, later, or by publishing them again; some fail at first.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "agent_plugin_cpp/bus.hpp"

#include "number_ledger.h"
#include "times.h"

namespace swap_load {

struct ReceivePlan {
  std::string pattern;  ///< of what it handles; empty: nothing
  std::uint32_t keys = 64;
  std::string answer =
      "done";  ///< done; later: by a thread, after delay_ms; echo: done when what it published again is
  std::uint32_t delay_ms = 5;
  std::string echo_topic;        ///< for echo
  std::uint64_t fail_every = 0;  ///< each event whose key + number is a multiple fails; 0: none
  std::uint32_t fail_times = 2;  ///< so often, then it is handled
};

class LoadReceiver {
 public:
  LoadReceiver(const agent_host* host, ReceivePlan plan);
  ~LoadReceiver() { stop(); }
  LoadReceiver(const LoadReceiver&) = delete;
  LoadReceiver& operator=(const LoadReceiver&) = delete;

  agent::Status start();
  void stop();
  /// {"ledger":…,"failed":…,"most_failures":…}. Any thread.
  [[nodiscard]] std::string json() const;
  [[nodiscard]] std::uint64_t received() const noexcept { return received_; }
  /// Echoes that are not done. Any thread.
  [[nodiscard]] std::uint64_t outstanding() const noexcept { return echoes_; }
  /// Into DIRECTORY/received.long. When nothing comes any more.
  bool write_times(const std::string& directory) const { return intervals_.log().write(directory + "/received.long"); }

 private:
  struct Waiting {
    const agent_event* event;
    std::int64_t due_ns;
  };
  /// One event that is done when its echo is.
  struct Echoed {
    LoadReceiver* self;
    const agent_event* cause;
  };

  agent::Answer handle(const agent::Event& event);
  /// True: it is to fail this time. mutex_ is held.
  bool fails(const Numbered& numbered);
  agent::Answer echo(const agent::Event& event);
  static void echoed(void* context, std::uint64_t cookie, const agent_event_result* result) noexcept;
  void run();

  const agent_host* host_;
  agent::Bus bus_;
  const agent_event_bus* table_;
  const ReceivePlan plan_;
  Intervals intervals_;
  std::atomic<std::uint64_t> received_{0};
  std::atomic<std::uint64_t> echoes_{0};
  std::thread thread_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  NumberLedger ledger_;
  std::map<std::pair<std::uint32_t, std::uint64_t>, std::uint32_t> failures_;
  std::uint64_t failed_ = 0;
  std::uint64_t echo_failures_ = 0;
  std::deque<Waiting> waiting_;
  bool ending_ = false;
  agent::Subscription in_;  // last: no event comes when the others go
};

}  // namespace swap_load
