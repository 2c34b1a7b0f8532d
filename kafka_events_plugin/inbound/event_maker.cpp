// The rules of the way in.
#include "inbound/event_maker.h"

#include <algorithm>
#include <array>
#include <utility>

namespace kafka_events {
namespace {

constexpr std::string_view topic_header = "agent-topic";
constexpr std::string_view tenant_header = "agent-tenant";
constexpr std::string_view content_type_header = "content-type";

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

/// Bytes of the UTF-8 sequence that begins with `lead`; 0: none does.
std::size_t sequence_length(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  return lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
}

/// Valid UTF-8 (RFC 3629) without control characters.
bool is_plain_text(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = sequence_length(lead);
    if (length == 0 || length > text.size() - i || lead < 0x20 || lead == 0x7F) return false;
    for (std::size_t k = 1; k < length; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return false;
    }
    const auto second = length > 1 ? static_cast<unsigned char>(text[i + 1]) : 0;
    const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
    const bool surrogate = lead == 0xED && second > 0x9F;
    const bool beyond = lead == 0xF4 && second > 0x8F;
    const bool control = lead == 0xC2 && second < 0xA0;
    if (overlong || surrogate || beyond || control) return false;
    i += length;
  }
  return true;
}

bool is_own_header(std::string_view name) {
  return name == topic_header || name == tenant_header || name == content_type_header;
}

}  // namespace

std::string record_id(std::string_view topic, std::int32_t partition, std::int64_t offset) {
  std::string id(topic);
  id += ':';
  id += std::to_string(partition);
  id += ':';
  id += std::to_string(offset);
  return id;
}

EventMaker::EventMaker(std::unique_ptr<Codec> codec, std::string_view event_topic_template,
                       std::string_view topic_prefix)
    : codec_(std::move(codec)), template_(event_topic_template), prefix_(topic_prefix) {}

Result<MadeEvent> EventMaker::make(const InboundRecord& record) {
  decoded_ = {};
  if (!is_null(record.value)) {
    if (auto result = codec_->decode(record, decoded_); !result) return result.error();
  }
  const Named named = take_headers(record);
  MadeEvent made;
  EventDraft& draft = made.draft;
  draft.topic = !template_.empty()        ? topic_by_rule(record.topic)
                : !named.topic.empty()    ? named.topic
                : !decoded_.topic.empty() ? std::string_view(decoded_.topic)
                                          : topic_by_rule(record.topic);
  if (draft.topic.empty() || draft.topic.size() > max_topic_bytes || !is_plain_text(draft.topic)) {
    return Error(ErrorCode::invalid, "the event topic is empty, longer than 1024 bytes, or not plain text");
  }
  if (draft.topic.starts_with(reserved_prefix)) {
    return Error(ErrorCode::invalid, "event topics that begin with kafka_events:: are reserved");
  }
  const bool key_is_tenant = record.key.size() <= max_tenant_from_key_bytes && is_plain_text(record.key);
  draft.tenant = !named.tenant.empty()      ? named.tenant
                 : !decoded_.tenant.empty() ? std::string_view(decoded_.tenant)
                 : key_is_tenant            ? std::string_view(record.key)
                                            : std::string_view();
  draft.key = decoded_.has_key ? Bytes(decoded_.key) : record.key;
  id_ = record_id(record.topic, record.partition, record.offset);
  draft.id = id_;
  draft.content_type = !named.content_type.empty() ? named.content_type : std::string_view(decoded_.content_type);
  draft.payload = decoded_.payload;
  draft.headers = headers_;
  draft.timestamp_us = record.timestamp_ms > 0 ? record.timestamp_ms * 1000 : 0;
  made.payload_in_record = decoded_.payload_in_value && !is_null(draft.payload);
  return made;
}

/// What our own headers say; the others are left for the event. A header with a value that is no text is not ours.
EventMaker::Named EventMaker::take_headers(const InboundRecord& record) {
  Named named;
  headers_.clear();
  for (const Header& header : record.headers) {
    if (!is_own_header(header.name) || header.value.empty() || !is_plain_text(header.value)) {
      headers_.push_back(header);
    } else if (header.name == topic_header) {
      named.topic = header.value;
    } else if (header.name == tenant_header) {
      named.tenant = header.value;
    } else {
      named.content_type = header.value;
    }
  }
  return named;
}

std::string_view EventMaker::topic_by_rule(std::string_view kafka_topic) {
  if (rule_for_ == kafka_topic && !rule_topic_.empty()) return rule_topic_;
  rule_for_ = kafka_topic;
  if (kafka_topic.starts_with(prefix_)) kafka_topic.remove_prefix(prefix_.size());
  rule_topic_ = fill_template(kafka_topic);
  return rule_topic_;
}

std::string EventMaker::fill_template(std::string_view kafka_topic) const {
  std::string by_rule(kafka_topic);
  replace_all(by_rule, "-", "::");
  if (template_.empty()) return by_rule;
  std::string filled;
  for (std::string_view rest = template_; !rest.empty();) {
    constexpr std::array names{std::string_view("{topic:event}"), std::string_view("{topic}"),
                               std::string_view("$topic")};
    const auto name = std::ranges::find_if(names, [&](std::string_view each) { return rest.starts_with(each); });
    if (name == names.end()) {
      filled += rest.front();
      rest.remove_prefix(1);
      continue;
    }
    filled += *name == names.front() ? std::string_view(by_rule) : kafka_topic;
    rest.remove_prefix(name->size());
  }
  return filled;
}

}  // namespace kafka_events
