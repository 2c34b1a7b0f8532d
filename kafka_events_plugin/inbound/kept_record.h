// A copy of a record that has to outlive it: its handlers did not succeed, and it will be tried again or given up.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/record.h"

namespace kafka_events {

class KeptRecord {
 public:
  explicit KeptRecord(const InboundRecord& record);
  // Headers are views into it.
  KeptRecord(const KeptRecord&) = delete;
  KeptRecord& operator=(const KeptRecord&) = delete;

  /// Valid as long as this object; without an owner, so that nobody has to release it.
  [[nodiscard]] InboundRecord view() const;

 private:
  [[nodiscard]] static std::optional<std::string> copy_of(Bytes bytes);
  [[nodiscard]] static Bytes view_of(const std::optional<std::string>& bytes);

  std::string topic_;
  std::int32_t partition_;
  std::int64_t offset_;
  std::int64_t timestamp_ms_;
  std::optional<std::string> key_;
  std::optional<std::string> value_;
  std::vector<std::pair<std::string, std::optional<std::string>>> header_values_;
  std::vector<Header> headers_;
};

}  // namespace kafka_events
