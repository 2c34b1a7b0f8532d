// Dead letters: record to event, event to record, delivery report to completion.
#include "inbound/dead_letter_writer.h"

#include <array>
#include <utility>
#include <vector>

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
                                                                   Log& log) {
  return std::unique_ptr<DeadLetterWriter>(new DeadLetterWriter(bus, sink, std::move(open_sink), log));
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
  // Names as Kafka Connect has them (KIP-298).
  const std::array added{Header{"__connect.errors.topic", record.topic},
                         Header{"__connect.errors.partition", partition},
                         Header{"__connect.errors.offset", offset},
                         Header{"__connect.errors.stage", letter.stage},
                         Header{"__connect.errors.exception.class.name", exception_of(letter.stage)},
                         Header{"__connect.errors.exception.message", letter.reason}};
  std::vector<Header> headers(record.headers.begin(), record.headers.end());
  headers.insert(headers.end(), added.begin(), added.end());
  EventDraft draft;
  draft.topic = topic;
  draft.key = record.key;
  draft.id = id;
  draft.payload = record.value;
  draft.headers = headers;
  draft.timestamp_us = record.timestamp_ms > 0 ? record.timestamp_ms * 1000 : 0;
  return bus_.publish(draft, &completion, cookie);
}

HandlerAnswer DeadLetterWriter::on_event(const Event& event) noexcept {
  // Another instance's are for its own writer, and nobody else's are dead letters.
  if (!event.published_by_us) return HandlerAnswer::done;
  const auto topic = sink_.open_topic(event.topic.substr(topic_begin.size()));
  if (!topic) return HandlerAnswer::failed;
  OutboundRecord record;
  record.topic = topic.value();
  record.key = event.key;
  record.value = event.payload;
  record.value_in_event = true;
  record.headers = event.headers;
  record.timestamp_ms = event.timestamp_us / 1000;
  record.event = event.handle;
  switch (sink_.send(record)) {
    case SendStatus::accepted:
      return HandlerAnswer::later;
    case SendStatus::full:
      return HandlerAnswer::busy;
    default:
      log_.write(LogLevel::error, component,
                 "a dead letter was refused: " + sink_.explain(SendStatus::refused, record));
      return HandlerAnswer::failed;
  }
}

void DeadLetterWriter::on_deliveries(std::span<const DeliveryReport> reports) noexcept {
  for (const DeliveryReport& report : reports) {
    bus_.complete(report.event, report.delivered ? Outcome::done : Outcome::failed, report.reason);
  }
}

}  // namespace kafka_events
