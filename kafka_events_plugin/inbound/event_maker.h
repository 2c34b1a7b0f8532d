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
#include "config/settings.h"
#include "core/cause.h"
#include "core/event.h"
#include "core/loop_headers.h"
#include "core/record.h"
#include "core/result.h"
#include "inbound/inbound_parts.h"
#include "inbound/reply_address.h"

namespace kafka_events {

/// Why a record becomes no event although nothing is wrong with it.
enum class Passed : std::uint8_t {
  no,
  own,   ///< this agent wrote it
  loop,  ///< it came through as many agents as may be
};

/// An event in the making. Its views are valid until the next call, and as long as the record's.
struct MadeEvent {
  Passed passed = Passed::no;  ///< else there is no draft
  EventDraft draft;
  bool payload_in_record = true;  ///< the payload lies in the record's value
  Cause cause;                    ///< for whoever publishes the draft; needs the maker only, not the record
};

/// Owned by one thread.
class EventMaker {
 public:
  static constexpr std::size_t max_topic_bytes = 1024;
  static constexpr std::size_t max_tenant_from_key_bytes = 256;
  /// Topics that only this module publishes on: a record must not be able to pose as one of them.
  static constexpr std::string_view reserved_prefix = "kafka_events::";

  /// For a worker's records. Fails, with the place of the worker's settings, when its codec cannot be made.
  static Result<std::unique_ptr<EventMaker>> create(const config::WorkerSettings& worker, std::string_view topic_prefix,
                                                    const InboundParts& parts);
  EventMaker(std::unique_ptr<Codec> codec, std::string_view event_topic_template, std::string_view topic_prefix,
             config::LoopGuardSettings loop_guard = {}, ReplyAddress reply_address = {});

  /// Fails (invalid) if the value cannot be decoded or no event topic can be made; with `unavailable` if that cannot be
  /// told yet. A null value is decoded only by codecs that read headers.
  Result<MadeEvent> make(const InboundRecord& record);

 private:
  /// What headers with a meaning say. Views of the record.
  struct Named {
    std::string_view topic;
    std::string_view tenant;
    std::string_view content_type;
    std::string_view origin;
    std::string_view reply_topic;
    Bytes correlation_id;
    std::string_view trace_parent;
    std::uint32_t hops = 0;
  };

  Named take_headers(const InboundRecord& record);
  void take(Named& named, const Header& header);
  [[nodiscard]] Passed passes(const Named& named) const noexcept;
  void add_headers(const InboundRecord& record, const Named& named);
  [[nodiscard]] Cause note_cause(const Named& named);
  Result<void> choose_topic(const InboundRecord& record, const Named& named, EventDraft& draft);
  /// record_id() of the record, of which only the end changes from one record to the next.
  [[nodiscard]] std::string_view id_of(const InboundRecord& record);
  [[nodiscard]] std::string_view topic_by_rule(std::string_view kafka_topic);
  [[nodiscard]] std::string fill_template(std::string_view kafka_topic) const;

  const std::unique_ptr<Codec> codec_;
  const std::string template_;
  const std::string prefix_;
  const config::LoopGuardSettings loop_guard_;
  ReplyAddress reply_address_;
  const bool codec_has_content_type_;
  const bool passes_value_;  // the codec has nothing to say: decoded_ is the value

  DecodedEvent decoded_;
  std::vector<Header> headers_;
  std::string id_;
  std::string id_topic_;  // these two: that the first id_prefix_ bytes of id_ stand for; behind them stands id_offset_
  std::int32_t id_partition_ = -1;
  std::size_t id_prefix_ = 0;
  std::int64_t id_offset_ = -1;
  std::string rule_for_;  // the Kafka topic that rule_topic_ was made from
  std::string rule_topic_;
  bool rule_topic_is_good_ = false;  // it was checked
  HopsText hops_text_{};
  std::string origin_;  // these three: of the cause, which may outlive the record
  std::string correlation_id_;
  std::string trace_parent_;
};

/// topic:partition:offset, the stable id by which an event that comes twice is known.
[[nodiscard]] std::string record_id(std::string_view topic, std::int32_t partition, std::int64_t offset);

}  // namespace kafka_events
