// Writes numbered records to a topic and reads them back, by librdkafka alone: shares no code with the plugin.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "number_ledger.h"

namespace swap_load {

inline constexpr std::uint64_t never = UINT64_MAX;

struct WritePlan {
  double rate = 10'000;  ///< records a second; 0: as fast as it goes
  std::uint32_t keys = 64;
  std::size_t size = 100;
  std::uint64_t most = never;
  /// Damage on purpose, to see that it is seen: the record of this index is left out, or written twice, or after its
  /// successor in its key.
  std::uint64_t lose = never, twice = never, late = never;
};

struct Written {
  std::vector<std::uint64_t> last;  ///< by key
  std::uint64_t failed = 0;
  std::string first_failure;
};

/// Until `ending` or the plan's end, and until the broker has said of every record what became of it.
Written write_records(const std::string& bootstrap, const std::string& topic, const WritePlan& plan,
                      const std::atomic<bool>& ending);

/// All committed records of a topic to which nobody writes any more. Throws std::runtime_error if it does not come to the end.
void read_records(const std::string& bootstrap, const std::string& topic, NumberLedger& ledger);

}  // namespace swap_load
