// The thread on which POST /events is done ("admin-publish"): handlers run on the publisher's thread, which must not be
// the HTTP server's. Several requests take turns, slice by slice.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "admin/call_queue.h"
#include "admin/http_message.h"
#include "admin/publish_job.h"
#include "core/result.h"

namespace host_stub {

class EventBus;
class RouteTable;

class EventPublisher {
 public:
  /// Both must outlive it.
  EventPublisher(EventBus& bus, RouteTable& routes, std::size_t max_payload_bytes);
  ~EventPublisher();  ///< stop(1 s)
  EventPublisher(const EventPublisher&) = delete;
  EventPublisher& operator=(const EventPublisher&) = delete;

  Result<void> start();
  /// Events that were taken stay taken; the rest of running requests is not published. False: a handler still runs.
  bool stop(std::chrono::milliseconds deadline);

  /// The handler of POST /events. [any thread]
  void handle(HttpCall& call, std::uint64_t exchange);

  /// How long the answer to this request may take.
  [[nodiscard]] static std::chrono::milliseconds timeout_of(const HttpCall& call);

 private:
  struct Link {  // to the route table, cut when the publisher ends: completions may come later
    std::mutex mutex;
    RouteTable* routes;
  };

  [[nodiscard]] PublishJob::Request request_of(HttpCall& call, bool wait);

  EventBus& bus_;
  RouteTable& routes_;
  std::size_t max_payload_bytes_;
  std::string id_prefix_;
  std::uint64_t requests_ = 0;  // guarded by mutex_
  std::mutex mutex_;
  std::shared_ptr<Link> link_;
  std::shared_ptr<CallQueue> queue_;  // shared with its jobs: a handler that hangs may outlive the publisher
};

}  // namespace host_stub
