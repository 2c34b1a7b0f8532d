// Which handler answers which request: the routes of the host and of its plugins, and the requests that wait for an
// answer. It knows no sockets, so the same routes answer over HTTP and in process:
//
//   RouteTable routes;
//   if (auto started = routes.start(); !started) return started.error();
//   routes.add(plugin_route, owner, &token, &error);                 // "agent.admin_routes/1"
//   HttpReply reply = routes.call("GET", "/kafka/explain?topic=a", "", std::chrono::seconds(5));
//
// Handlers of plugins are called on the thread "admin-call", one after another, so that a plugin that blocks delays
// other plugins' answers at most, never the HTTP server. The host's own run on "admin-work", or on the caller's thread
// if they are marked inline. Both queues are bounded: a request that finds its queue full gets 503.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent_plugin/ext/admin_routes.h"
#include "agent_plugin/status.h"

#include "admin/http_message.h"
#include "core/result.h"

namespace host_stub {

/// A query parameter, for the OpenAPI document.
struct RouteParameter {
  std::string name;
  std::string description;
  bool required = false;
};

/// What the OpenAPI document says about a route.
struct RouteInfo {
  std::string method;
  std::string path;  ///< with {name} segments
  std::string summary;
  std::string description;
  std::vector<RouteParameter> parameters;
  std::string request_schema;            ///< JSON Schema as JSON text; empty: the route takes no body
  std::string response_schema;           ///< JSON Schema of the successful answer, or empty
  std::string response_type{json_type};  ///< media type of the successful answer
  int success_status = 200;              ///< status of the successful answer
  bool needs_key = true;                 ///< false: answered without the API key
  std::uint64_t owner = 0;               ///< the plugin instance's number; 0: the host
};

/// Where a handler of the host runs.
enum class RouteThread {
  caller,      ///< on the thread that dispatches (the HTTP server's): for what never blocks
  host_worker  ///< on "admin-work"
};

/// A route of the host itself. `handle` may take the call's parts out of it.
struct HostRoute {
  RouteInfo info;
  RouteThread thread = RouteThread::host_worker;
  std::function<void(HttpCall& call, std::uint64_t exchange)> handle;
  /// How long the caller should wait for this request, where that is not call.timeout. May be empty.
  std::function<std::chrono::milliseconds(const HttpCall& call)> timeout = nullptr;
};

/// A request on its way.
struct Exchange {
  std::uint64_t id;                   ///< 0: it was answered at once
  std::chrono::milliseconds timeout;  ///< when to call expire()
};

/// All functions may be called from any thread.
class RouteTable {
 public:
  struct Options {
    std::size_t max_waiting_calls = 64;  ///< per worker; more get 503
    std::size_t max_exchanges = 1024;    ///< requests that wait for an answer; more get 503
  };

  RouteTable();
  explicit RouteTable(Options options);
  ~RouteTable();  ///< stop(5 s)
  RouteTable(const RouteTable&) = delete;
  RouteTable& operator=(const RouteTable&) = delete;

  /// Starts both workers. Routes may be added before; requests get 503 until then.
  Result<void> start();

  /// Answers everything that waits with 503 and joins the workers. False: a handler did not return in time; its thread
  /// is left behind, and the module that it runs in must stay loaded.
  bool stop(std::chrono::milliseconds deadline);

  // ---- "agent.admin_routes/1": the semantics stand in agent_plugin/ext/admin_routes.h ----

  /// Adds a route of the plugin instance `owner`; everything is copied. `error` may be null.
  /// AGENT_E_EXISTS: method and path are taken (the names of {…} segments make no difference).
  /// AGENT_E_INVALID: method, path or a schema is malformed.
  std::int32_t add(const agent_route& route, std::uint64_t owner, std::uint64_t* token, agent_error* error) noexcept;

  /// From now on the routes that `owner` adds are parked: checked, and kept with a token, but no request reaches them.
  /// They conflict with other parked routes of this owner only, until exchange() makes them live.
  void park(std::uint64_t owner);

  /// At once, for every request from the return on: the routes of `from` are parked (as are those that it adds from now
  /// on), and those of `to` are live. Requests that are in from's handlers go on, and are answered as before; those that
  /// wait for their turn reach to's, or get 503. Either may have no routes at all. AGENT_E_EXISTS: a parked route of `to` is
  /// taken by somebody else, and the message names it; then nothing has changed. `from` 0: only makes those of `to` live.
  Result<void> exchange(std::uint64_t from, std::uint64_t to);

  /// Removes a route. Waits, as the contract wants it without a deadline, until its handler does not run any more,
  /// except for calls that the present thread is in. AGENT_E_NOT_FOUND: no such token.
  std::int32_t remove(std::uint64_t token) noexcept;

  /// Removes all routes of `owner`, parked ones too, and its being parked. False: a handler was still running at the deadline, so its module must stay loaded.
  bool remove_all_of(std::uint64_t owner, std::chrono::milliseconds deadline = std::chrono::seconds(30)) noexcept;

  /// Answers one request; the reply is copied. AGENT_E_NOT_FOUND: answered, timed out, or never existed.
  /// AGENT_E_INVALID: the reply cannot be sent (status, content type); the request gets 500 instead.
  std::int32_t respond(std::uint64_t exchange, const agent_http_reply& reply) noexcept;

  // ---- the host's side ----

  /// Adds a route of the host. AGENT_E_EXISTS, AGENT_E_INVALID as above.
  Result<std::uint64_t> add(HostRoute route);

  /// The same as respond() for handlers of the host.
  bool respond(std::uint64_t exchange, HttpReply reply) noexcept;

  /// Called exactly once, on any thread; must not block.
  using OnReply = std::function<void(HttpReply reply)>;

  /// Hands a request to its handler. `query` is raw (without the ?). The caller keeps the clock: it calls expire() when
  /// the exchange's timeout is over. Unknown paths and methods, malformed targets and a full queue are answered at
  /// once, before dispatch() returns.
  Exchange dispatch(HttpCall call, std::string_view query, OnReply on_reply);

  /// For handlers of the host: what to answer instead of the plain 504, should the exchange expire.
  void on_expiry(std::uint64_t exchange, std::function<HttpReply()> make_reply);

  /// Answers 504 if the exchange still waits, and tells whether it did. Late answers get AGENT_E_NOT_FOUND.
  bool expire(std::uint64_t exchange) noexcept;

  /// Forgets the exchange: its client is gone. Nothing is called.
  void abandon(std::uint64_t exchange) noexcept;

  /// A request without a socket: waits for the answer or, after `timeout`, makes it a 504. Not from within a handler.
  HttpReply call(std::string_view method, std::string_view target, std::string body, std::chrono::milliseconds timeout,
                 std::string_view content_type = json_type);

  /// All routes that are live, sorted by path and method.
  [[nodiscard]] std::vector<RouteInfo> routes() const;

  /// Must this request show the API key? Everything does but the routes that say otherwise.
  [[nodiscard]] bool needs_key(std::string_view method, std::string_view path) const;

 private:
  class State;
  std::shared_ptr<State> state_;  // shared with the workers: one that hangs in a handler may outlive the table
};

}  // namespace host_stub
