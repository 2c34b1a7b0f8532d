// The admin HTTP server: one thread, "host-admin", that speaks HTTP/1.0 and 1.1, authenticates, enforces limits, and
// hands every request to the route table; it adds the host's own routes to that table.
//
//   AdminServerOptions options;
//   options.host = "127.0.0.1"; options.port = 3001; options.api_key = key;
//   auto server = AdminServer::create(options, routes, bus, control, log);   // refuses without a key, as ACA-Py does
//   if (!server) return server.error();
//   if (auto started = server.value()->start(); !started) return started.error();   // "port in use", say
//   …
//   server.value()->stop(std::chrono::seconds(5));
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/result.h"

namespace host_stub {

class Connection;
class EventBus;
class HostControl;
class LogSink;
class RouteTable;

struct AdminServerLimits {
  std::size_t max_body_bytes = 8u << 20;              ///< more: 413
  std::uint32_t max_header_bytes = 16u << 10;         ///< request line and header fields; more: 431
  std::chrono::milliseconds request_timeout{10'000};  ///< to send one request; slower: 408
  std::chrono::milliseconds idle_timeout{60'000};     ///< between requests of a kept-alive connection; then closed
  std::chrono::milliseconds handler_timeout{30'000};  ///< for a handler to answer; then 504
  std::chrono::milliseconds write_timeout{30'000};    ///< for a client to take an answer; then disconnected
  std::size_t max_connections = 256;                  ///< more: 503
  std::size_t max_streams = 32;                       ///< clients of GET /events; more: 503
  std::size_t max_stream_events = 16'384;             ///< waiting for one client; more are dropped and counted
  std::size_t max_stream_bytes = 32u << 20;           ///< the same in bytes
  std::chrono::milliseconds heartbeat{15'000};        ///< silence after which a stream gets a comment line
};

struct AdminServerOptions {
  std::string host = "127.0.0.1";      ///< an address or a name to listen on
  std::uint16_t port = 0;              ///< 0: a free one
  std::optional<std::string> api_key;  ///< required in X-API-Key …
  bool insecure_mode = false;          ///< … unless this is set
  std::string version;                 ///< of the host, for the OpenAPI document
  std::size_t max_payload_bytes =
      8u << 20;  ///< the bus's limit, so that too large events are refused before any is taken
  AdminServerLimits limits;
};

/// start(), stop() and the destructor belong to one thread; the rest may be called from any.
class AdminServer {
 public:
  /// Checks the options and adds the host's routes to `routes`; opens nothing. All references must outlive the server.
  /// AGENT_E_INVALID: neither key nor insecure mode, both at once, or an empty key.
  static Result<std::unique_ptr<AdminServer>> create(AdminServerOptions options, RouteTable& routes, EventBus& bus,
                                                     HostControl& control, LogSink& log);

  ~AdminServer();  ///< stop(5 s), and removes the host's routes
  AdminServer(const AdminServer&) = delete;
  AdminServer& operator=(const AdminServer&) = delete;

  /// Listens. AGENT_E_EXISTS: the address is in use; AGENT_E_INVALID: it is none; AGENT_E_FAILED: other reasons.
  Result<void> start();

  /// The port that it listens on; 0 before start().
  [[nodiscard]] std::uint16_t port() const noexcept;

  /// "http://127.0.0.1:3001".
  [[nodiscard]] std::string url() const;

  /// Accepts nothing more, lets running requests finish until the deadline, ends event streams, joins its threads.
  /// True if no request had to be cut off. Idempotent.
  bool stop(std::chrono::milliseconds deadline);

 private:
  class State;
  friend class Connection;
  explicit AdminServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace host_stub
