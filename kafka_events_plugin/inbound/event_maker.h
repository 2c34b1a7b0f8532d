// From a record to the draft of an event: which topic, tenant, id, headers. Pure but for its scratch space.
//
// Topic: the worker's template; else the header agent-topic; else what the value says; else the record's topic, '-' to
// '::'. Tenant: the header agent-tenant; else what the value says; else the key, if it is text.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "codec/codec.h"
#include "core/event.h"
#include "core/record.h"
#include "core/result.h"

namespace kafka_events {

/// An event in the making. Its views are valid until the next call, and as long as the record's.
struct MadeEvent {
  EventDraft draft;
  bool payload_in_record = true;  ///< the payload lies in the record's value
};

/// Owned by one thread.
class EventMaker {
 public:
  static constexpr std::size_t max_topic_bytes = 1024;
  static constexpr std::size_t max_tenant_from_key_bytes = 256;
  /// Topics that only this module publishes on: a record must not be able to pose as one of them.
  static constexpr std::string_view reserved_prefix = "kafka_events::";

  EventMaker(std::unique_ptr<Codec> codec, std::string_view event_topic_template, std::string_view topic_prefix);

  /// Fails (invalid) if the value cannot be decoded or no event topic can be made. A null value is never decoded.
  Result<MadeEvent> make(const InboundRecord& record);

 private:
  struct Named {
    std::string_view topic;
    std::string_view tenant;
    std::string_view content_type;
  };

  Named take_headers(const InboundRecord& record);
  [[nodiscard]] std::string_view topic_by_rule(std::string_view kafka_topic);
  [[nodiscard]] std::string fill_template(std::string_view kafka_topic) const;

  const std::unique_ptr<Codec> codec_;
  const std::string template_;
  const std::string prefix_;

  DecodedEvent decoded_;
  std::vector<Header> headers_;
  std::string id_;
  std::string rule_for_;  // the Kafka topic that rule_topic_ was made from
  std::string rule_topic_;
};

/// topic:partition:offset, the stable id by which an event that comes twice is known.
[[nodiscard]] std::string record_id(std::string_view topic, std::int32_t partition, std::int64_t offset);

}  // namespace kafka_events
