// What an instance is for: events, requests, health, figures; and whom it calls meanwhile.
#include <chrono>
#include <cstring>
#include <thread>

#include "agent_plugin/ext/health.h"
#include "agent_plugin/ext/metrics.h"

#include "checks/checks.h"
#include "step.h"

namespace plugin_validator {
namespace {

using namespace std::chrono_literals;
constexpr auto answer_patience = 3000ms;
constexpr auto quiet_period = 30ms;

void check_health(Life& life) {
  const auto* health = static_cast<const agent_health*>(life.extension(AGENT_EXT_HEALTH));
  if (health == nullptr) return;
  Arena memory(life.host().layout());
  agent_health_report* report = memory.place(agent_health_report{});
  report->live = report->ready = -7;
  step("health->check()");
  health->check(life.plugin(), report);
  if (report->live < 0 || report->live > 1 || report->ready < 0 || report->ready > 1) {
    fail("health->check() left live ", report->live, " and ready ", report->ready, "; each is 0 or 1");
  }
  const std::size_t size = ::strnlen(report->reason, sizeof(report->reason));
  if (size == sizeof(report->reason)) fail("health->check() gave a reason that is not NUL-terminated");
  if (!is_utf8({report->reason, size})) fail("health->check() gave a reason that is not UTF-8");
}

/// What collect() wrote, and the first thing that is wrong with it.
struct Figures {
  bool in_metric = false;
  std::int32_t type = 0;
  std::string name;
  std::string problem;

