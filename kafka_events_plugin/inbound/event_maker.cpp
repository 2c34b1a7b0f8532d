// The rules of the way in.
#include "inbound/event_maker.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <utility>

#include "codec/codec_factory.h"
#include "core/request_book.h"
#include "core/trace_context.h"

namespace kafka_events {
namespace {

constexpr std::string_view topic_header = "agent-topic";
constexpr std::string_view tenant_header = "agent-tenant";
constexpr std::string_view content_type_header = "content-type";
constexpr std::size_t longest_offset = 20;  // digits

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

/// Whether each of eight bytes is printable ASCII, 0x20 to 0x7E: no high bit, none below 0x20, none 0x7F.
bool is_printable(const char* eight) {
  constexpr std::uint64_t ones = 0x0101010101010101U;
  constexpr std::uint64_t highs = ones * 0x80;
  std::uint64_t word = 0;
  std::memcpy(&word, eight, sizeof word);
  const std::uint64_t below_space = (word - ones * 0x20) & ~word;
  const std::uint64_t without_delete = word ^ ones * 0x7F;
  const std::uint64_t is_delete = (without_delete - ones) & ~without_delete;
  return ((word | below_space | is_delete) & highs) == 0;
}

/// Valid UTF-8 (RFC 3629) without control characters.
bool is_plain_text(std::string_view text) {
  std::size_t i = 0;
  while (text.size() - i >= 8 && is_printable(text.data() + i)) i += 8;
  while (i < text.size()) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead >= 0x20 && lead < 0x7F) {
      ++i;
      continue;
    }
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

Result<void> check_topic(std::string_view topic) {
  if (topic.empty() || topic.size() > EventMaker::max_topic_bytes || !is_plain_text(topic)) {
    return Error(ErrorCode::invalid, "the event topic is empty, longer than 1024 bytes, or not plain text");
  }
  if (topic.starts_with(EventMaker::reserved_prefix)) {
    return Error(ErrorCode::invalid, "event topics that begin with kafka_events:: are reserved");
  }
  return {};
}

void keep(std::string& copy, std::string_view text) {
  if (!copy.empty() || !text.empty()) copy = text;
}

}  // namespace

std::string_view EventMaker::id_of(const InboundRecord& record) {
  if (record.partition != id_partition_ || record.topic != id_topic_) {
    id_partition_ = -1;  // nothing is known should the memory not suffice
    id_ = record_id(record.topic, record.partition, 0);
    id_.pop_back();
    id_prefix_ = id_.size();
    id_.reserve(id_prefix_ + longest_offset);
    id_topic_ = record.topic;
    id_partition_ = record.partition;
  } else if (record.offset == id_offset_ + 1 && id_.back() != '9') {
    ++id_offset_;
    ++id_.back();
    return id_;
  }
  std::array<char, longest_offset> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), record.offset).ptr;
  id_.resize(id_prefix_);
  id_.append(digits.data(), end);
  id_offset_ = record.offset;
  return id_;
}

std::string record_id(std::string_view topic, std::int32_t partition, std::int64_t offset) {
  std::string id(topic);
  id += ':';
  id += std::to_string(partition);
  id += ':';
  id += std::to_string(offset);
  return id;
}

Result<std::unique_ptr<EventMaker>> EventMaker::create(const config::WorkerSettings& worker,
                                                       std::string_view topic_prefix, const InboundParts& parts) {
  const auto at_place = [&](const Error& error) {
    const config::Place& place = worker.place;
    if (place.line == 0) return error;
    return error.within(place.file + ":" + std::to_string(place.line) + ":" + std::to_string(place.column));
  };
  auto codec = make_codec(worker.codec, worker.schema, parts.codecs);
  if (!codec) return at_place(codec.error());
  auto address = ReplyAddress::create(worker.reply_to, parts.requests.allowed_reply_topics, topic_prefix);
  if (!address) return at_place(address.error());
  return std::make_unique<EventMaker>(std::move(codec).value(), worker.event_topic, topic_prefix, parts.loop_guard,
                                      std::move(address).value());
}

EventMaker::EventMaker(std::unique_ptr<Codec> codec, std::string_view event_topic_template,
                       std::string_view topic_prefix, config::LoopGuardSettings loop_guard, ReplyAddress reply_address)
    : codec_(std::move(codec)),
      template_(event_topic_template),
      prefix_(topic_prefix),
      loop_guard_(std::move(loop_guard)),
      reply_address_(std::move(reply_address)),
      codec_has_content_type_(codec_->owns_header(content_type_header)),
      passes_value_(codec_->passes_payload()) {}

