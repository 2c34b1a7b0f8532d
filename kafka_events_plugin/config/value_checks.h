// One value of one option: is it of the right type, in its range, well-formed?
#pragma once

#include <string>
#include <string_view>

#include "config/options.h"
#include "core/result.h"

namespace kafka_events::config {

/// A text from the file together with how messages may show it.
struct Shown {
  std::string_view text;
  bool secret = false;

  [[nodiscard]] std::string name() const;  ///< `"text"`, or `the value` if it is secret
};

/// The value in its normal form ("YES" becomes "true", "kafka" becomes "kafka:9092"), or what is wrong with it. For
/// types that take lists, one item of the list.
[[nodiscard]] Result<std::string> checked(const Option& option, const Shown& value);

}  // namespace kafka_events::config
