// Dead letters: record to event, event to record, delivery report to completion.
#include "inbound/dead_letter_writer.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "inbound/dead_letter_topics.h"
#include "inbound/event_maker.h"

namespace kafka_events {
namespace {

constexpr std::string_view topic_begin = "kafka_events::dead_letter::";
constexpr std::string_view component = "inbound.dead_letters";
constexpr std::size_t max_kafka_topic_length = 249;

std::string_view exception_of(std::string_view stage) {
  return stage == "decode" ? "kafka_events.DecodeError" : "kafka_events.HandlerError";
}

}  // namespace

Result<std::unique_ptr<DeadLetterWriter>> DeadLetterWriter::create(EventBus& bus, RecordSink& sink, OpenSink open_sink,
                                                                   Log& log, TransactionScopes* transactions) {
  return std::unique_ptr<DeadLetterWriter>(new DeadLetterWriter(bus, sink, std::move(open_sink), log, transactions));
}

DeadLetterWriter::~DeadLetterWriter() { stop(); }

Result<void> DeadLetterWriter::start() {
  if (subscription_) return Error(ErrorCode::state, "dead letters are being written already");
  const std::array patterns{"^" + std::string(topic_begin)};
  auto token = bus_.subscribe("kafka_events.dead_letters", patterns, *this);
  if (!token) return token.error();
  subscription_ = token.value();
  return {};
}

void DeadLetterWriter::stop() {
  if (subscription_) bus_.unsubscribe(*subscription_);
  subscription_.reset();
  // The sink is stopped next, and opened again with the next dead letter.
  if (opened_.exchange(false)) was_opened_ = true;
}

Result<void> DeadLetterWriter::open() {
  const std::lock_guard lock(opening_);
  if (opened_) return {};
  if (auto opened = open_sink_(*this); !opened) return opened;
  opened_ = true;
  return {};
}

Result<void> DeadLetterWriter::send(const DeadLetter& letter, PublishCompletion& completion, std::uint64_t cookie) {
  const InboundRecord& record = letter.record;
  if (letter.to.size() > max_kafka_topic_length) {
    return Error(ErrorCode::invalid, "the dead-letter topic's name is longer than 249 characters");
  }
  if (auto opened = open(); !opened) return opened.error();
  const std::string topic = std::string(topic_begin) + std::string(letter.to);
  // Without its handler the event would count as done.
  if (bus_.listeners(topic) == 0) return Error(ErrorCode::state, "dead letters are not being written");
  const std::string id = record_id(record.topic, record.partition, record.offset);
  const std::string partition = std::to_string(record.partition);
  const std::string offset = std::to_string(record.offset);
  namespace name = dead_letter_header;
  const std::array added{Header{name::topic, record.topic},   Header{name::partition, partition},
                         Header{name::offset, offset},        Header{name::stage, letter.stage},
                         Header{name::worker, letter.worker}, Header{name::exception, exception_of(letter.stage)},
                         Header{name::reason, letter.reason}};
  std::vector<Header> headers(record.headers.begin(), record.headers.end());
  headers.insert(headers.end(), added.begin(), added.end());
  EventDraft draft;
  draft.topic = topic;
  draft.key = record.key;
  draft.id = id;
  draft.payload = record.value;
  draft.headers = headers;
  draft.timestamp_us = record.timestamp_ms > 0 ? record.timestamp_ms * 1000 : 0;
  Result<void> published = bus_.publish(draft, &completion, cookie);
  if (published || published.error().code != ErrorCode::too_large) return published;
  return send_past_the_bus(letter, headers, {&completion, cookie});
}

Result<void> DeadLetterWriter::send_past_the_bus(const DeadLetter& letter, std::span<const Header> headers,
                                                 Direct direct) {
  const auto topic = sink_.open_topic(letter.to);
  if (!topic) return topic.error();
  OutboundRecord record;
  record.topic = topic.value();
  record.key = letter.record.key;
  record.value = letter.record.value;
  record.headers = headers;
  record.timestamp_ms = std::max<std::int64_t>(letter.record.timestamp_ms, 0);
  {
    const std::lock_guard lock(direct_mutex_);
    record.number = ++next_direct_;
    direct_.emplace(record.number, direct);
  }
  const SendStatus status = sink_.send(record);
  if (status == SendStatus::accepted) return {};
  const std::lock_guard lock(direct_mutex_);
  direct_.erase(record.number);
  return Error(status == SendStatus::full ? ErrorCode::busy : ErrorCode::failed, sink_.explain(status, record));
}

HandlerAnswer DeadLetterWriter::on_event(const Event& event) noexcept {
  // Another instance's are for its own writer, and nobody else's are dead letters.
  if (!event.published_by_us) return HandlerAnswer::done;
  RecordSink* const in_transaction = transactions_ == nullptr ? nullptr : transactions_->sink_for(event);
  RecordSink& sink = in_transaction == nullptr ? sink_ : *in_transaction;
  const auto topic = sink.open_topic(event.topic.substr(topic_begin.size()));
  if (!topic) return HandlerAnswer::failed;
  OutboundRecord record;
  record.topic = topic.value();
  record.key = event.key;
  record.value = event.payload;
  record.value_in_event = true;
  record.headers = event.headers;
  record.timestamp_ms = event.timestamp_us / 1000;
  record.event = event.handle;
  const SendStatus status = sink.send(record);
  if (status == SendStatus::accepted) return HandlerAnswer::later;
  if (status == SendStatus::full) return HandlerAnswer::busy;
  const std::string why = sink.explain(status, record);
  log_.write(LogLevel::error, component, "a dead letter was refused: " + why);
  // Only a completion can say why.
  bus_.complete(event.handle, Outcome::failed, why);
  return HandlerAnswer::later;
}

void DeadLetterWriter::on_deliveries(std::span<const DeliveryReport> reports) noexcept {
  for (const DeliveryReport& report : reports) {
    const Outcome outcome = report.delivered ? Outcome::done : Outcome::failed;
    if (report.event != nullptr) {
      bus_.complete(report.event, outcome, report.reason);
      continue;
    }
    Direct direct;
    {
      const std::lock_guard lock(direct_mutex_);
      if (const auto found = direct_.find(report.number); found != direct_.end()) {
        direct = found->second;
        direct_.erase(found);
      }
    }
    if (direct.completion != nullptr) direct.completion->completed(direct.cookie, outcome, report.reason);
  }
}

}  // namespace kafka_events
