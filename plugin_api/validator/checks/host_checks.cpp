// Hosts that are older, newer, stricter or out of order. A plugin may refuse in create(), configure() or start(), with a
// message; it must not crash, and must end in order whatever was refused.
#include "checks/checks.h"
#include "process_view.h"

namespace plugin_validator {
namespace {

/// As far as it comes; every refusal so far was a status with a message, or it would have been a Finding.
void live_as_far_as_it_goes(Life& life) {
  if (!life.create().is_ok()) return;
  const Answer configured = life.configure(life.subject().configuration());
  if (configured.is_ok() && life.start().is_ok()) {
    exercise(life);
    (void)life.drain(drain_ms);
    (void)life.stop();
  }
  life.destroy();
}

/// A whole life in a host of this layout, in which a wrong access crashes.
void live_in(Subject& subject, Layout layout) {
  TestHost& host = host_for(subject, {.layout = layout});
  Life life(subject, host);
  life.up_to_active();
  exercise(life);
  life.down();
}

}  // namespace

void check_host_extension_missing(Subject& subject) {
  for (const char* missing : {host_extensions[0], host_extensions[1], host_extensions[2], host_extensions[3], "*"}) {
    Life life(subject, host_for(subject, {.missing = missing}),
              *missing == '*' ? "an instance without any host extension" : text_of("an instance without ", missing));
    live_as_far_as_it_goes(life);
  }
}

void check_host_structs_larger(Subject& subject) { live_in(subject, Layout::larger); }
void check_host_structs_exact(Subject& subject) { live_in(subject, Layout::exact); }
void check_borrowed_arguments(Subject& subject) { live_in(subject, Layout::revoked); }

void check_host_callbacks_fail(Subject& subject) {
  {
    Life warm_up(subject, host_for(subject));  // libraries may start threads of their own, once
    warm_up.up_to_active();
    warm_up.down();
  }
  for (const char* function :
       {"event_bus.publish", "event_bus.subscribe", "event_bus.unsubscribe", "event_bus.listeners", "admin_routes.add",
        "admin_routes.remove", "admin_routes.respond", "log.level", "handover.deposit", "handover.withdraw"}) {
    const auto before = threads();
    TestHost& host = host_for(subject);
    host.ledger().let_fail(function);
    Life life(subject, host, text_of("an instance whose host fails in ", function));
    live_as_far_as_it_goes(life);
    if (!host.bus().subscriptions().empty()) {
      fail("after ", function, " failed, the subscription ", host.bus().subscriptions().front(), " is left");
    }
    if (const std::string left = new_threads(before); !left.empty())
      fail("after ", function, " failed, there are ", left);
  }
}

}  // namespace plugin_validator
