// The smallest bus that keeps the contract: events reach handlers on the caller's thread, publishers learn the outcome.
#include "host/event_bus.h"

#include <cstdio>
#include <cstring>

#include "check.h"
#include "host/test_host.h"
#include "host/topics.h"

namespace plugin_validator {
namespace {

constexpr unsigned publishing = from_configured;
constexpr std::size_t max_topic_bytes = 1024;

std::int32_t refuse(agent_error* error, std::int32_t status, const char* why) {
  if (error != nullptr) {
    error->code = status;
    std::snprintf(error->message, sizeof(error->message), "%s", why);
  }
  return status;
}

EventBus& bus_of(const agent_host* host) { return TestHost::of(host).bus(); }

}  // namespace

agent_event_bus EventBus::table() noexcept {
  return {
      .size = sizeof(agent_event_bus),
      .reserved = 0,
      .publish = [](const agent_host* host, const agent_event_draft* draft, const agent_event_completion* completion,
                    agent_event_result* result,
                    agent_error* error) { return bus_of(host).publish(draft, completion, result, error); },
      .subscribe = [](const agent_host* host, const agent_subscription* subscription, std::uint64_t* token,
                      agent_error* error) { return bus_of(host).subscribe(subscription, token, error); },
      .unsubscribe = [](const agent_host* host, std::uint64_t token) { return bus_of(host).unsubscribe(token); },
      .defer = [](const agent_host* host, const agent_event* event,
                  std::uint32_t more) { bus_of(host).defer(event, more); },
      .complete = [](const agent_host* host, const agent_event* event, std::int32_t /*outcome*/,
                     agent_text /*detail*/) { bus_of(host).complete(event, "event_bus.complete"); },
      .complete_many =
          [](const agent_host* host, const agent_event* const* events, std::size_t count, std::int32_t /*outcome*/) {
            for (std::size_t index = 0; index < count; ++index) {
              bus_of(host).complete(events[index], "event_bus.complete_many");
            }
          },
      .listeners = [](const agent_host* host, agent_text topic) { return bus_of(host).listeners(topic); }};
}

std::int32_t EventBus::publish(const agent_event_draft* draft, const agent_event_completion* completion,
                               agent_event_result* result, agent_error* error) {
  const bool fails = ledger_.begins("event_bus.publish", publishing);
  if (draft->payload_release != nullptr) {
    const void* code = nullptr;
    std::memcpy(&code, &draft->payload_release, sizeof(code));
    if (is_in_module && is_in_module(code)) {
      ledger_.breach(Breach::call,
                     "event_bus.publish was given a payload_release that lies in the module, which may be "
                     "gone when it is called; give a function of the host or of a resident library");
    }
    draft->payload_release(draft->payload_owner);  // nobody keeps the event any longer
  }
  if (fails) {
    fill_injected_failure(error);
    return injected_failure;
  }
  const std::string_view topic = view(draft->topic);
  if (topic.empty() || topic.size() > max_topic_bytes || !is_utf8(topic)) {
    return refuse(error, AGENT_E_INVALID, "the topic is empty, too long or not UTF-8");
  }
  const agent_event_result none{.size = sizeof(agent_event_result),
                                .outcome = AGENT_OUTCOME_DONE,
                                .handlers = 0,
                                .busy = 0,
                                .failed = 0,
                                .reserved = 0,
                                .detail = {"", 0}};
  if (result != nullptr) std::memcpy(result, &none, std::min<std::size_t>(result->size, sizeof(none)));
  if (completion != nullptr) {
    Arena memory(layout_);
    completion->completed(completion->context, completion->cookie, memory.place(none));
  }
  return AGENT_OK;
}

std::int32_t EventBus::subscribe(const agent_subscription* subscription, std::uint64_t* token, agent_error* error) {
  if (ledger_.begins("event_bus.subscribe", any_state)) {
    fill_injected_failure(error);
    return injected_failure;
  }
  if (subscription->on_event == nullptr || subscription->pattern_count == 0) {
    ledger_.breach(Breach::call, "event_bus.subscribe was given no handler or no pattern");
    return refuse(error, AGENT_E_INVALID, "a subscription needs a handler and a pattern");
  }
  Subscription made{std::string(view(subscription->name)), {}, subscription->context, subscription->on_event};
  for (std::uint32_t index = 0; index < subscription->pattern_count; ++index) {
    made.patterns.emplace_back(view(subscription->patterns[index]));
  }
  const std::lock_guard lock(mutex_);
  held_ = false;
  *token = ++last_token_;
  subscriptions_.emplace(last_token_, std::move(made));
  return AGENT_OK;
}

std::int32_t EventBus::unsubscribe(std::uint64_t token) {
  const bool fails = ledger_.begins("event_bus.unsubscribe", any_state);
  const std::lock_guard lock(mutex_);
  const bool known = subscriptions_.erase(token) > 0;  // also when it fails: there is no other way back
  if (fails) return injected_failure;
  return known ? AGENT_OK : AGENT_E_NOT_FOUND;
}

void EventBus::defer(const agent_event* event, std::uint32_t more) {
  (void)ledger_.begins("event_bus.defer", any_state);
  events_.expect_completions(event, more);
}

void EventBus::complete(const agent_event* event, const char* function) {
  (void)ledger_.begins(function, any_state);
  Events* book = Events::of(event);
  (book == nullptr ? events_ : *book).complete(event, function);
}

std::uint32_t EventBus::listeners(agent_text topic) {
  (void)topic;
  return ledger_.begins("event_bus.listeners", any_state) ? UINT32_MAX : 0;
}

void EventBus::hold(bool held) {
  const std::lock_guard lock(mutex_);
  held_ = held;
}

std::size_t EventBus::deliver(const EventSample& sample) {
  std::vector<Subscription> targets;
  {
    const std::lock_guard lock(mutex_);
    if (held_) return 0;
    for (const auto& [token, subscription] : subscriptions_) targets.push_back(subscription);
  }
  std::size_t called = 0;
  for (const Subscription& target : targets) {
    EventSample fitting = sample;
    fitting.topic = topic_for(target.patterns);
    if (fitting.topic.empty()) continue;
    hand_over(target, fitting);
    ++called;
  }
  return called;
}

void EventBus::hand_over(const Subscription& to, const EventSample& sample) {
  const Ledger::OnHostThread mark;
  const agent_event* event = events_.make(sample);
  events_.expect_completions(event, 1);  // as if it answered LATER; a handler may complete before it returns
  const std::int32_t answer = to.on_event(to.context, event);
  if (answer < AGENT_HANDLER_DONE || answer > AGENT_HANDLER_LATER) {
    ledger_.breach(Breach::event,
                   text_of("the handler ", to.name, " answered ", answer, ", which is no AGENT_HANDLER_…"));
  }
  if (answer != AGENT_HANDLER_LATER) events_.complete(event, "the end of on_event, which did not answer LATER,");
  events_.release(event);
}

std::vector<std::string> EventBus::subscriptions() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [token, subscription] : subscriptions_) names.push_back(subscription.name);
  return names;
}

}  // namespace plugin_validator
