// The handler and the loops that publish.
#include "event_bus_load.h"

#include <algorithm>
#include <numeric>
#include <random>

#include "harness.h"

namespace bench {
namespace {

agent_event_draft draft_of(const std::string& payload) {
  agent_event_draft draft{};
  draft.size = sizeof draft;
  draft.topic = text_of(event_topic);
  draft.tenant = text_of("3fa85f64-5717-4562-b3fc-2c963f66afa6");
  draft.payload = {payload.data(), payload.size()};
  return draft;
}

void publish_one(host_stub::EventBus& bus, const agent_event_draft& draft) {
  if (bus.publish(draft, 0, nullptr, nullptr, nullptr) != AGENT_OK) give_up("an event was not taken");
}

}  // namespace

std::int32_t on_event(void*, const agent_event* event) {
  return event->payload.size == event_payload_bytes ? AGENT_HANDLER_DONE : AGENT_HANDLER_FAILED;
}

void subscribe(host_stub::EventBus& bus, std::string_view pattern) {
  const agent_text one = text_of(pattern);
  agent_subscription subscription{};
  subscription.size = sizeof subscription;
  subscription.pattern_count = 1;
  subscription.patterns = &one;
  subscription.name = text_of("bench");
  subscription.on_event = on_event;
  std::uint64_t token = 0;
  if (bus.subscribe(subscription, 0, &token, nullptr) != AGENT_OK) give_up("a handler was not taken");
}

double publish(host_stub::EventBus& bus, std::size_t count) {
  const std::string payload(event_payload_bytes, 'x');
  const agent_event_draft draft = draft_of(payload);
  const double start = now();
  for (std::size_t index = 0; index < count; ++index) publish_one(bus, draft);
  return now() - start;
}

TopicRound::TopicRound(std::size_t topics) {
  std::vector<std::size_t> numbers(topics);
  std::iota(numbers.begin(), numbers.end(), 1'000'000);
  std::shuffle(numbers.begin(), numbers.end(), std::mt19937_64{7});  // NOLINT(cert-msc51-cpp): the same in every run
  topics_.reserve(topics);
  for (const std::size_t number : numbers) topics_.push_back("acapy::webhook::" + std::to_string(number));
}

double TopicRound::publish(host_stub::EventBus& bus, std::size_t count) {
  const std::string payload(event_payload_bytes, 'x');
  agent_event_draft draft = draft_of(payload);
  const double start = now();
  for (std::size_t index = 0; index < count; ++index) {
    draft.topic = text_of(topics_[next_]);
    publish_one(bus, draft);
    if (++next_ == topics_.size()) next_ = 0;
  }
  return now() - start;
}

}  // namespace bench
