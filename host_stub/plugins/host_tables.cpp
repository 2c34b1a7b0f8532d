// The trampolines: from agent_host back to the instance, and on to the host's parts, which have the ABI's own types.
#include "plugins/host_tables.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "agent_plugin/ext/admin_routes.h"
#include "agent_plugin/ext/event_bus.h"
#include "agent_plugin/ext/handover.h"
#include "agent_plugin/ext/log.h"

#include "core/abi_text.h"

namespace host_stub {
namespace {

HostSide& side(const agent_host* host) noexcept { return *static_cast<HostSide*>(host->host_data); }
EventBus& bus(const agent_host* host) noexcept { return side(host).services().bus; }
RouteTable& routes(const agent_host* host) noexcept { return side(host).services().routes; }

std::int32_t gone(agent_error* error) noexcept {
  return fill_error(error, AGENT_E_STATE, "the host has given this plugin up");
}

bool is_failure(std::int32_t outcome) noexcept {
  return outcome != AGENT_OUTCOME_DONE && outcome != AGENT_OUTCOME_BUSY;
}

// ---- agent.event_bus/1 ----

std::int32_t publish(const agent_host* host, const agent_event_draft* draft, const agent_event_completion* completion,
                     agent_event_result* result, agent_error* error) noexcept {
  if (side(host).is_cut_off()) [[unlikely]] {
    if (draft->payload_release != nullptr) draft->payload_release(draft->payload_owner);
    return gone(error);
  }
  return bus(host).publish(*draft, side(host).publisher(), completion, result, error);
}
std::int32_t subscribe(const agent_host* host, const agent_subscription* subscription, std::uint64_t* token,
                       agent_error* error) noexcept {
  if (side(host).is_cut_off()) return gone(error);
  return bus(host).subscribe(*subscription, side(host).owner(), token, error);
}
std::int32_t unsubscribe(const agent_host* host, std::uint64_t token) noexcept { return bus(host).unsubscribe(token); }
void defer(const agent_host* host, const agent_event* event, std::uint32_t more) noexcept {
  bus(host).defer(event, more);
}
void complete(const agent_host* host, const agent_event* event, std::int32_t outcome, agent_text detail) noexcept {
  if (is_failure(outcome)) [[unlikely]]
    side(host).count_errors(1);
  bus(host).complete(event, outcome, detail);
}
void complete_many(const agent_host* host, const agent_event* const* events, std::size_t count,
                   std::int32_t outcome) noexcept {
  if (is_failure(outcome)) [[unlikely]]
    side(host).count_errors(count);
  bus(host).complete_many(events, count, outcome);
}
std::uint32_t listeners(const agent_host* host, agent_text topic) noexcept { return bus(host).listeners(topic); }

constexpr agent_event_bus event_bus_table{
    sizeof(agent_event_bus), 0, publish, subscribe, unsubscribe, defer, complete, complete_many, listeners};

// ---- agent.log/1 ----

std::int32_t log_level(const agent_host* host) noexcept {
  return static_cast<std::int32_t>(side(host).services().log.level());
}
void log_write(const agent_host* host, std::int32_t level, agent_text component, agent_text message,
               const agent_log_field* const* fields, std::size_t field_count) noexcept {
  const auto known = static_cast<LogLevel>(std::clamp<std::int32_t>(level, AGENT_LOG_TRACE, AGENT_LOG_ERROR));
  if (known == LogLevel::error) side(host).count_errors(1);
  std::array<LogField, 32> copies{};
  const std::size_t count = fields == nullptr ? 0 : std::min(field_count, copies.size());
  for (std::size_t index = 0; index < count; ++index) {
    copies[index] = {to_view(fields[index]->name), to_view(fields[index]->value)};
  }
  side(host).services().log.write(known, side(host).plugin(), to_view(component), to_view(message),
                                  std::span(copies.data(), count));
}

constexpr agent_log log_table{sizeof(agent_log), 0, log_level, log_write};

// ---- agent.admin_routes/1 ----

std::int32_t add_route(const agent_host* host, const agent_route* route, std::uint64_t* token,
                       agent_error* error) noexcept {
  if (side(host).is_cut_off()) return gone(error);
  return routes(host).add(*route, side(host).owner(), token, error);
}
std::int32_t remove_route(const agent_host* host, std::uint64_t token) noexcept { return routes(host).remove(token); }
std::int32_t respond(const agent_host* host, std::uint64_t exchange, const agent_http_reply* reply) noexcept {
  return routes(host).respond(exchange, *reply);
}

constexpr agent_admin_routes admin_routes_table{sizeof(agent_admin_routes), 0, add_route, remove_route, respond};

// ---- agent.handover/1 ----

std::int32_t deposit(const agent_host* host, const agent_deposit* given, agent_error* error) noexcept {
  if (given == nullptr) return fill_error(error, AGENT_E_INVALID, "a deposit is missing");
  if (side(host).is_cut_off()) return gone(error);
  return side(host).deposit(*given, error);
}
std::int32_t withdraw(const agent_host* host, agent_text kind, agent_text name, void** thing) noexcept {
  if (thing == nullptr || side(host).is_cut_off()) return AGENT_E_NOT_FOUND;
  return side(host).withdraw(to_view(kind), to_view(name), thing);
}

constexpr agent_handover_host handover_table{sizeof(agent_handover_host), 0, deposit, withdraw};

struct Extension {
  const char* id;
  const void* table;
};
constexpr Extension extensions[] = {
    {AGENT_EXT_EVENT_BUS, &event_bus_table},
    {AGENT_EXT_LOG, &log_table},
    {AGENT_EXT_ADMIN_ROUTES, &admin_routes_table},
    {AGENT_EXT_HANDOVER, &handover_table},
};

const void* get_extension(const agent_host*, const char* id) noexcept {
  if (id == nullptr) return nullptr;
  for (const Extension& extension : extensions) {
    if (std::strcmp(extension.id, id) == 0) return extension.table;
  }
  return nullptr;
}

}  // namespace

HostSide::HostSide(const HostServices& services, std::string plugin, std::uint64_t instance, std::uint64_t owner)
    : services_(services),
      plugin_(std::move(plugin)),
      host_{},
      owner_(owner),
      outstanding_(std::make_unique<std::atomic<std::uint64_t>>(0)) {
  host_.size = sizeof(agent_host);
  host_.abi_major = AGENT_ABI_MAJOR;
  host_.abi_minor = AGENT_ABI_MINOR;
  host_.name = to_text(services_.name);
  host_.version = to_text(services_.version);
  host_.label = to_text(services_.label);
  host_.wallet_id = to_text(services_.wallet_id);
  host_.instance = instance;
  host_.host_data = this;
  host_.get_extension = get_extension;
}

HostSide::~HostSide() {
  // Events that were not completed yet will count it down: then it must stay, like the module itself.
  if (completions_outstanding() == 0) return;
  static std::mutex mutex;
  static auto* const kept =
      new std::vector<std::unique_ptr<std::atomic<std::uint64_t>>>;  // outlives every static object
  const std::lock_guard lock(mutex);
  kept->push_back(std::move(outstanding_));
}

void HostSide::set_deposits(DepositBox* box) {
  const std::lock_guard lock(deposits_);
  box_ = box;
}

std::int32_t HostSide::deposit(const agent_deposit& deposit, agent_error* error) noexcept {
  const std::lock_guard lock(deposits_);
  if (box_ == nullptr) return fill_error(error, AGENT_E_STATE, "nobody takes over: keep it or end it");
  return box_->deposit(deposit, error);
}

std::int32_t HostSide::withdraw(std::string_view kind, std::string_view name, void** thing) noexcept {
  const std::lock_guard lock(deposits_);
  return box_ == nullptr ? AGENT_E_NOT_FOUND : box_->withdraw(kind, name, thing);
}

}  // namespace host_stub
