#include "cli/demo.h"

#include <cstdio>
#include <unistd.h>
#include <utility>

#include "cli/announcer.h"
#include "cli/demo_events.h"
#include "cli/demo_ledger.h"
#include "cli/demo_report.h"
#include "cli/demo_requests.h"
#include "cli/demo_topics.h"
#include "cli/exit_status.h"
#include "cli/progress.h"
#include "cli/start.h"
#include "cli/stop_signals.h"

namespace host_stub::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds turn{20};
constexpr milliseconds busy_pause{10};
constexpr milliseconds no_progress{30'000};  ///< an event that has not moved for so long went astray
constexpr milliseconds settle{300};          ///< in which a second copy of an event would show up
constexpr std::size_t shown_astray = 20;
constexpr std::size_t questions = 500;

/// The ledger's place on the bus. The ledger must outlive it.
class LedgerSubscription {
 public:
  static Result<std::unique_ptr<LedgerSubscription>> open(EventBus& bus, DemoLedger& ledger) {
    std::vector<agent_text> patterns;
    for (const std::string& pattern : DemoLedger::patterns()) patterns.push_back({pattern.data(), pattern.size()});
    constexpr std::string_view name = "host.demo";
    agent_subscription subscription{};
    subscription.size = sizeof subscription;
    subscription.pattern_count = static_cast<std::uint32_t>(patterns.size());
    subscription.patterns = patterns.data();
    subscription.name = {name.data(), name.size()};
    subscription.context = &ledger;
    subscription.on_event = [](void* context, const agent_event* event) -> std::int32_t {
      static_cast<DemoLedger*>(context)->on_event(*event);
      return AGENT_HANDLER_DONE;
    };
    std::uint64_t token = 0;
    agent_error error = AGENT_ERROR_INIT;
    const std::int32_t status = bus.subscribe(subscription, 0, &token, &error);
    if (status != AGENT_OK) return Failure{status, error.message};
    return std::unique_ptr<LedgerSubscription>(new LedgerSubscription(bus, token));
  }
  ~LedgerSubscription() { bus_.unsubscribe(token_); }
  LedgerSubscription(const LedgerSubscription&) = delete;
  LedgerSubscription& operator=(const LedgerSubscription&) = delete;

 private:
  LedgerSubscription(EventBus& bus, std::uint64_t token) : bus_(bus), token_(token) {}
  EventBus& bus_;
  std::uint64_t token_;
};

void on_completed(void* context, std::uint64_t cookie, const agent_event_result* result) {
  auto& ledger = *static_cast<DemoLedger*>(context);
  const std::string_view detail(result->detail.size == 0 ? "" : result->detail.data, result->detail.size);
  if (result->handlers == 0) ledger.on_refused(cookie, "no route matches its topic");
  if (result->outcome == AGENT_OUTCOME_FAILED) ledger.on_refused(cookie, detail.empty() ? "a handler failed" : detail);
}

/// Publishes one event, again and again while the plugin's queue is full. A failure says why it was not taken.
Result<void> publish(Host& host, DemoLedger& ledger, const EventFields& event, std::size_t index,
                     StopSignals& signals) {
  std::vector<agent_header> headers;
  const agent_event_draft draft = borrow_draft(event, headers);
  agent_event_completion completion{};
  completion.size = sizeof completion;
  completion.context = &ledger;
  completion.cookie = index;
  completion.completed = on_completed;
  for (;;) {
    agent_error error = AGENT_ERROR_INIT;
    const std::int32_t status = host.bus().publish(draft, 0, &completion, nullptr, &error);
    if (status == AGENT_OK) return {};
    if (status != AGENT_E_BUSY) return Failure{status, error.message};
    if (signals.wait(busy_pause) == StopSignals::Event::stop) return Failure{AGENT_E_STATE, "interrupted"};
  }
}

/// Waits until every event has its end. False: Ctrl-C.
bool watch_events(const DemoLedger& ledger, StopSignals& signals, steady_clock::time_point began) {
  Progress progress;
  LedgerCounts last;
  steady_clock::time_point moved = steady_clock::now();
  while (!ledger.complete() && steady_clock::now() - moved < no_progress) {
    const LedgerCounts now = ledger.counts();
    if (now.delivered != last.delivered || now.came_back != last.came_back) moved = steady_clock::now();
    last = now;
    const auto elapsed = std::chrono::duration_cast<milliseconds>(steady_clock::now() - began);
    progress.update({now.came_back, now.events, elapsed,
                     with_thousands(now.delivered) + " delivered, " + with_thousands(now.came_back) + " came back"});
    if (signals.wait(turn) == StopSignals::Event::stop) return false;
  }
  return signals.wait(settle) != StopSignals::Event::stop;
}

/// Prints the table and what went wrong; the exit status.
int report(const DemoLedger& ledger, const Announcer& announcer, steady_clock::time_point began) {
  const std::vector<LedgerEntry> entries = ledger.entries();
  const std::vector<std::string> lost = astray(entries);
  const auto elapsed = std::chrono::duration_cast<milliseconds>(steady_clock::now() - began);
  std::printf("%s", demo_table(entries).c_str());
  std::fflush(stdout);
  for (std::size_t index = 0; index < lost.size() && index < shown_astray; ++index) {
    announcer.failure("astray: " + lost[index]);
  }
  if (lost.size() > shown_astray) {
    announcer.failure("and " + with_thousands(lost.size() - shown_astray) + " more events went astray");
  }
  if (const std::uint64_t strangers = ledger.strangers(); strangers > 0) {
    announcer.failure(with_thousands(strangers) + " events came back that were not sent");
  }
  const bool good = lost.empty() && ledger.strangers() == 0;
  const std::string seconds =
      std::to_string(elapsed.count() / 1000) + "." + std::to_string(elapsed.count() % 1000 / 100);
  const std::string counted = with_thousands(entries.size() - lost.size()) + " of " + with_thousands(entries.size());
  std::printf("%s events were delivered once and came back once, unchanged, in %s s\n", counted.c_str(),
              seconds.c_str());
  std::fflush(stdout);
  return good ? exit_ok : exit_failure;
}

int publish_and_check(Host& host, const std::vector<EventFields>& events, DemoLedger& ledger,
                      const Announcer& announcer, StopSignals& signals) {
  const steady_clock::time_point began = steady_clock::now();
  announcer.note("publishing " + with_thousands(events.size()) + " events");
  for (std::size_t index = 0; index < events.size(); ++index) {
    const Result<void> published = publish(host, ledger, events[index], index, signals);
    if (!published.ok()) ledger.on_refused(index, published.error().message);
    if (!published.ok() && published.error().status == AGENT_E_STATE) break;
  }
  if (!watch_events(ledger, signals, began)) announcer.note("interrupted; so far:");
  return report(ledger, announcer, began);
}

/// Questions that echo answers; the exit status.
int ask_and_check(Host& host, const Announcer& announcer, StopSignals& signals) {
  announcer.note("asking " + with_thousands(questions) + " questions, which the plugin echo answers");
  DemoRequests requests(host);
  const DemoAnswers answers = requests.run(questions, signals);
  if (!answers.trouble.empty()) announcer.failure("not answered: " + answers.trouble);
  if (answers.wrong > 0) announcer.failure(with_thousands(answers.wrong) + " were answered twice, or wrongly");
  std::printf("%s\n", in_words(answers).c_str());
  std::fflush(stdout);
  return answers.answered_once == answers.asked ? exit_ok : exit_failure;
}

int run(Host& host, const DemoOptions& options, const std::vector<EventFields>& events, const Announcer& announcer,
        StopSignals& signals) {
  DemoLedger ledger(events);
  int status = exit_failure;
  {
    const auto subscription = LedgerSubscription::open(host.bus(), ledger);
    if (!subscription.ok()) {
      announcer.failure(subscription.error().message);
      return exit_failure;
    }
    status = publish_and_check(host, events, ledger, announcer, signals);
  }
  if (options.requests && status == exit_ok) status = ask_and_check(host, announcer, signals);
  if (!options.once && ::isatty(STDOUT_FILENO) == 1 && host.admin() != nullptr) {
    announcer.note("admin page: " + host.admin()->url() + "/admin (Ctrl-C ends)");
    while (signals.wait(std::chrono::hours(1)) != StopSignals::Event::stop) {
    }
  }
  bring_down(host, announcer, signals, options.start.drain_timeout, status);
  return status;
}

}  // namespace

int run_demo(DemoOptions options) {
  const Announcer announcer(options.start.log.format);
  const auto fail = [&](const Failure& failure, int status) {
    announcer.failure(failure.message);
    return status;
  };
  const Result<std::vector<EventFields>> events = load_demo_events(options.events_file);
  if (!events.ok()) return fail(events.error(), exit_usage);
  const Result<std::unique_ptr<StopSignals>> signals = StopSignals::create();
  if (!signals.ok()) return fail(signals.error(), exit_failure);
  const std::unique_ptr<LogSink> log = make_log_sink(options.start.log);
  Host host(options.start.host, *log);
  host.on_shutdown_request = [&stop = *signals.value()] { stop.request(); };
  const std::optional<int> failed =
      bring_up(host, announcer, [&] { make_demo_topics(host, events.value(), options.requests); });
  if (failed.has_value()) return give_up(host, *failed);
  announcer.banner(host);
  return run(host, options, events.value(), announcer, *signals.value());
}

}  // namespace host_stub::cli
