// A deadline for what happens on a socket: when it passes, pending operations end with operation_aborted. The socket
// stays open, so that the client can still be told.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>

#include "admin/asio.h"

namespace host_stub {

class Watchdog {
 public:
  explicit Watchdog(boost::asio::ip::tcp::socket& socket) : socket_(socket), timer_(socket.get_executor()) {}

  /// `owner` is kept alive until disarm().
  void arm(std::chrono::milliseconds deadline, std::shared_ptr<void> owner) {
    fired_ = false;
    wait(deadline, std::move(owner), ++turn_);
  }
  void disarm() {
    ++turn_;
    timer_.cancel();
  }
  [[nodiscard]] bool fired() const noexcept { return fired_; }

 private:
  void wait(std::chrono::milliseconds deadline, std::shared_ptr<void> owner, std::uint64_t turn) {
    timer_.expires_after(deadline);
    timer_.async_wait([this, owner = std::move(owner), turn](const boost::system::error_code& error) mutable {
      if (error || turn != turn_) return;
      fired_ = true;
      boost::system::error_code ignored;
      socket_.cancel(ignored);
      // An operation that had just completed may be followed by the next one of the same read or write: cancel that
      // too.
      wait(std::chrono::milliseconds(50), std::move(owner), turn);
    });
  }

  boost::asio::ip::tcp::socket& socket_;
  boost::asio::steady_timer timer_;
  std::uint64_t turn_ = 0;
  bool fired_ = false;
};

}  // namespace host_stub