  void metric(agent_text given, std::int32_t given_type) {
    name = std::string(view(given));
    type = given_type;
    in_metric = true;
    bool well_formed = !name.empty() && (name[0] < '0' || name[0] > '9');
    for (const char c : name) {
      well_formed = well_formed && (c == '_' || c == ':' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                                    (c >= 'A' && c <= 'Z'));
    }
    if (!well_formed) note(text_of("the metric name \"", name, "\" has characters beyond a-z, 0-9, _ and :"));
    if (type < AGENT_METRIC_COUNTER || type > AGENT_METRIC_HISTOGRAM)
      note(text_of(name, " has the unknown type ", type));
  }
  void value(bool histogram) {
    if (!in_metric) note("it wrote a value before metric()");
    if (in_metric && histogram != (type == AGENT_METRIC_HISTOGRAM))
      note(name + " has a value of another type than it said");
  }
  void note(std::string what) {
    if (problem.empty()) problem = std::move(what);
  }
};

void check_metrics(Life& life) {
  const auto* metrics = static_cast<const agent_metrics*>(life.extension(AGENT_EXT_METRICS));
  if (metrics == nullptr) return;
  Figures figures;
  Arena memory(life.host().layout());
  const agent_metrics_sink* sink = memory.place(agent_metrics_sink{
      .size = 0,
      .reserved = 0,
      .context = &figures,
      .metric = [](void* context, agent_text name, std::int32_t type,
                   agent_text /*help*/) { static_cast<Figures*>(context)->metric(name, type); },
      .sample = [](void* context, const agent_metric_label* const* /*labels*/, std::size_t /*count*/,
                   double /*value*/) { static_cast<Figures*>(context)->value(false); },
      .histogram = [](void* context, const agent_metric_label* const* /*labels*/, std::size_t /*count*/,
                      const agent_metric_histogram* /*histogram*/) { static_cast<Figures*>(context)->value(true); }});
  step("metrics->collect()");
  metrics->collect(life.plugin(), sink);
  if (!figures.problem.empty()) fail("metrics->collect(): ", figures.problem);
}

void look_at(Life& life) {
  check_health(life);
  check_metrics(life);
}

}  // namespace

std::size_t deliver_samples(TestHost& host) {
  std::size_t called = 0;
  static const std::string large(256 * 1024, 'p');
  static const std::string_view binary("\0\xff\xfe\r\n\t", 6);
  const EventSample samples[] = {
      {.topic = {},
       .key = "key",
       .payload = R"({"state":"active"})",
       .content_type = "application/json",
       .headers = {}},
      {.topic = {}, .key = {}, .payload = {}, .content_type = {}, .headers = {}},
      {.topic = {},
       .key = std::string_view("", 0),
       .payload = std::string_view("", 0),
       .content_type = {},
       .headers = {}},
      {.topic = {},
       .key = binary,
       .payload = binary,
       .content_type = "application/octet-stream",
       .headers = {{"same", "1"}, {"same", {}}, {"binary", binary}, {"empty", std::string_view("", 0)}}},
      {.topic = {}, .key = "large", .payload = large, .content_type = "text/plain", .headers = {}}};
  for (const EventSample& sample : samples) {
    step("a handler of events");
    called += host.bus().deliver(sample);
  }
  return called;
}

void exercise(Life& life) {
  (void)deliver_samples(life.host());
  step("a handler of GET requests");
  (void)life.host().routes().request_all(true, {}, 300ms);
  try {
    look_at(life);
  } catch (const Finding&) {  // what is wrong with these is told by health-and-metrics
    return;
  }
}

void check_health_and_metrics(Subject& subject) {
  Life life(subject, host_for(subject));
  life.must_create();
  look_at(life);
  life.must_configure();
  look_at(life);
  life.must_start();
  look_at(life);
  (void)life.drain(drain_ms);
  look_at(life);
  life.must_stop();
  look_at(life);
  life.destroy();
}

void check_events_completed(Subject& subject) {
  TestHost& host = host_for(subject);
  Life life(subject, host);
  life.up_to_active();
  if (host.bus().subscriptions().empty()) {
    life.down();
    skip("it subscribes to nothing with this configuration");
  }
  std::size_t called = 0;
  for (int times = 0; times < 5; ++times) called += deliver_samples(host);
  (void)life.drain(drain_ms);
  life.must_stop();
  life.destroy();
  if (called == 0) skip("no topic was found that its patterns match");
  if (const std::string breach = host.ledger().first(Breach::event); !breach.empty()) fail(breach);
  if (host.bus().events().open_completions() > 0) {
    fail(host.bus().events().open_completions(),
         " events that it answered LATER for were not completed by the end of "
         "destroy(); complete what is given up with AGENT_OUTCOME_FAILED");
  }
  if (host.bus().events().alive() > 0) {
    fail(host.bus().events().alive(), " events were retained and not released by the end of destroy()");
  }
}

void check_routes_answered(Subject& subject) {
  TestHost& host = host_for(subject);
  Life life(subject, host);
  life.must_create();
  life.must_configure();
  const auto ask = [&](bool reading, std::string_view body, const char* when) {
    step(text_of("a handler of requests ", when));
    if (const std::string problem = host.routes().request_all(reading, body, answer_patience); !problem.empty()) {
      fail(problem, " (", when, ")");
    }
  };
  ask(true, {}, "before start()");
  life.must_start();
  ask(true, {}, "while it is active");
  ask(false, "{\"not\": [\"what it wants", "while it is active, with a body that is no JSON");
  ask(true, {}, "after requests that change something");
  (void)life.drain(drain_ms);
  ask(true, {}, "after drain()");
  life.must_stop();
  life.destroy();
  if (const std::string breach = host.ledger().first(Breach::exchange); !breach.empty()) fail(breach);
  if (!host.routes().routes().empty()) fail("destroy() left the route ", host.routes().routes().front());
}

void check_host_calls_allowed(Subject& subject) {
  TestHost& host = host_for(subject);
  Life life(subject, host);
  life.up_to_active();
  exercise(life);
  std::this_thread::sleep_for(quiet_period);  // for threads of the plugin that call now and then
  (void)life.drain(drain_ms);
  life.must_stop();
  std::this_thread::sleep_for(quiet_period);
  life.destroy();
  std::this_thread::sleep_for(quiet_period);
  if (const std::string breach = host.ledger().first(Breach::call); !breach.empty()) fail(breach);
}

}  // namespace plugin_validator
