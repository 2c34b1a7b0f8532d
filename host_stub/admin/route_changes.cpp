// Routes come and go, and those of one version of a plugin take the place of another's.
#include <iterator>

#include "admin/route_import.h"
#include "admin/route_state.h"

namespace host_stub {

Result<std::uint64_t> RouteTable::State::add(HostRoute route) {
  if (auto checked = check_route(route.info); !checked) return checked.error();
  auto made = std::make_shared<Route>();
  made->path = *PathTemplate::parse(route.info.path);
  made->made_from = std::move(route);
  const std::uint64_t owner = made->made_from.info.owner;
  const std::lock_guard lock(mutex_);
  if (parked_owners_.contains(owner)) {
    for (const RoutePointer& other : parked_) {
      if (other->made_from.info.owner == owner && other->same_requests(*made)) return taken(*made, *other);
    }
    made->token = ++last_number_;
    made->parked = true;
    parked_.push_back(made);
    return made->token;
  }
  if (const RoutePointer other = taker(routes_, *made)) return taken(*made, *other);
  made->token = ++last_number_;
  insert(routes_, made);
  return made->token;
}

RouteTable::State::RoutePointer RouteTable::State::taker(const std::vector<RoutePointer>& routes, const Route& made) {
  const auto found =
      std::ranges::find_if(routes, [&](const RoutePointer& other) { return other->same_requests(made); });
  return found == routes.end() ? nullptr : *found;
}

Failure RouteTable::State::taken(const Route& made, const Route& by) {
  const RouteInfo& info = made.made_from.info;
  return {AGENT_E_EXISTS, "the route " + info.method + " " + info.path + " is taken by " + by.made_from.info.path +
                              " of " + (by.made_from.info.owner == 0 ? "the host" : "another registration")};
}

void RouteTable::State::insert(std::vector<RoutePointer>& routes, RoutePointer made) {
  const auto place = std::ranges::find_if(
      routes, [&](const RoutePointer& other) { return made->path.more_specific_than(other->path); });
  routes.insert(place, std::move(made));
}

void RouteTable::State::park(std::uint64_t owner) {
  const std::lock_guard lock(mutex_);
  parked_owners_.insert(owner);
}

Result<void> RouteTable::State::exchange(std::uint64_t from, std::uint64_t to) {
  const auto is_of = [](std::uint64_t owner) {
    return [owner](const RoutePointer& route) { return owner != 0 && route->made_from.info.owner == owner; };
  };
  const std::lock_guard lock(mutex_);
  std::vector<RoutePointer> live, parked;
  std::ranges::remove_copy_if(routes_, std::back_inserter(live), is_of(from));
  std::ranges::remove_copy_if(parked_, std::back_inserter(parked), is_of(to));
  std::ranges::copy_if(routes_, std::back_inserter(parked), is_of(from));
  for (const RoutePointer& route : parked_) {
    if (!is_of(to)(route)) continue;
    if (const RoutePointer other = taker(live, *route)) return taken(*route, *other);
    insert(live, route);
  }
  if (from != 0) parked_owners_.insert(from);
  parked_owners_.erase(to);
  for (const RoutePointer& route : parked) route->parked = true;
  for (const RoutePointer& route : live) route->parked = false;
  routes_.swap(live);
  parked_.swap(parked);
  return {};
}

bool RouteTable::State::others_run(const Route& route) const {
  return std::ranges::any_of(route.running, [](std::thread::id id) { return id != std::this_thread::get_id(); });
}

std::int32_t RouteTable::State::remove(std::uint64_t token) {
  std::unique_lock lock(mutex_);
  const auto token_of = [](const RoutePointer& route) { return route->token; };
  auto* among = &routes_;
  auto found = std::ranges::find(routes_, token, token_of);
  if (found == routes_.end()) {
    among = &parked_;
    found = std::ranges::find(parked_, token, token_of);
  }
  if (found == among->end()) return AGENT_E_NOT_FOUND;
  const RoutePointer route = *found;
  among->erase(found);
  route->removed = true;
  call_ended_.wait(lock, [&] { return !others_run(*route); });
  std::vector<Waiting> unanswered;
  if (route->running.empty()) unanswered = take_all_of(route);
  lock.unlock();
  answer_unavailable(unanswered, "the route was removed before it answered");
  return AGENT_OK;
}

bool RouteTable::State::remove_all_of(std::uint64_t owner, std::chrono::milliseconds deadline) {
  std::vector<RoutePointer> removed;
  std::vector<Waiting> unanswered;
  std::unique_lock lock(mutex_);
  const auto remove = [&](const RoutePointer& route) {
    if (route->made_from.info.owner != owner) return false;
    route->removed = true;
    removed.push_back(route);
    return true;
  };
  std::erase_if(routes_, remove);
  std::erase_if(parked_, remove);
  parked_owners_.erase(owner);
  const bool ended = call_ended_.wait_for(lock, deadline, [&] {
    return std::ranges::none_of(removed, [this](const RoutePointer& route) { return others_run(*route); });
  });
  for (const RoutePointer& route : removed) {
    if (!route->running.empty()) continue;
    for (Waiting& each : take_all_of(route)) unanswered.push_back(std::move(each));
  }
  lock.unlock();
  answer_unavailable(unanswered, "the route was removed before it answered");
  return ended;
}

}  // namespace host_stub
