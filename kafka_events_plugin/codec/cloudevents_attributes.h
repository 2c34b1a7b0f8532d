// The context attributes of a CloudEvent (CloudEvents 1.0.2, section 3), wherever they were written.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace kafka_events {

/// Before an attribute's name in headers of records and events (Kafka protocol binding 1.0.2, section 3.2.3.1).
inline constexpr std::string_view cloudevents_header_prefix = "ce_";
inline constexpr std::string_view cloudevents_version = "1.0";
/// Extensions of ours: the tenant (names have no '-'); of CloudEvents: partitioning.
inline constexpr std::string_view tenant_attribute = "agenttenant";
inline constexpr std::string_view partition_key_attribute = "partitionkey";

/// [a-z0-9]+, and not "data" nor "data_base64".
[[nodiscard]] bool is_attribute_name(std::string_view name) noexcept;

/// UTF-8 without control characters and noncharacters: what a String attribute may be (section 3.1).
[[nodiscard]] bool is_attribute_text(std::string_view text) noexcept;

/// Is the name one, and does the value suit it: specversion, id, source, type, subject, time, dataschema,
/// partitionkey not empty and of their form, any other one a text? The error names the attribute, not its value.
Result<void> check_attribute(std::string_view name, std::string_view value);

/// A name in an error message: cut, and without what is not printable.
[[nodiscard]] std::string shown_attribute(std::string_view name);

/// Have the required ones (id, source, specversion, type) been seen?
class RequiredAttributes {
 public:
  void see(std::string_view name) noexcept;
  /// The error names the first that is missing.
  [[nodiscard]] Result<void> complete() const;

 private:
  std::array<bool, 4> seen_{};
};

/// RFC 3339 in UTC, with as many digits of the second's fraction as it takes; empty outside of the years 1970 to 9999.
[[nodiscard]] std::string to_rfc3339(std::int64_t microseconds_since_epoch);

}  // namespace kafka_events
