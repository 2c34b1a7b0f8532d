// What a swap is asked for and what it tells: plain records. swap.h has the course.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bus/event_hold.h"
#include "plugins/plugin_types.h"

namespace host_stub {

/// When a new version is taken back.
struct ProbationRules {
  std::chrono::milliseconds length{10'000};         ///< 0: none, the old version is retired at once
  std::chrono::milliseconds poll{50};               ///< between two looks at it
  std::chrono::milliseconds health_timeout{2'000};  ///< a health call that takes longer hangs
  std::chrono::milliseconds not_ready{5'000};       ///< not ready for so long, though the old one was
  std::uint64_t max_errors_per_second = 50;         ///< error lines and failed completions; more are too many
};

struct SwapRequest {
  std::string plugin;          ///< the name of a loaded, active one
  std::filesystem::path path;  ///< the new module; empty: the file that the running one came from
  PluginConfiguration configuration;
  ProbationRules probation;
  std::chrono::milliseconds timeout{15'000};  ///< for each step
  bool close_connections = false;             ///< the long way: nothing changes hands as it is
  HoldLimits hold;
};

/// running and probation are on the way; the others are how it ended. refused: before anything was taken from the old
/// version; rolled_back: the old version works again; stuck: neither does.
enum class SwapOutcome : std::uint8_t { running, probation, swapped, rolled_back, refused, stuck };
[[nodiscard]] std::string_view to_string(SwapOutcome outcome) noexcept;
[[nodiscard]] constexpr bool is_final(SwapOutcome outcome) noexcept {
  return outcome != SwapOutcome::running && outcome != SwapOutcome::probation;
}

enum class StepOutcome : std::uint8_t { running, done, failed, skipped };
[[nodiscard]] std::string_view to_string(StepOutcome outcome) noexcept;

enum class SwapDirection : std::uint8_t { forward, back };
[[nodiscard]] std::string_view to_string(SwapDirection direction) noexcept;

struct SwapStep {
  std::string name;  ///< copy validate load create configure prepare quiesce flip save routes load_state start release
                     ///< resume probation destroy unload
  SwapDirection direction = SwapDirection::forward;
  StepOutcome outcome = StepOutcome::running;
  double at_ms = 0;  ///< when it began, since the swap did
  double milliseconds = 0;
  std::string detail;  ///< why it failed or was skipped, or empty
};

struct SwapVersion {
  std::string version;  ///< empty: not known yet
  std::string build_id;
  std::string path;
};

struct SwapReport {
  std::uint64_t id = 0;  ///< unique in this process, ascending
  std::string plugin;
  SwapOutcome outcome = SwapOutcome::running;
  SwapVersion from;
  SwapVersion to;
  std::string running;                  ///< the version that works now, or empty: none
  std::vector<ConfigProblem> problems;  ///< that the new version reported, warnings too
  std::string reason;         ///< why it did not go through, or what is to be known of one that did; may be empty
  std::int64_t began_us = 0;  ///< since the Unix epoch
  std::vector<SwapStep> steps;
  double milliseconds = 0;  ///< altogether, probation included
  double pause_ms = 0;      ///< from flip to release, the longer one if there were two
  std::uint64_t events_held = 0;
  std::uint64_t events_refused = 0;  ///< publishers were told to try again: the hold was full
  std::uint64_t state_bytes = 0;
  std::uint64_t deposits = 0;
  std::uint64_t deposits_released = 0;  ///< nobody withdrew them
  std::string handles{"none"};          ///< "taken over", "made anew" or "none"
  std::optional<bool> unmapped;         ///< of the version that was retired; nothing: none was yet
  std::string why_mapped;               ///< why it stayed, or empty
};

/// Counts over the life of the host, per plugin.
struct SwapCounts {
  std::string plugin;
  std::uint64_t swapped = 0;
  std::uint64_t rolled_back = 0;
  std::uint64_t refused = 0;
  std::uint64_t stuck = 0;
  std::uint64_t events_held = 0;
  std::uint64_t modules_left_mapped = 0;
  double last_pause_seconds = 0;
};

}  // namespace host_stub
