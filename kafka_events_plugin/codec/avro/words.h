// Messages from pieces.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace kafka_events::avro {

/// gcc 12 warns wrongly (-Wrestrict) of "text" + std::string.
inline std::string joined(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text.append(part);
  return text;
}

}  // namespace kafka_events::avro
