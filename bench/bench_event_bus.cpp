// The host's bus alone, without plugins and without Kafka (--bootstrap is accepted and not used):
//
//   event_bus_{1,100,10000}_patterns  one handler, with so many subscriptions of which it is the only one that matches,
//                                     against a direct call
//   event_bus_{0,8}_handlers          so many handlers of one pattern each, against that many direct calls
//   event_bus_{1000,1000000}_topics   one handler, topics in turn, against one topic. The bus remembers a bounded number
//                                     of topics: with a million nearly every event is one that it has to match anew
//   event_bus_2_publishers            a second thread that publishes, against one
//   event_bus_signals2_{1,8}          so many handlers, against Boost.Signals2 with so many slots
//   event_bus_string_dispatch_{1,8}   the same against dispatch by an exact text (string_dispatch.h)
//
// The bus copies each event, gives it an id and a time, and finds its handlers by patterns; no reference does.

#include <string>
#include <thread>

#include "event_bus_load.h"
#include "event_bus_references.h"
#include "harness.h"

namespace {

using namespace bench;

constexpr std::size_t default_count = 2'000'000;

struct Terms {
  const Options& options;
  std::size_t count;
};

Figure nanoseconds_figure(const Terms& terms, std::string name, std::string_view reference_is, std::size_t handlers) {
  Figure figure{std::move(name), "ns/event", Better::less, {}};
  figure.note("reference", reference_is);
  figure.note("handlers", handlers);
  figure.note("payload_bytes", event_payload_bytes);
  figure.note("events", terms.count);
  return figure;
}

/// Both sides give the seconds of a run.
Pairs run(const Terms& terms, Figure& figure, const Run& reference, const Run& ours) {
  const auto nanoseconds = [&](const Run& seconds) {
    return [&] { return seconds() / static_cast<double>(terms.count) * 1e9; };
  };
  return run_metered_pairs(terms.options.pairs, terms.count, figure, nanoseconds(reference), nanoseconds(ours));
}

void patterns(const Terms& terms, std::size_t count) {
  std::string name = "event_bus_" + std::to_string(count) + "_patterns";
  if (!terms.options.wants(name)) return;
  host_stub::EventBus bus;
  subscribe(bus, event_topics);
  for (std::size_t number = 1; number < count; ++number) subscribe(bus, "^other::" + std::to_string(number) + "::.*");
  Figure figure = nanoseconds_figure(terms, std::move(name), "direct call through a pointer, nothing copied", 1);
  const Pairs pairs = run(
      terms, figure, [&] { return call_directly(1, terms.count); }, [&] { return publish(bus, terms.count); });
  report(terms.options, figure, pairs);
}

using Reference = double (*)(std::size_t handlers, std::size_t count);

/// So many handlers that all match, against a reference with as many.
void handlers(const Terms& terms, std::string name, std::size_t count, std::string_view reference_is,
              Reference reference) {
  if (!terms.options.wants(name)) return;
  host_stub::EventBus bus;
  for (std::size_t number = 0; number < count; ++number) subscribe(bus, event_topics);
  Figure figure = nanoseconds_figure(terms, std::move(name), reference_is, count);
  const Pairs pairs = run(
      terms, figure, [&] { return reference(count, terms.count); }, [&] { return publish(bus, terms.count); });
  report(terms.options, figure, pairs);
}

void topics(const Terms& terms, std::size_t count) {
  std::string name = "event_bus_" + std::to_string(count) + "_topics";
  if (!terms.options.wants(name)) return;
  host_stub::EventBus bus;
  host_stub::EventBus bus_of_one;
  subscribe(bus, event_topics);
  subscribe(bus_of_one, event_topics);
  TopicRound many(count);
  TopicRound one(1);
  Figure figure = nanoseconds_figure(terms, std::move(name), "the same bus and handler, one topic", 1);
  const Pairs pairs = run(
      terms, figure, [&] { return one.publish(bus_of_one, terms.count); },
      [&] { return many.publish(bus, terms.count); });
  const host_stub::BusStatistics seen = bus.statistics();
  figure.note("topics", count);
  figure.note("cached_topics", seen.cached_topics);
  figure.note("cache_misses_percent", seen.published == 0 ? 0 : seen.cache_misses * 100 / seen.published);
  report(terms.options, figure, pairs);
}

/// Events a second of two threads together.
double publish_on_both(host_stub::EventBus& first, host_stub::EventBus& second, std::size_t count) {
  const double start = now();
  std::thread other([&] { publish(second, count); });
  publish(first, count);
  other.join();
  return 2 * static_cast<double>(count) / (now() - start);
}

/// What a second publisher adds, and how much of what it does not add is the bus's doing: two threads with a bus each have
/// nothing in common but the processors.
void two_publishers(const Terms& terms) {
  const std::size_t count = terms.count;
  host_stub::EventBus bus;
  host_stub::EventBus another;
  subscribe(bus, event_topics);
  subscribe(another, event_topics);
  const auto measure = [&](const std::string& name, std::string_view reference, const Run& run) {
    Figure figure{name, "events/s", Better::more, {}};
    if (!terms.options.wants(figure.bench)) return;
    figure.note("reference", reference);
    figure.note("events", count);
    figure.note("processors", std::thread::hardware_concurrency());
    report(terms.options, figure,
           run_pairs(terms.options.pairs, run, [&] { return publish_on_both(bus, bus, count); }));
  };
  measure("event_bus_2_publishers", "1 publisher", [&] { return static_cast<double>(count) / publish(bus, count); });
  measure("event_bus_2_publishers_beside_2_buses", "2 publishers, each with a bus of its own",
          [&] { return publish_on_both(bus, another, count); });
}

}  // namespace

int main(int argc, char** argv) {
  // Reference counts of the C++ library are plain numbers until a process has its first thread; no agent is like that.
  std::thread([] {}).join();
  const Options options = parse_options(argc, argv);
  const Terms terms{options, options.count != 0 ? options.count : default_count};
  for (const std::size_t count : {1UL, 100UL, 10'000UL}) patterns(terms, count);
  for (const std::size_t count : {0UL, 8UL}) {
    handlers(terms, "event_bus_" + std::to_string(count) + "_handlers", count,
             "as many direct calls through pointers, nothing copied", call_directly);
  }
  for (const std::size_t count : {1000UL, 1'000'000UL}) topics(terms, count);
  two_publishers(terms);
  for (const std::size_t count : {1UL, 8UL}) {
    handlers(terms, "event_bus_signals2_" + std::to_string(count), count,
             "boost::signals2::signal, no topic, nothing copied", emit_signal);
    handlers(terms, "event_bus_string_dispatch_" + std::to_string(count), count,
             "eventpp-like dispatch by an exact text, nothing copied", dispatch_by_string);
  }
  return 0;
}
