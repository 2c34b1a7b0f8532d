// The demo's second part: questions that go to Kafka, are answered there by whoever reads them, and come back.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "agent_plugin/ext/event_bus.h"

#include "cli/host.h"
#include "cli/stop_signals.h"

namespace host_stub::cli {

/// Of questions; conf/demo.yaml has a route with reply_to for it.
inline constexpr std::string_view demo_request_topic = "demo::ask";

struct DemoAnswers {
  std::uint64_t asked = 0;
  std::uint64_t answered_once = 0;  ///< with the payload that was asked for
  std::uint64_t wrong = 0;          ///< answered twice, or with another payload
  std::chrono::microseconds p50{0};
  std::chrono::microseconds p99{0};
  std::string trouble;  ///< why the first one that was not answered was not; empty: nobody said
};

/// Any thread for on_event(), one for the rest.
class DemoRequests {
 public:
  explicit DemoRequests(Host& host) : host_(host) {}
  DemoRequests(const DemoRequests&) = delete;
  DemoRequests& operator=(const DemoRequests&) = delete;

  /// Asks `count` questions, a few at a time, and waits for their answers. Ctrl-C ends it early.
  DemoAnswers run(std::size_t count, StopSignals& signals);

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Question {
    Time asked;
    std::chrono::microseconds took{0};
    std::uint32_t answers = 0;
    bool ended = false;
    bool changed = false;
    bool busy = false;  // it was not taken, and is asked again
  };

  bool ask(std::size_t number, StopSignals& signals);
  [[nodiscard]] bool wait_for_room(std::size_t most, StopSignals& signals);
  void on_published(std::size_t number, const agent_event_result& result);
  void on_event(const agent_event& event);
  void take(std::string_view topic, std::size_t number, std::string_view payload, std::string_view reason);
  [[nodiscard]] DemoAnswers count() const;

  Host& host_;
  mutable std::mutex mutex_;  // guards all below
  std::vector<Question> questions_;
  std::size_t open_ = 0;
  std::string trouble_;
};

/// "500 of 500 requests were answered once, through Kafka: p50 4.1 ms, p99 9.8 ms".
[[nodiscard]] std::string in_words(const DemoAnswers& answers);

}  // namespace host_stub::cli
