// The verb `start`: runs the host until it is told to end.
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "cli/announcer.h"
#include "cli/host.h"
#include "cli/options.h"
#include "cli/stop_signals.h"

namespace host_stub::cli {

/// Returns the exit status.
[[nodiscard]] int run_start(StartOptions options);

/// The steps from loading to running. All problems are printed; a status if one of them failed, and then the caller
/// undoes the others with give_up().
/// `before_start` is called when routes answer in process, and nothing runs yet.
[[nodiscard]] std::optional<int> bring_up(Host& host, const Announcer& announcer,
                                          const std::function<void()>& before_start = {});

/// Undoes what was started before a step failed, and returns its status.
[[nodiscard]] int give_up(Host& host, int status);

/// Announces ready or degraded as it happens, until a stop is asked for.
void run_until_stopped(Host& host, const Announcer& announcer, StopSignals& signals);

/// Drains, tells how it went, and ends the process by force, with `status`, if something of the host is stuck.
void bring_down(Host& host, const Announcer& announcer, StopSignals& signals, std::chrono::seconds timeout, int status);

}  // namespace host_stub::cli
