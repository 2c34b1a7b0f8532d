// Properties as the configuration has them, checked by librdkafka itself and turned into its configuration object.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "config/settings.h"
#include "core/result.h"
#include "kafka/handles.h"

namespace kafka_events {

enum class ConfKind : std::uint8_t { producer, consumer };

/// Every property that librdkafka refuses, each as a Problem at the place where it was written: an unknown one with the
/// nearest known name, and those that this module needs to have a certain value. Starts nothing. Values of secret
/// properties never appear in a message.
[[nodiscard]] std::vector<config::Problem> check_properties(std::span<const config::Property> properties);

/// A configuration for rd_kafka_new: the properties, and what the event API needs. No callback is set, so a handle made
/// from it holds nothing of this module. Without a property reconnect.backoff.*, a broker that is away is tried every
/// second. Fails with the first problem of check_properties.
[[nodiscard]] Result<ConfHandle> make_conf(std::span<const config::Property> properties, ConfKind kind);

/// The value of a property, the last one if it occurs several times, or empty.
[[nodiscard]] std::string_view property_value(std::span<const config::Property> properties,
                                              std::string_view name) noexcept;

/// A property that is a number of milliseconds; `otherwise` if it is not set or no such number.
[[nodiscard]] std::chrono::milliseconds milliseconds_of(std::span<const config::Property> properties,
                                                        std::string_view name, std::chrono::milliseconds otherwise);

}  // namespace kafka_events
