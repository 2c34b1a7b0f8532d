// The ways through the life of an instance that a host may take.
#include <chrono>

#include "checks/checks.h"

namespace plugin_validator {
namespace {

constexpr int cycles = 3;
constexpr std::chrono::milliseconds drain_slack{3000};  // drain(0) may take this long all the same

}  // namespace

void check_lifecycle(Subject& subject) {
  Life life(subject, host_for(subject));
  life.up_to_active();
  life.down();
}

void check_start_stop_cycles(Subject& subject) {
  Life life(subject, host_for(subject));
  life.must_create();
  life.must_configure();
  for (int cycle = 0; cycle < cycles; ++cycle) {
    life.must_start();
    const Answer drained = life.drain(drain_ms);
    if (drained.status != AGENT_E_TIMEOUT) must(drained, "drain()");
    life.must_stop();
    if (cycle == 0) life.must_configure();  // anew, after a stop
  }
  life.must_start();
  life.must_stop();  // without a drain before
  life.destroy();
}

void check_drain_without_time(Subject& subject) {
  Life life(subject, host_for(subject));
  life.up_to_active();
  const auto began = std::chrono::steady_clock::now();
  const Answer drained = life.drain(0, false);  // and without a report
  const auto took = std::chrono::steady_clock::now() - began;
  if (drained.status != AGENT_E_TIMEOUT) must(drained, "drain() with 0 ms");
  if (took > drain_slack) {
    fail("drain() with 0 ms took ", std::chrono::duration_cast<std::chrono::milliseconds>(took).count(),
         " ms; give up what is left when the time is over, and return AGENT_E_TIMEOUT");
  }
  life.must_stop();
  life.destroy();
}

void check_stop_twice(Subject& subject) {
  Life life(subject, host_for(subject));
  life.up_to_active();
  life.must_stop();
  must(life.stop(), "the second stop()");
  life.must_start();
  life.must_stop();
  life.destroy();
}

void check_destroy_in_every_state(Subject& subject) {
  for (const Phase last : {phase_created, phase_configured, phase_active, phase_draining}) {
    TestHost& host = host_for(subject);
    Life life(subject, host);
    life.must_create();
    if (last >= phase_configured) life.must_configure();
    if (last >= phase_active) life.must_start();
    if (last == phase_draining) (void)life.drain(drain_ms);
    life.destroy();
    if (!host.bus().subscriptions().empty()) {
      fail("destroy() ", last == phase_active ? "while it was active" : "after drain()", " left the subscription ",
           host.bus().subscriptions().front(), "; destroy() has to do what stop() was not asked for");
    }
  }
}

void check_two_instances(Subject& subject) {
  TestHost& host_a = host_for(subject);
  TestHost& host_b = host_for(subject, {.instance = 2});
  Life a(subject, host_a, "instance 1");
  Life b(subject, host_b, "instance 2");
  a.must_create();
  b.must_create();
  if (a.plugin() == b.plugin()) fail("create() gave the same instance twice; allocate one each time");
  a.must_configure();
  b.must_configure();
  a.must_start();
  b.must_start();
  a.must_stop();
  a.destroy();
  const std::uint64_t calls_of_a = host_a.ledger().calls();
  exercise(b);  // the first one to end must not have taken the other one with it
  if (host_a.ledger().calls() != calls_of_a)
    fail("instance 2 called the host of instance 1 after that one's destroy()");
  b.down();
}

}  // namespace plugin_validator