Result<MadeEvent> EventMaker::make(const InboundRecord& record) {
  const Named named = take_headers(record);
  MadeEvent made;
  made.passed = passes(named);
  if (made.passed != Passed::no) return made;
  if (passes_value_) {
    decoded_.payload = record.value;  // the rest of it stays empty
  } else if (!is_null(record.value) || codec_->reads_headers()) {
    if (auto result = codec_->decode(record, decoded_); !result) return result.error();
  } else {
    decoded_ = {};
  }
  EventDraft& draft = made.draft;
  if (Result<void> chosen = choose_topic(record, named, draft); !chosen) return chosen.error();
  const bool key_is_tenant = record.key.size() <= max_tenant_from_key_bytes && is_plain_text(record.key);
  draft.tenant = !named.tenant.empty()      ? named.tenant
                 : !decoded_.tenant.empty() ? std::string_view(decoded_.tenant)
                 : key_is_tenant            ? std::string_view(record.key)
                                            : std::string_view();
  draft.key = decoded_.has_key ? Bytes(decoded_.key) : record.key;
  draft.id = id_of(record);
  draft.content_type = !named.content_type.empty() ? named.content_type : std::string_view(decoded_.content_type);
  draft.payload = decoded_.payload;
  add_headers(record, named);
  draft.headers = headers_;
  draft.timestamp_us = record.timestamp_ms > 0 ? record.timestamp_ms * 1000 : 0;
  made.payload_in_record = decoded_.payload_in_value && !is_null(draft.payload);
  made.cause = note_cause(named);
  return made;
}

Result<void> EventMaker::choose_topic(const InboundRecord& record, const Named& named, EventDraft& draft) {
  const std::string_view said = !template_.empty()     ? std::string_view()
                                : !named.topic.empty() ? named.topic
                                                       : std::string_view(decoded_.topic);
  const bool by_rule = said.empty();
  draft.topic = by_rule ? topic_by_rule(record.topic) : said;
  if (by_rule && rule_topic_is_good_) return {};
  if (Result<void> checked = check_topic(draft.topic); !checked) return checked;
  if (by_rule) rule_topic_is_good_ = true;
  return {};
}

/// What headers with a meaning say; headers_ are those that the event has as the record does.
EventMaker::Named EventMaker::take_headers(const InboundRecord& record) {
  Named named;
  headers_.clear();
  for (const Header& header : record.headers) take(named, header);
  return named;
}

void EventMaker::take(Named& named, const Header& header) {
  // Ours, whatever they hold: the event gets its own, and none of a record's choosing to answer on.
  if (header.name == origin_header) {
    named.origin = header.value;
    return;
  }
  if (header.name == hops_header) {
    named.hops = std::max(named.hops, hops_of(header.value));
    return;
  }
  if (header.name == reply_to_header) return;
  if (codec_has_content_type_ && header.name == content_type_header) return;
  std::string_view* const text = header.name == topic_header          ? &named.topic
                                 : header.name == tenant_header       ? &named.tenant
                                 : header.name == content_type_header ? &named.content_type
                                                                      : nullptr;
  // One with a value that is no text is not ours.
  if (text != nullptr && !header.value.empty() && is_plain_text(header.value)) {
    *text = header.value;
    return;
  }
  if (header.name == reply_topic_header) named.reply_topic = header.value;
  if (header.name == correlation_header) named.correlation_id = header.value;
  if (header.name == trace_parent_header) named.trace_parent = header.value;
  headers_.push_back(header);
}

Passed EventMaker::passes(const Named& named) const noexcept {
  const bool own = !loop_guard_.origin.empty() && named.origin == loop_guard_.origin;
  if (own && !loop_guard_.accept_own) return Passed::own;
  return loop_guard_.max_hops > 0 && named.hops >= loop_guard_.max_hops ? Passed::loop : Passed::no;
}

/// Those of the codec and of this module.
void EventMaker::add_headers(const InboundRecord& record, const Named& named) {
  if (!decoded_.headers.empty()) {
    std::erase_if(headers_, [this](const Header& header) { return codec_->owns_header(header.name); });
    for (const auto& [name, value] : decoded_.headers) headers_.push_back({name, value});
  }
  // A handler that copies headers carries the hops on, whatever thread it publishes from.
  if (!loop_guard_.origin.empty()) headers_.push_back({hops_header, hops_text(named.hops, hops_text_)});
  if (!named.origin.empty()) headers_.push_back({origin_header, named.origin});
  if (named.reply_topic.empty() && named.correlation_id.empty()) return;
  const std::string_view answer_on = reply_address_.event_topic(record.topic, named.reply_topic);
  if (!answer_on.empty()) headers_.push_back({reply_to_header, answer_on});
}

Cause EventMaker::note_cause(const Named& named) {
  keep(origin_, named.origin);
  keep(correlation_id_, named.correlation_id);
  keep(trace_parent_, named.trace_parent);
  return {id_, origin_, named.hops, correlation_id_, trace_parent_};
}

std::string_view EventMaker::topic_by_rule(std::string_view kafka_topic) {
  if (rule_for_ == kafka_topic && !rule_topic_.empty()) return rule_topic_;
  rule_for_ = kafka_topic;
  rule_topic_is_good_ = false;
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
