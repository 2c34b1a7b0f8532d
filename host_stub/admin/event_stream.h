// One client of GET /events: a subscription and the bounded queue between the publishers and the HTTP server's thread.
// Events are kept by reference and become text only when they are sent.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "agent_plugin/event.h"

#include "core/result.h"

namespace host_stub {

class EventBus;

struct EventStreamLimits {
  std::size_t max_events;
  std::size_t max_bytes;
};

class EventStream {
 public:
  /// Subscribes to what one of `patterns` (RE2) matches. `wake` is called, on a publisher's thread, when something came
  /// after take() had found nothing; it must not block. `bus` must outlive the stream.
  /// AGENT_E_INVALID: a pattern is wrong; the message says where.
  static Result<std::unique_ptr<EventStream>> open(EventBus& bus, const std::vector<std::string>& patterns,
                                                   EventStreamLimits limits, std::function<void()> wake);

  ~EventStream();  ///< unsubscribes, and gives all events back
  EventStream(const EventStream&) = delete;
  EventStream& operator=(const EventStream&) = delete;

  /// Appends waiting events to `out` as server-sent events until it has about `max_bytes`. What did not fit into the
  /// queue is told in its place: `event: lagged` with the number. [one thread]
  void take(std::string& out, std::size_t max_bytes);

 private:
  struct Entry {
    const agent_event* event;  // null: `dropped` events are missing here
    std::uint64_t dropped;
    std::size_t bytes;
  };

  EventStream(EventBus& bus, EventStreamLimits limits, std::function<void()> wake);
  static std::int32_t on_event(void* context, const agent_event* event);
  void push(const agent_event& event);
  std::vector<Entry> pop(std::size_t max_bytes);

  EventBus& bus_;
  const EventStreamLimits limits_;
  const std::function<void()> wake_;
  std::uint64_t token_ = 0;
  std::mutex mutex_;
  std::deque<Entry> queue_;  // guarded by mutex_, as is all below
  std::size_t bytes_ = 0;
  bool found_nothing_ = false;
};

}  // namespace host_stub
