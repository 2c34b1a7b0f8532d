// The inside of the admin server. Private to server.cpp and connection*.cpp.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include "admin/asio.h"
#include "admin/event_publisher.h"
#include "admin/host_routes.h"
#include "admin/route_table.h"
#include "admin/server.h"
#include "bus/event_bus.h"
#include "log/log_sink.h"

namespace host_stub {

class Connection;

/// Lets other threads run something on the HTTP thread, as long as there is one.
class Mailbox {
 public:
  explicit Mailbox(boost::asio::io_context& io) : io_(&io) {}
  template <class Function>
  void post(Function function) {
    const std::lock_guard lock(mutex_);
    if (io_ != nullptr) boost::asio::post(*io_, std::move(function));
  }
  void close() {
    const std::lock_guard lock(mutex_);
    io_ = nullptr;
  }

 private:
  std::mutex mutex_;
  boost::asio::io_context* io_;
};

class AdminServer::State {
 public:
  State(AdminServerOptions chosen, RouteTable& table, EventBus& event_bus, LogSink& log_sink)
      : options(std::move(chosen)),
        routes(table),
        bus(event_bus),
        log(log_sink),
        mailbox(std::make_shared<Mailbox>(io)),
        publisher(event_bus, table, options.max_payload_bytes),
        acceptor(io) {}

  Result<void> listen();
  Result<void> run();
  bool stop(std::chrono::milliseconds deadline);
  boost::asio::awaitable<void> accept();
  void admit(boost::asio::ip::tcp::socket socket);
  void left(Connection& connection);
  void warn(std::string_view message);

  const AdminServerOptions options;
  RouteTable& routes;
  EventBus& bus;
  LogSink& log;
  boost::asio::io_context io{1};
  std::shared_ptr<Mailbox> mailbox;
  EventPublisher publisher;
  std::unique_ptr<HostRoutes> host_routes;  // uses the publisher
  boost::asio::ip::tcp::acceptor acceptor;
  std::thread thread;
  std::atomic<std::uint16_t> port{0};

  // Of the HTTP thread:
  std::set<Connection*> connections;
  std::size_t streams = 0;
  std::size_t being_refused = 0;
  bool stopping = false;
  std::chrono::steady_clock::time_point last_warning{};

  std::mutex mutex;
  std::condition_variable all_left;
  std::size_t open_connections = 0;  // guarded by mutex
};

}  // namespace host_stub
