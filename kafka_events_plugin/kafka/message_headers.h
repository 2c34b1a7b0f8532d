// The headers of a fetched message as plain values.
#pragma once

#include <vector>

#include "core/event.h"
#include "kafka/handles.h"

namespace kafka_events {

/// Views into the message; their order, duplicates and null values are kept.
inline void read_headers(const rd_kafka_message_t& message, std::vector<Header>& headers) {
  headers.clear();
  rd_kafka_headers_t* found = nullptr;
  if (rd_kafka_message_headers(&message, &found) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(found, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
    headers.push_back({name, value == nullptr ? Bytes() : Bytes(static_cast<const char*>(value), size)});
  }
}

}  // namespace kafka_events
