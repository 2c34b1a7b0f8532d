// The report of a swap, read again and again while it runs, as lines for a person.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace host_stub::cli {

/// One look at a running swap.
struct SwapView {
  std::string outcome;  ///< running, probation, swapped …
  std::string reason;
  std::string json;     ///< the report on one line
  std::string lines;    ///< the steps that ended since the last look, one line each
  std::string summary;  ///< for the end: what became of it
};

/// Finds a swap in the answer of GET /plugins/{name}/swaps and tells what is new in it.
class SwapProgress {
 public:
  explicit SwapProgress(std::uint64_t id) : id_(id) {}

  /// Nothing: the answer does not have it, or is no such answer.
  [[nodiscard]] std::optional<SwapView> look(std::string_view swaps_json);

 private:
  const std::uint64_t id_;
  std::size_t shown_ = 0;  // steps
};

}  // namespace host_stub::cli
