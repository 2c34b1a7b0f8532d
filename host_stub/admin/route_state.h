// The inside of the route table: routes, the calls that run in their handlers, the exchanges that wait for an answer.
// Private to route_table.cpp, route_changes.cpp and route_state.cpp.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "admin/call_queue.h"
#include "admin/route_table.h"
#include "admin/target.h"

namespace host_stub {

class RouteTable::State : public std::enable_shared_from_this<RouteTable::State> {
 public:
  struct Route {
    HostRoute made_from;
    PathTemplate path;
    std::uint64_t token = 0;
    bool removed = false;  // guarded by the table's mutex, as are the next two
    bool parked = false;
    std::vector<std::thread::id> running;  // threads that are in its handler
    [[nodiscard]] bool same_requests(const Route& other) const {
      return made_from.info.method == other.made_from.info.method && path.same_shape(other.path);
    }
  };
  using RoutePointer = std::shared_ptr<Route>;

  explicit State(Options options)
      : options_(options),
        plugin_calls_("admin-call", options.max_waiting_calls),
        host_calls_("admin-work", options.max_waiting_calls) {}

  Result<void> start();
  bool stop(std::chrono::milliseconds deadline);

  Result<std::uint64_t> add(HostRoute route);
  void park(std::uint64_t owner);
  Result<void> exchange(std::uint64_t from, std::uint64_t to);
  std::int32_t remove(std::uint64_t token);
  bool remove_all_of(std::uint64_t owner, std::chrono::milliseconds deadline);

  Exchange dispatch(HttpCall call, std::string_view query, OnReply on_reply);
  bool respond(std::uint64_t exchange, HttpReply reply);
  bool expire(std::uint64_t exchange);
  void abandon(std::uint64_t exchange);
  void on_expiry(std::uint64_t exchange, std::function<HttpReply()> make_reply);

  [[nodiscard]] std::vector<RouteInfo> routes() const;
  [[nodiscard]] bool needs_key(std::string_view method, std::string_view path) const;

 private:
  struct Waiting {
    RoutePointer route;
    std::string path;  // for the problem's instance
    OnReply on_reply;
    std::function<HttpReply()> on_expiry;
  };
  struct Match {
    RoutePointer route;  // null: nothing matches path and method
    std::vector<HttpParameter> parameters;
    std::vector<std::string> allowed;  // methods, if the path is known
  };

  /// The route among `routes` that takes the requests of `made`, or null.
  [[nodiscard]] static RoutePointer taker(const std::vector<RoutePointer>& routes, const Route& made);
  [[nodiscard]] static Failure taken(const Route& made, const Route& by);
  static void insert(std::vector<RoutePointer>& routes, RoutePointer made);
  [[nodiscard]] Match find(std::string_view method, const std::vector<std::string>& segments) const;
  Exchange begin(HttpCall call, Match match, OnReply on_reply);
  bool hand_over(const RoutePointer& route, std::shared_ptr<HttpCall> call, std::uint64_t exchange);
  void run(const RoutePointer& chosen, HttpCall& call, std::uint64_t exchange);
  /// The route whose handler is to be called; null: none any more; none: it was removed, and whoever did that answers.
  [[nodiscard]] std::optional<RoutePointer> enter(RoutePointer route, HttpCall& call, std::uint64_t exchange);
  [[nodiscard]] RoutePointer successor(HttpCall& call, std::uint64_t exchange);
  void leave(const RoutePointer& route);
  std::optional<Waiting> take(std::uint64_t exchange);
  std::vector<Waiting> take_all_of(const RoutePointer& route);
  [[nodiscard]] bool others_run(const Route& route) const;
  static void answer_unavailable(const std::vector<Waiting>& waiting, std::string_view why);

  const Options options_;
  mutable std::mutex mutex_;
  std::condition_variable call_ended_;
  std::vector<RoutePointer> routes_;  // the more specific first
  std::vector<RoutePointer> parked_;  // routes that no request finds
  std::set<std::uint64_t> parked_owners_;
  std::unordered_map<std::uint64_t, Waiting> waiting_;
  std::uint64_t last_number_ = 0;
  bool open_ = false;
  CallQueue plugin_calls_;
  CallQueue host_calls_;
};

}  // namespace host_stub
