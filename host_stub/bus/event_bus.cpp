// EventBus: the boundary. Checks what callers hand in, and turns every exception into a status.
#include "bus/event_bus.h"

#include <exception>
#include <string>

#include "bus/bus_core.h"
#include "core/abi_text.h"
#include "core/utf8.h"

namespace host_stub {
namespace {

constexpr std::size_t max_name_bytes = 256;

std::int32_t internal(agent_error* error) noexcept {
  return fill_error(error, AGENT_E_INTERNAL, "the event bus could not do this: memory is short");
}

std::string name_of(const agent_subscription& subscription) {
  const std::string_view name = truncated(to_view(subscription.name), max_name_bytes);
  return name.empty() ? "(without a name)" : std::string(name);
}

Result<std::unique_ptr<Subscription>> compile(const agent_subscription& wanted, std::uint64_t owner) {
  auto subscription = std::make_unique<Subscription>();
  subscription->owner = owner;
  subscription->name = name_of(wanted);
  subscription->context = wanted.context;
  subscription->on_event = wanted.on_event;
  const std::string who = "subscription " + subscription->name + ": ";
  if (wanted.on_event == nullptr) return Failure{AGENT_E_INVALID, who + "it has no handler"};
  if (wanted.pattern_count == 0 || wanted.patterns == nullptr) {
    return Failure{AGENT_E_INVALID, who + "it has no pattern; .* stands for all topics"};
  }
  for (std::uint32_t index = 0; index < wanted.pattern_count; ++index) {
    auto pattern = TopicPattern::compile(to_view(wanted.patterns[index]));
    if (!pattern) return Failure{pattern.error().status, who + pattern.error().message};
    subscription->patterns.push_back(std::make_shared<const TopicPattern>(std::move(pattern).value()));
  }
  return subscription;
}

}  // namespace

EventBus::EventBus(EventBusOptions options) : core_(std::make_shared<BusCore>(std::move(options))) {}
EventBus::~EventBus() { core_->retire_bus(); }

std::int32_t EventBus::publish(const agent_event_draft& draft, Publisher publisher,
                               const agent_event_completion* completion, agent_event_result* result,
                               agent_error* error) noexcept {
  if (draft.size < sizeof(agent_event_draft)) {
    return fill_error(error, AGENT_E_INVALID, "the struct of the event is smaller than that of version 1.0");
  }
  try {
    return core_->publish(draft, publisher, completion, result, error);
  } catch (const std::exception&) {
    return internal(error);
  }
}

std::int32_t EventBus::subscribe(const agent_subscription& subscription, std::uint64_t owner, std::uint64_t* token,
                                 agent_error* error) noexcept {
  if (subscription.size < sizeof(agent_subscription) || token == nullptr) {
    return fill_error(error, AGENT_E_INVALID, "the struct of the subscription is smaller than that of version 1.0");
  }
  try {
    auto compiled = compile(subscription, owner);
    if (!compiled) return fill_error(error, compiled.error().status, compiled.error().message);
    *token = core_->add(std::move(compiled).value());
    return AGENT_OK;
  } catch (const std::exception&) {
    return internal(error);
  }
}

std::int32_t EventBus::unsubscribe(std::uint64_t token) noexcept {
  try {
    return core_->remove(token);
  } catch (const std::exception&) {
    return AGENT_E_INTERNAL;
  }
}

RemovedSubscriptions EventBus::remove_all_of(std::uint64_t owner,
                                             std::chrono::steady_clock::time_point deadline) noexcept {
  try {
    return core_->remove_all_of(owner, deadline);
  } catch (const std::exception&) {
    return {0, false};
  }
}

std::int32_t EventBus::park(std::uint64_t owner) noexcept {
  try {
    return core_->park(owner);
  } catch (const std::exception&) {
    return AGENT_E_INTERNAL;
  }
}

std::int32_t EventBus::unpark(std::uint64_t owner) noexcept {
  try {
    return core_->unpark(owner);
  } catch (const std::exception&) {
    return AGENT_E_INTERNAL;
  }
}

void EventBus::defer(const agent_event* event, std::uint32_t more) noexcept {
  EventBlock::of(event).word.fetch_add(more * EventBlock::one_handling, std::memory_order_relaxed);
}

void EventBus::complete(const agent_event* event, std::int32_t outcome, agent_text detail) noexcept {
  core_->complete(EventBlock::of(event), outcome, to_view(detail));
}

void EventBus::complete_many(const agent_event* const* events, std::size_t count, std::int32_t outcome) noexcept {
  core_->complete_many(events, count, outcome);
}

std::uint32_t EventBus::listeners(agent_text topic) noexcept {
  try {
    return core_->listeners(to_view(topic));
  } catch (const std::exception&) {
    return 1;  // not known: better work for nothing than an event that nobody made
  }
}

BusStatistics EventBus::statistics() const noexcept { return core_->statistics(); }

void EventBus::close() noexcept { core_->close(); }

bool EventBus::wait_idle(std::chrono::steady_clock::time_point deadline) const noexcept {
  return core_->wait_idle(deadline, slot_of_this_thread(*core_));
}

}  // namespace host_stub
