// What `publish` tells while events go out, and at the end.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "cli/batch_sender.h"
#include "cli/options.h"
#include "cli/progress.h"

namespace host_stub::cli {

/// Progress, failures and, as text, the summary go to stderr; results and summary as JSON go to stdout.
class PublishReport {
 public:
  /// `options` must outlive it. `total`: how many events there are, if that is known.
  PublishReport(const PublishOptions& options, std::optional<std::uint64_t> total);

  void on_result(const EventResult& result);
  void update(const PublishCounts& counts);
  void summary(const PublishCounts& counts);
  void failure(const std::string& message);

 private:
  [[nodiscard]] std::chrono::milliseconds elapsed() const;
  void print_json_summary(const PublishCounts& counts) const;

  const PublishOptions& options_;
  std::optional<std::uint64_t> total_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  Progress progress_;
  std::uint64_t failures_ = 0;
};

}  // namespace host_stub::cli
