// Which dead letters of one partition were redriven: all below an offset, and ranges beyond it. Kept as a committed
// offset and the text that Kafka stores with it, so no store of our own is needed. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/result.h"

namespace kafka_events {

class RedriveProgress {
 public:
  /// `committed`: -1 if nothing was. Fails on a text that this class did not write.
  static Result<RedriveProgress> parse(std::int64_t committed, std::string_view metadata);

  /// All offsets below are settled.
  [[nodiscard]] std::int64_t next() const noexcept { return next_; }
  [[nodiscard]] bool settled(std::int64_t offset) const;
  /// Offsets from `first` to below `end` need no redriving any more.
  void settle(std::int64_t first, std::int64_t end);
  /// Records below `low` are gone.
  void forget_below(std::int64_t low) { settle(next_, low); }
  /// How many offsets from next() to below `high` are not settled.
  [[nodiscard]] std::int64_t open_below(std::int64_t high) const;

  /// The ranges beyond next(): "1:+3-4,+0-1" says that 3 offsets are open, then 4 settled, then … Empty without any.
  [[nodiscard]] std::string metadata() const;

 private:
  std::int64_t next_ = 0;
  std::map<std::int64_t, std::int64_t> ranges_;  // first to end, apart from each other and from next_
};

}  // namespace kafka_events
