// Listens for what becomes of one request, beside the thread that publishes it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "cli/http_client.h"
#include "cli/request_event.h"

namespace host_stub::cli {

/// Why nothing more will be heard.
struct StreamEnd {
  int exit_status = 1;
  std::string message;
};

class RequestStream {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// `client` is this object's alone; options and request outlive it.
  RequestStream(std::unique_ptr<HttpClient> client, const RequestOptions& options, const RequestEvent& request);
  ~RequestStream();
  RequestStream(const RequestStream&) = delete;
  RequestStream& operator=(const RequestStream&) = delete;

  /// Begins to listen. A client made with this as its Interrupted ends with this object.
  void start();
  [[nodiscard]] bool closing() const noexcept { return closing_; }

  /// Waits until the host listens for us, it failed, or the time is over; true: it listens.
  [[nodiscard]] bool wait_connected(Time until);
  /// Waits until there is an answer, it failed, or the time is over.
  void wait(Time until);
  /// Something was heard, or nothing will be. [any thread]
  [[nodiscard]] bool ended() const noexcept { return ended_; }
  [[nodiscard]] std::optional<RequestAnswer> answer() const;
  [[nodiscard]] std::optional<StreamEnd> failure() const;

 private:
  void listen();
  void take(std::string_view event, std::string_view data);
  void fail(StreamEnd end);

  const std::unique_ptr<HttpClient> client_;
  const RequestOptions& options_;
  const RequestEvent& request_;
  std::atomic<bool> closing_{false};
  std::atomic<bool> ended_{false};
  mutable std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  bool connected_ = false;
  std::optional<RequestAnswer> answer_;
  std::optional<StreamEnd> failure_;
  std::thread thread_;
};

}  // namespace host_stub::cli
