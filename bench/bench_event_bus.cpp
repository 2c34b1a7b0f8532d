// The host's bus alone: publish to one handler, with few and with many patterns, against a direct function call; and
// what a second publisher adds. Needs no Kafka (--bootstrap is accepted and not used).

#include <string>
#include <thread>
#include <vector>

#include "bus/event_bus.h"
#include "harness.h"

namespace {

using namespace bench;

constexpr std::size_t default_count = 2'000'000;
constexpr std::size_t payload_bytes = 100;

agent_text text(std::string_view value) { return {value.data(), value.size()}; }

// Looks at the event and writes nothing: two publishers must not meet in the handler.
std::int32_t on_event(void*, const agent_event* event) {
  return event->payload.size == payload_bytes ? AGENT_HANDLER_DONE : AGENT_HANDLER_FAILED;
}

void subscribe(host_stub::EventBus& bus, const std::string& pattern) {
  const agent_text one = text(pattern);
  agent_subscription subscription{};
  subscription.size = sizeof subscription;
  subscription.pattern_count = 1;
  subscription.patterns = &one;
  subscription.name = text("bench");
  subscription.on_event = on_event;
  std::uint64_t token = 0;
  if (bus.subscribe(subscription, 0, &token, nullptr) != AGENT_OK) give_up("a handler was not taken");
}

double publish(host_stub::EventBus& bus, std::size_t count) {
  const std::string payload(payload_bytes, 'x');
  agent_event_draft draft{};
  draft.size = sizeof draft;
  draft.topic = text("acapy::webhook::bench");
  draft.tenant = text("3fa85f64-5717-4562-b3fc-2c963f66afa6");
  draft.payload = {payload.data(), payload.size()};
  const double start = now();
  for (std::size_t index = 0; index < count; ++index) {
    if (bus.publish(draft, 0, nullptr, nullptr, nullptr) != AGENT_OK) give_up("an event was not taken");
  }
  return now() - start;
}

// The least that handing over an event can cost: the record filled in, the handler called through a pointer.
double call_directly(std::size_t count) {
  const std::string payload(payload_bytes, 'x');
  std::int32_t (*volatile handler)(void*, const agent_event*) = on_event;
  const double start = now();
  for (std::size_t index = 0; index < count; ++index) {
    agent_event event{};
    event.size = sizeof event;
    event.topic = text("acapy::webhook::bench");
    event.payload = {payload.data(), payload.size()};
    if (handler(nullptr, &event) != AGENT_HANDLER_DONE) give_up("an event was not taken");
  }
  return now() - start;
}

void one_handler(const Options& options, std::size_t count, std::size_t patterns) {
  host_stub::EventBus bus;
  subscribe(bus, "^acapy::webhook::.*");
  for (std::size_t number = 1; number < patterns; ++number) {
    subscribe(bus, "^other::" + std::to_string(number) + "::.*");
  }
  Figure figure{"event_bus_" + std::to_string(patterns) + "_patterns", "ns/event", Better::less, {}};
  figure.note("reference", "direct call through a pointer, nothing copied");
  figure.note("handlers", 1);
  figure.note("payload_bytes", payload_bytes);
  figure.note("events", count);
  const auto nanoseconds = [count](double seconds) { return seconds / static_cast<double>(count) * 1e9; };
  report(options, figure,
         run_pairs(
             options.pairs, [&] { return nanoseconds(call_directly(count)); },
             [&] { return nanoseconds(publish(bus, count)); }));
}

void two_publishers(const Options& options, std::size_t count) {
  host_stub::EventBus bus;
  subscribe(bus, "^acapy::webhook::.*");
  Figure figure{"event_bus_2_publishers", "events/s", Better::more, {}};
  figure.note("reference", "1 publisher");
  figure.note("events", count);
  figure.note("processors", std::thread::hardware_concurrency());
  report(options, figure,
         run_pairs(
             options.pairs, [&] { return static_cast<double>(count) / publish(bus, count); },
             [&] {
               const double start = now();
               std::thread other([&] { publish(bus, count); });
               publish(bus, count);
               other.join();
               return 2 * static_cast<double>(count) / (now() - start);
             }));
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse_options(argc, argv);
  const std::size_t count = options.count != 0 ? options.count : default_count;
  for (const std::size_t patterns : {1UL, 100UL, 10'000UL}) one_handler(options, count, patterns);
  two_publishers(options, count);
  return 0;
}
