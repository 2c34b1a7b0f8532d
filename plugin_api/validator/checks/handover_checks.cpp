// The course of a swap: one instance hands over to another and takes over again; and what may go wrong on the way.
#include "checks/checks.h"
#include "checks/handover.h"
#include "process_view.h"

namespace plugin_validator {
namespace {

constexpr const char* there = "instance 1";
constexpr const char* back = "instance 2";

/// Two instances with one vault between them, as during a swap.
struct Pair {
  std::shared_ptr<Vault> vault = std::make_shared<Vault>();
  TestHost& old_host;
  TestHost& new_host;
  Life old_life;
  Life new_life;

  explicit Pair(Subject& subject)
      : old_host(host_for(subject, {.vault = vault})),
        new_host(host_for(subject, {.vault = vault})),
        old_life(subject, old_host, there),
        new_life(subject, new_host, back) {}

  void must_keep_the_rules() const {
    for (TestHost* host : {&old_host, &new_host}) {
      if (const std::string breach = host->ledger().first(Breach::deposit); !breach.empty()) fail(breach);
    }
  }
};

/// A swap, a rollback, and a swap on which everything is closed.
void go_there_and_back(Subject& subject) {
  Pair pair(subject);
  pair.old_life.must_create();
  HandoverSide first(pair.old_life);
  pair.old_life.must_configure();
  pair.old_life.must_start();
  (void)deliver_samples(pair.old_host);

  pair.new_life.must_create();
  HandoverSide second(pair.new_life);
  pair.new_life.must_configure();
  must(second.prepare(first.describe()), "prepare()");
  (void)hand_over(first, second, *pair.vault);
  (void)deliver_samples(pair.new_host);
  (void)hand_over(second, first, *pair.vault);  // a rollback
  // and the long way, on which everything is closed
  const bool is_new = hand_over(first, second, *pair.vault, true);

  Life& ended = is_new ? pair.old_life : pair.new_life;
  Life& active = is_new ? pair.new_life : pair.old_life;
  ended.destroy();
  exercise(active);
  active.down();
  pair.must_keep_the_rules();
}

}  // namespace

void check_handover_describe_and_prepare(Subject& subject) {
  TestHost& host = host_for(subject, {.layout = Layout::exact});
  Life life(subject, host);
  life.must_create();
  HandoverSide side(life);
  life.must_configure();
  const std::string before = side.describe();
  const std::size_t subscribed = host.bus().subscriptions().size();
  for (const std::string& other : {before, std::string(), std::string("\xff\0noise", 7), std::string(70'000, 'x')}) {
    (void)side.prepare(other);  // it may refuse what it cannot read; the next start() begins anew then
    if (host.bus().subscriptions().size() != subscribed) fail("prepare() subscribed to events; that is for start()");
  }
  life.must_start();
  (void)side.describe();
  const std::int32_t policy = life.handover()->reload_policy(life.plugin());
  if (policy != AGENT_RELOAD_ON_REQUEST && policy != AGENT_RELOAD_ON_CHANGE) {
    fail("reload_policy() answered ", policy, "; it is one of AGENT_RELOAD_…");
  }
  life.down();
}

void check_handover_resume(Subject& subject) {
  TestHost& host = host_for(subject);
  Life life(subject, host);
  life.must_create();
  HandoverSide side(life);
  life.must_configure();
  life.must_start();
  for (int times = 0; times < 2; ++times) {
    must(side.quiesce(), "quiesce()");
    (void)deliver_samples(host);
    must(side.resume(), "resume()");
    (void)deliver_samples(host);
  }
  must(side.quiesce(), "quiesce()");
  life.down();  // a host may also end it from here
}

void check_handover_there_and_back(Subject& subject) {
  go_there_and_back(subject);  // libraries that stay resident may start threads of their own, once
  const auto before = threads();
  go_there_and_back(subject);
  if (const std::string left = new_threads(before); !left.empty()) fail("after both instances ended there are ", left);
}

void check_handover_save_fails(Subject& subject) {
  Pair pair(subject);
  pair.old_life.must_create();
  HandoverSide side(pair.old_life);
  pair.old_life.must_configure();
  pair.old_life.must_start();
  pair.vault->open(true);
  for (const std::size_t capacity : {std::size_t{0}, std::size_t{3}, std::size_t{5}}) {
    must(side.quiesce(), "quiesce()");
    std::string state;
    if (side.save({}, state, capacity).is_ok()) {
      fail("save() succeeded though the host took only ", capacity,
           " bytes of the state; return the status of write()");
    }
    if (pair.vault->size() > 0) fail("save() failed and left ", pair.vault->size(), " deposits; withdraw them again");
    must(side.resume(), "resume() after a save() that failed");
    (void)deliver_samples(pair.old_host);
  }
  pair.old_life.down();
  pair.must_keep_the_rules();
}

}  // namespace plugin_validator
