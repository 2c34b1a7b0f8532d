// The table's face. Its inside: route_changes.cpp, how routes come and go; route_state.cpp, how requests do.
#include "admin/route_table.h"

#include <exception>

#include "admin/problem.h"
#include "admin/route_import.h"
#include "admin/route_state.h"

namespace host_stub {

Result<void> RouteTable::State::start() {
  if (auto started = plugin_calls_.start(); !started) return started;
  if (auto started = host_calls_.start(); !started) return started;
  const std::lock_guard lock(mutex_);
  open_ = true;
  return {};
}

bool RouteTable::State::stop(std::chrono::milliseconds deadline) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  const auto left = [end] {
    return std::max(std::chrono::milliseconds(100),
                    std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()));
  };
  std::vector<Waiting> unanswered;
  {
    const std::lock_guard lock(mutex_);
    open_ = false;
    unanswered = take_all_of(nullptr);
  }
  answer_unavailable(unanswered, "the host is ending");
  const bool plugins_ended = plugin_calls_.stop(left());  // a handler that hangs uses all of it up
  return host_calls_.stop(left()) && plugins_ended;
}

std::vector<RouteInfo> RouteTable::State::routes() const {
  std::vector<RouteInfo> infos;
  {
    const std::lock_guard lock(mutex_);
    for (const RoutePointer& route : routes_) infos.push_back(route->made_from.info);
  }
  std::ranges::sort(infos, [](const RouteInfo& left, const RouteInfo& right) {
    return std::tie(left.path, left.method) < std::tie(right.path, right.method);
  });
  return infos;
}

bool RouteTable::State::needs_key(std::string_view method, std::string_view path) const {
  const auto segments = path_segments(path);
  if (!segments) return true;
  const std::lock_guard lock(mutex_);
  const Match match = find(method == "HEAD" ? "GET" : method, *segments);
  return match.route == nullptr || match.route->made_from.info.needs_key;
}

// ---- the public face ----

RouteTable::RouteTable() : RouteTable(Options{}) {}
RouteTable::RouteTable(Options options) : state_(std::make_shared<State>(options)) {}
RouteTable::~RouteTable() { state_->stop(std::chrono::seconds(5)); }

Result<void> RouteTable::start() { return state_->start(); }
bool RouteTable::stop(std::chrono::milliseconds deadline) { return state_->stop(deadline); }

std::int32_t RouteTable::add(const agent_route& route, std::uint64_t owner, std::uint64_t* token,
                             agent_error* error) noexcept {
  try {
    auto imported = import_route(route, owner);
    auto added = imported ? state_->add(std::move(imported).value()) : Result<std::uint64_t>(imported.error());
    if (added && token != nullptr) *token = added.value();
    if (added) return AGENT_OK;
    fill_error(error, added.error());
    return added.error().status;
  } catch (const std::exception&) {
    fill_error(error, {AGENT_E_INTERNAL, "out of memory"});
    return AGENT_E_INTERNAL;
  }
}

void RouteTable::park(std::uint64_t owner) { state_->park(owner); }
Result<void> RouteTable::exchange(std::uint64_t from, std::uint64_t to) { return state_->exchange(from, to); }

std::int32_t RouteTable::remove(std::uint64_t token) noexcept { return state_->remove(token); }

bool RouteTable::remove_all_of(std::uint64_t owner, std::chrono::milliseconds deadline) noexcept {
  return state_->remove_all_of(owner, deadline);
}

std::int32_t RouteTable::respond(std::uint64_t exchange, const agent_http_reply& reply) noexcept {
  try {
    auto imported = import_reply(reply);
    const bool usable = imported.ok();
    HttpReply answer = usable ? std::move(imported).value()
                              : problem(500, "the plugin's answer cannot be sent: " + imported.error().message, "");
    if (!state_->respond(exchange, std::move(answer))) return AGENT_E_NOT_FOUND;
    return usable ? AGENT_OK : AGENT_E_INVALID;
  } catch (const std::exception&) {
    return AGENT_E_INTERNAL;
  }
}

Result<std::uint64_t> RouteTable::add(HostRoute route) { return state_->add(std::move(route)); }

bool RouteTable::respond(std::uint64_t exchange, HttpReply reply) noexcept {
  try {
    return state_->respond(exchange, std::move(reply));
  } catch (const std::exception&) {
    return false;
  }
}

Exchange RouteTable::dispatch(HttpCall call, std::string_view query, OnReply on_reply) {
  return state_->dispatch(std::move(call), query, std::move(on_reply));
}

void RouteTable::on_expiry(std::uint64_t exchange, std::function<HttpReply()> make_reply) {
  state_->on_expiry(exchange, std::move(make_reply));
}

bool RouteTable::expire(std::uint64_t exchange) noexcept { return state_->expire(exchange); }
void RouteTable::abandon(std::uint64_t exchange) noexcept { state_->abandon(exchange); }
std::vector<RouteInfo> RouteTable::routes() const { return state_->routes(); }

bool RouteTable::needs_key(std::string_view method, std::string_view path) const {
  return state_->needs_key(method, path);
}

HttpReply RouteTable::call(std::string_view method, std::string_view target, std::string body,
                           std::chrono::milliseconds timeout, std::string_view content_type) {
  struct Answer {
    std::mutex mutex;
    std::condition_variable came;
    std::optional<HttpReply> reply;
  };
  const auto split = split_target(target);
  if (!split) return problem(400, "the target must start with /", target);
  HttpCall call{
      std::string(method), std::string(split->path), std::string(content_type), std::move(body), timeout, {}, {}};
  const auto answer = std::make_shared<Answer>();
  const Exchange exchange = dispatch(std::move(call), split->query, [answer](HttpReply reply) {
    const std::lock_guard lock(answer->mutex);
    answer->reply = std::move(reply);
    answer->came.notify_all();
  });
  const auto came = [&] { return answer->reply.has_value(); };
  std::unique_lock lock(answer->mutex);
  if (!answer->came.wait_for(lock, timeout, came)) {
    lock.unlock();
    expire(exchange.id);  // if it fails, the answer is being given at this moment
    lock.lock();
    answer->came.wait(lock, came);
  }
  return std::move(*answer->reply);
}

}  // namespace host_stub
