// Reloading the configuration of a running host: one plugin after another is swapped with the same module.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <sys/stat.h>

#include "cli/announcer.h"
#include "cli/host.h"

namespace host_stub::cli {

/// Driven by the thread that runs the host: tick() now and then, as often as it says.
class ConfigReload {
 public:
  /// `host` has loaded its plugins; both outlive this.
  ConfigReload(Host& host, const Announcer& announcer);

  /// Asks for a reload of every plugin.
  void request();
  /// Goes on as far as it can without waiting, and tells what became of a swap. Returns when to come again.
  [[nodiscard]] std::chrono::milliseconds tick();

 private:
  struct Stamp {
    timespec changed{};
    off_t bytes = 0;
    bool operator==(const Stamp& other) const noexcept {
      return changed.tv_sec == other.changed.tv_sec && changed.tv_nsec == other.changed.tv_nsec && bytes == other.bytes;
    }
  };
  void look_at_file();
  void begin_next();
  void finish();
  [[nodiscard]] std::optional<Stamp> stamp() const;
  [[nodiscard]] std::optional<std::string> content() const;

  Host& host_;
  const Announcer& announcer_;
  std::deque<std::string> waiting_;  // plugins
  std::optional<std::uint64_t> swap_;
  std::optional<Stamp> seen_;
  std::optional<std::string> applied_;  // what the plugins were configured with, or were asked to be
  std::chrono::steady_clock::time_point next_look_{};
};

}  // namespace host_stub::cli
