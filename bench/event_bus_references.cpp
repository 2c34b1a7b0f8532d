// Direct calls, Boost.Signals2 and dispatch by a text, each in the same loop.
#include "event_bus_references.h"

#include <boost/signals2/signal.hpp>
#include <string>
#include <vector>

#include "event_bus_load.h"
#include "harness.h"
#include "string_dispatch.h"

namespace bench {
namespace {

// `event` is filled in even if nobody looks at it.
void keep(const agent_event& event) { asm volatile("" : : "r"(&event) : "memory"); }

template <class HandOver>
double hand_over(std::size_t count, HandOver to_handlers) {
  const std::string payload(event_payload_bytes, 'x');
  agent_event event{};  // once: clearing all of it takes gcc's code longer than all else here
  const double start = now();
  for (std::size_t index = 0; index < count; ++index) {
    event.size = sizeof event;
    event.topic = text_of(event_topic);
    event.payload = {payload.data(), payload.size()};
    keep(event);
    to_handlers(event);
  }
  return now() - start;
}

}  // namespace

double call_directly(std::size_t handlers, std::size_t count) {
  using Handler = std::int32_t (*)(void*, const agent_event*);
  const std::vector<Handler> all(handlers, on_event);
  return hand_over(count, [&](const agent_event& event) {
    for (const Handler handler : all) {
      if (handler(nullptr, &event) != AGENT_HANDLER_DONE) give_up("an event was not taken");
    }
  });
}

double emit_signal(std::size_t slots, std::size_t count) {
  boost::signals2::signal<int(void*, const agent_event*)> signal;
  for (std::size_t slot = 0; slot < slots; ++slot) signal.connect(on_event);
  return hand_over(count, [&](const agent_event& event) {
    if (signal(nullptr, &event) != boost::optional<int>(AGENT_HANDLER_DONE)) give_up("an event was not taken");
  });
}

double dispatch_by_string(std::size_t listeners, std::size_t count) {
  StringDispatch<void*, const agent_event*> dispatcher;
  const std::string topic(event_topic);
  for (std::size_t listener = 0; listener < listeners; ++listener) dispatcher.add(topic, on_event);
  return hand_over(count, [&](const agent_event& event) { dispatcher.dispatch(topic, nullptr, &event); });
}

}  // namespace bench
