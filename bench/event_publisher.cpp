// Publishing and counting.
#include "event_publisher.h"

#include <chrono>
#include <thread>

#include "harness.h"

namespace bench {
namespace {

constexpr auto busy_rest = std::chrono::microseconds(100);

agent_text text(std::string_view value) { return {value.data(), value.size()}; }
agent_bytes bytes(std::string_view value) { return {value.data(), value.size()}; }

// acapy-outbound-bench-1 to acapy::outbound::bench::1: the topic rule leads back, so no record needs a header.
std::string event_topic(const std::string& kafka_topic) {
  std::string topic;
  for (const char character : kafka_topic) topic.append(character == '-' ? "::" : std::string(1, character));
  return topic;
}

}  // namespace

EventPublisher::EventPublisher(host_stub::EventBus& bus, Await await) : bus_(bus), await_(await) {
  if (await != Await::status_events) return;
  static constexpr std::string_view pattern = "^acapy::outbound::.*::sent_to_external_queue$";
  const agent_text patterns[] = {text(pattern)};
  agent_subscription subscription{};
  subscription.size = sizeof subscription;
  subscription.pattern_count = 1;
  subscription.patterns = patterns;
  subscription.name = text("bench");
  subscription.context = this;
  subscription.on_event = on_status_event;
  if (bus_.subscribe(subscription, 0, &subscription_, nullptr) != AGENT_OK) give_up("cannot subscribe");
}

EventPublisher::~EventPublisher() {
  if (subscription_ != 0) bus_.unsubscribe(subscription_);
}

double EventPublisher::run(const PublishPlan& plan) {
  delivered_ = 0;
  agent_event_draft draft{};
  draft.size = sizeof draft;
  const std::string topic = event_topic(plan.topic);
  draft.topic = text(topic);
  draft.payload = bytes(plan.payload);
  expected_ = plan.count;
  const double start = now();
  for_each_publisher(plan, [&](std::size_t first, std::size_t end) { publish_some(plan, draft, first, end); });
  for (std::size_t seen = delivered_; seen < plan.count; seen = delivered_) delivered_.wait(seen);
  return now() - start;
}

void EventPublisher::publish_some(const PublishPlan& plan, agent_event_draft draft, std::size_t first,
                                  std::size_t end) {
  agent_event_completion completion{};
  completion.size = sizeof completion;
  completion.context = this;
  completion.completed = on_completed;
  for (std::size_t index = first; index < end; ++index) {
    draft.tenant = text(plan.keys[index % plan.keys.size()]);
    publish(draft, await_ == Await::completions ? &completion : nullptr);
  }
}

void EventPublisher::publish(const agent_event_draft& draft, const agent_event_completion* completion) {
  for (;;) {
    const std::int32_t status = bus_.publish(draft, 0, completion, nullptr, nullptr);
    if (status == AGENT_OK) return;
    if (status != AGENT_E_BUSY) give_up("an event was not taken");
    std::this_thread::sleep_for(busy_rest);
  }
}

void EventPublisher::delivered() {
  if (delivered_.fetch_add(1, std::memory_order_release) + 1 == expected_) delivered_.notify_all();
}

void EventPublisher::on_completed(void* context, std::uint64_t, const agent_event_result* result) {
  if (result->outcome == AGENT_OUTCOME_BUSY) return;  // is published again
  if (result->outcome != AGENT_OUTCOME_DONE || result->handlers == 0) give_up("an event was not delivered");
  static_cast<EventPublisher*>(context)->delivered();
}

std::int32_t EventPublisher::on_status_event(void* context, const agent_event*) {
  static_cast<EventPublisher*>(context)->delivered();
  return AGENT_HANDLER_DONE;
}

std::vector<std::string> tenants() {
  std::vector<std::string> keys;
  for (int number = 100; number < 164; ++number)
    keys.push_back("3fa85f64-5717-4562-b3fc-2c963f66a" + std::to_string(number));
  return keys;
}

}  // namespace bench
