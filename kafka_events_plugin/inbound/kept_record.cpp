// Copying a record, null values kept apart from empty ones.
#include "inbound/kept_record.h"

namespace kafka_events {

KeptRecord::KeptRecord(const InboundRecord& record)
    : topic_(record.topic),
      partition_(record.partition),
      offset_(record.offset),
      timestamp_ms_(record.timestamp_ms),
      key_(copy_of(record.key)),
      value_(copy_of(record.value)) {
  header_values_.reserve(record.headers.size());
  headers_.reserve(record.headers.size());
  for (const Header& header : record.headers) {
    header_values_.emplace_back(header.name, copy_of(header.value));
    headers_.push_back({header_values_.back().first, view_of(header_values_.back().second)});
  }
}

InboundRecord KeptRecord::view() const {
  InboundRecord record;
  record.topic = topic_;
  record.partition = partition_;
  record.offset = offset_;
  record.timestamp_ms = timestamp_ms_;
  record.key = view_of(key_);
  record.value = view_of(value_);
  record.headers = headers_;
  return record;
}

std::optional<std::string> KeptRecord::copy_of(Bytes bytes) {
  return is_null(bytes) ? std::nullopt : std::optional<std::string>(std::in_place, bytes);
}

Bytes KeptRecord::view_of(const std::optional<std::string>& bytes) { return bytes ? Bytes(*bytes) : Bytes(); }

}  // namespace kafka_events
