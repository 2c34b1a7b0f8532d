// librdkafka's properties: their other names, those that are not the user's to set, and lists of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"

namespace kafka_events::config {

/// The name that this module uses for a property that has several ("sasl.mechanisms" is "sasl.mechanism").
[[nodiscard]] std::string canonical_property(std::string_view name);

/// Why a librdkafka block may not set this property; empty if it may.
[[nodiscard]] std::string_view protected_property(std::string_view name);

/// Adds a property, in place of one with the same name.
void set_property(std::vector<Property>& properties, Property property);

[[nodiscard]] const Property* find_property(const std::vector<Property>& properties, std::string_view name);

/// Its value as a number, `otherwise` if it is not there or not a number.
[[nodiscard]] std::int64_t number_of(const std::vector<Property>& properties, std::string_view name,
                                     std::int64_t otherwise);

}  // namespace kafka_events::config
