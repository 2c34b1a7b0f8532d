// What is left behind. Libraries that stay resident by design may keep what they made once; so everything is compared
// with the state after a first whole life, and must not grow from there.
#include <cstdint>

#include "checks/checks.h"
#include "process_view.h"
#include "step.h"

namespace plugin_validator {
namespace {

constexpr int cycles = 3;
constexpr int memory_cycles = 50;
constexpr int memory_warm_up = 10;
constexpr std::size_t memory_bound = std::size_t{128} * 1024;  // for all cycles together: 2.5 KiB each

/// From loading to unloading, with some work in between.
void whole_life(Subject& subject) {
  Life life(subject, host_for(subject));
  life.up_to_active();
  exercise(life);
  life.down();
  subject.unload();
}

void must_be_unmapped(const Subject& subject) {
  const std::string mapped = subject.still_mapped();
  if (mapped.empty()) return;
  fail("it is still mapped after dlclose(): ", mapped,
       "; look for GNU_UNIQUE symbols, -z nodelete, C++ thread_local objects, and handles of dlopen() that it keeps");
}

}  // namespace

void check_threads_only_while_active(Subject& subject) {
  {
    Life warm_up(subject, host_for(subject));
    warm_up.up_to_active();
    warm_up.down();
  }
  const auto before = threads();
  TestHost& host = host_for(subject);
  Life life(subject, host);
  const auto none_may_run = [&](const char* when) {
    if (const std::string found = new_threads(before); !found.empty()) fail(when, " there are ", found);
  };
  life.must_create();
  none_may_run("after create()");
  life.must_configure();
  none_may_run("after configure()");
  if (!host.bus().subscriptions().empty()) {
    fail("configure() subscribed to events (", host.bus().subscriptions().front(), "); subscribe in start()");
  }
  life.must_start();
  exercise(life);
  life.must_stop();
  none_may_run("after stop()");
  if (!host.bus().subscriptions().empty()) fail("stop() left the subscription ", host.bus().subscriptions().front());
  life.destroy();
}

void check_global_settings(Subject& subject) {
  const auto before = global_settings();
  const auto compare = [&](const char* when) {
    const auto now = global_settings();
    for (const auto& [what, value] : now) {
      const auto known = before.find(what);
      const std::string was = known == before.end() ? "unset" : known->second;
      if (was != value) fail(when, ", ", what, " is \"", value, "\"; it was \"", was, "\". Leave it to the host");
    }
    for (const auto& [what, value] : before) {
      if (!now.contains(what)) fail(when, ", ", what, " is gone. Leave it to the host");
    }
  };
  (void)subject.block();
  compare("after loading");
  Life life(subject, host_for(subject));
  life.up_to_active();
  compare("while it is active");
  exercise(life);
  life.down();
  compare("after destroy()");
}

void check_nothing_left(Subject& subject) {
  whole_life(subject);
  const auto threads_before = threads();
  const auto descriptors_before = descriptors();
  const int keys_before = free_thread_keys();
  for (int cycle = 0; cycle < cycles; ++cycle) whole_life(subject);
  if (const std::string left = new_threads(threads_before); !left.empty()) {
    fail("after ", cycles, " lives there are ", left, " more; join every thread in stop()");
  }
  if (const std::string left = new_descriptors(descriptors_before); !left.empty()) {
    fail("after ", cycles, " lives there are ", left, " more; close what the instance opened");
  }
  if (const int left = keys_before - free_thread_keys(); left > 0) {
    fail("after ", cycles, " lives there are ", left, " more pthread keys; delete them in destroy()");
  }
}

void check_memory_bounded(Subject& subject) {
  TestHost& host = host_for(subject);
  const std::string configuration = subject.configuration();
  const auto live = [&] {
    Life life(subject, host);
    life.must_create();
    life.must_configure();
    life.destroy();
    host.routes().remove_all();
  };
  for (int cycle = 0; cycle < memory_warm_up; ++cycle) live();
  const std::size_t before = heap_bytes();
  for (int cycle = 0; cycle < memory_cycles; ++cycle) live();
  const std::size_t after = heap_bytes();
  if (after > before + memory_bound) {
    fail(memory_cycles, " times create(), configure(), destroy() left ", (after - before) / 1024, " KiB on the heap (",
         (after - before) / memory_cycles, " bytes each); free them in destroy()");
  }
}

void check_unmapped_after_work(Subject& subject) {
  whole_life(subject);
  must_be_unmapped(subject);
}

void check_unmapped(Subject& subject) {
  Life life(subject, host_for(subject));
  life.must_create();
  life.destroy();
  subject.unload();
  must_be_unmapped(subject);
}

}  // namespace plugin_validator
