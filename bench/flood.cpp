// Publishing with a completion for each event.
#include "flood.h"

#include <chrono>
#include <string>
#include <thread>

#include "harness.h"

namespace bench {
namespace {

constexpr auto busy_rest = std::chrono::microseconds(100);
constexpr auto look_every = std::chrono::milliseconds(5);
constexpr double patience_seconds = 60;

}  // namespace

void Flood::publish(std::string_view topic, std::string_view tenant, std::string_view payload) {
  wait_for_room();
  agent_event_draft draft{};
  draft.size = sizeof draft;
  draft.topic = {topic.data(), topic.size()};
  draft.tenant = {tenant.data(), tenant.size()};
  draft.payload = {payload.data(), payload.size()};
  agent_event_completion completion{};
  completion.size = sizeof completion;
  completion.context = this;
  completion.completed = on_completed;
  const double begin = now();
  for (;;) {
    const std::int32_t status = bus_.publish(draft, 0, &completion, nullptr, nullptr);
    if (status == AGENT_OK) break;
    if (status != AGENT_E_BUSY) give_up("an event was not taken");
    if (now() > begin + patience_seconds) give_up("the plugin is busy and stays so");
    std::this_thread::sleep_for(busy_rest);
  }
  ++published_;
}

void Flood::wait_for_room() const {
  const double begin = now();
  while (published_ - delivered_.load(std::memory_order_acquire) >= most_in_flight_) {
    if (now() > begin + patience_seconds) give_up("the events in flight are not delivered");
    std::this_thread::sleep_for(busy_rest);
  }
}

void Flood::wait() const {
  std::size_t seen = 0;
  double moved = now();
  while (true) {
    const std::size_t delivered = delivered_.load(std::memory_order_acquire);
    if (delivered >= published_) return;
    if (delivered != seen) moved = now();
    seen = delivered;
    if (now() > moved + patience_seconds) {
      give_up("only " + std::to_string(seen) + " of " + std::to_string(published_) + " events were delivered");
    }
    std::this_thread::sleep_for(look_every);
  }
}

void Flood::on_completed(void* context, std::uint64_t, const agent_event_result* result) {
  if (result->outcome == AGENT_OUTCOME_BUSY) return;  // is published again
  if (result->outcome != AGENT_OUTCOME_DONE || result->handlers == 0) give_up("an event was not delivered");
  static_cast<Flood*>(context)->delivered_.fetch_add(1, std::memory_order_release);
}

}  // namespace bench
