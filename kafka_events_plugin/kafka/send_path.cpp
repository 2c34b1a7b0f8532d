// Producing a record, and the closing and opening of the way.
#include "kafka/send_path.h"

#include <algorithm>

#include "kafka/handles.h"

namespace kafka_events {
namespace {

/// A value up to here is copied into librdkafka's message although its event keeps it: whoever publishes has it in the
/// cache, while the broker's thread would have to fetch it from the event's memory (250 ns against 10 at 100 bytes).
constexpr std::size_t copied_value_bytes = 256;

HeadersHandle to_headers(std::span<const Header> headers) {
  HeadersHandle made(rd_kafka_headers_new(headers.size()));
  for (const Header& header : headers) {
    rd_kafka_header_add(made.get(), header.name.data(), static_cast<ssize_t>(header.name.size()), header.value.data(),
                        static_cast<ssize_t>(header.value.size()));
  }
  return made;
}

/// With headers or a timestamp. Costs several times the plain call.
rd_kafka_resp_err_t produce_in_full(rd_kafka_t* client, rd_kafka_topic_t* topic, int flags,
                                    const OutboundRecord& record) {
  HeadersHandle headers;
  if (!record.headers.empty()) headers = to_headers(record.headers);
  // The tags of RD_KAFKA_V_…, whose macros are not standard C++: each argument has exactly the type that its tag says.
  const auto code = rd_kafka_producev(
      client, RD_KAFKA_VTYPE_RKT, topic, RD_KAFKA_VTYPE_PARTITION, record.partition, RD_KAFKA_VTYPE_MSGFLAGS, flags,
      RD_KAFKA_VTYPE_VALUE, static_cast<const void*>(record.value.data()), record.value.size(), RD_KAFKA_VTYPE_KEY,
      static_cast<const void*>(record.key.data()), record.key.size(), RD_KAFKA_VTYPE_TIMESTAMP, record.timestamp_ms,
      RD_KAFKA_VTYPE_OPAQUE, to_opaque(record), RD_KAFKA_VTYPE_HEADERS, headers.get(), RD_KAFKA_VTYPE_END);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) (void)headers.release();  // taken over only now
  return code;
}

}  // namespace

void* to_opaque(const OutboundRecord& record) noexcept {
  if (record.event != nullptr) return const_cast<HostEvent*>(record.event);
  const auto odd = static_cast<std::uintptr_t>(record.number << 1U | 1U);  // no pointer: events lie at even addresses
  return reinterpret_cast<void*>(odd);                                     // NOLINT(performance-no-int-to-ptr)
}

Result<TopicId> SendPath::open_topic(std::string_view name) {
  const std::lock_guard lock(mutex_);
  if (!running()) return Error(ErrorCode::state, "the producer is stopped");
  std::string key(name);
  if (const auto known = ids_.find(key); known != ids_.end()) return known->second;
  if (topics_.size() == ProducerSession::max_topics) {
    return Error(ErrorCode::busy,
                 "the producer has its " + std::to_string(ProducerSession::max_topics) + " topics open already");
  }
  const auto id = TopicId(topics_.size());
  // Between two clients the next one opens it.
  if (session_ != nullptr) {
    if (auto opened = session_->open(id, key); !opened) return opened.error();
  }
  topics_.push_back(key);
  ids_.emplace(std::move(key), id);
  return id;
}

SendStatus SendPath::send(const OutboundRecord& record) noexcept {
  const auto pass = gate_.enter();
  const ProducerSession* session = current_.load();
  if (session == nullptr) {
    const SendStatus answer = answer_.load();
    return answer == SendStatus::refused ? refuse(RD_KAFKA_RESP_ERR__STATE) : answer;
  }
  rd_kafka_topic_t* topic = session->topic(record.topic);
  if (topic == nullptr) return refuse(RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC);
  const bool stays = record.value_in_event && record.value.size() > copied_value_bytes;
  const int flags = stays ? 0 : RD_KAFKA_MSG_F_COPY;
  if (!record.headers.empty() || record.timestamp_ms != 0) {
    const auto code = produce_in_full(session->client(), topic, flags, record);
    return code == RD_KAFKA_RESP_ERR_NO_ERROR ? SendStatus::accepted : refuse(code);
  }
  const int result = rd_kafka_produce(topic, record.partition, flags, const_cast<char*>(record.value.data()),
                                      record.value.size(), record.key.data(), record.key.size(), to_opaque(record));
  return result == 0 ? SendStatus::accepted : refuse(rd_kafka_last_error());
}

SendStatus SendPath::refuse(rd_kafka_resp_err_t code) noexcept {
  if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) return SendStatus::full;
  if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) return SendStatus::too_large;
  // The client is beyond repair and about to be replaced.
  if (code == RD_KAFKA_RESP_ERR__FATAL) return SendStatus::full;
  last_refusal_.store(code, std::memory_order_relaxed);
  return SendStatus::refused;
}

std::string SendPath::explain(SendStatus status, const OutboundRecord& record) const {
  switch (status) {
    case SendStatus::accepted:
    case SendStatus::kept:
      return "accepted";
    case SendStatus::full:
      if (current_.load() == nullptr) return "the producer's client is being replaced; try again";
      return "the producer's queue is full: " + std::to_string(in_flight()) +
             " records wait for Kafka (queue.buffering.max.messages, queue.buffering.max.kbytes)";
    case SendStatus::too_large:
      return "a record of " + std::to_string(record.value.size() + record.key.size()) +
             " bytes is over max_request_size, which is " + std::to_string(max_record_bytes_);
    case SendStatus::refused:
      break;
  }
  if (!running()) return "the producer is stopped";
  return std::string("refused by librdkafka: ") + rd_kafka_err2str(last_refusal_.load(std::memory_order_relaxed));
}

SendPath::Session SendPath::session() const {
  const std::lock_guard lock(mutex_);
  return session_;
}

std::size_t SendPath::topics() const {
  const std::lock_guard lock(mutex_);
  return topics_.size();
}

std::vector<std::string> SendPath::topic_names() const {
  const std::lock_guard lock(mutex_);
  return topics_;
}

std::uint64_t SendPath::in_flight() const {
  const Session running = session();
  return running == nullptr ? 0 : running->in_flight();
}

Result<void> SendPath::attach(const Session& session, std::span<const std::string> more) {
  const std::lock_guard lock(mutex_);
  for (const std::string& name : more) {
    if (topics_.size() < ProducerSession::max_topics && ids_.try_emplace(name, TopicId(topics_.size())).second) {
      topics_.push_back(name);
    }
  }
  for (std::size_t index = 0; index < topics_.size(); ++index) {
    if (auto opened = session->open(TopicId(index), topics_[index]); !opened) return opened.error();
  }
  session_ = session;
  answer_.store(SendStatus::full);
  return {};
}

void SendPath::open_gate() { current_.store(session().get()); }

void SendPath::close_gate(SendStatus answer) {
  answer_.store(answer);
  current_.store(nullptr);
  gate_.wait_until_left();
}

SendPath::Session SendPath::detach() {
  const std::lock_guard lock(mutex_);
  return std::exchange(session_, nullptr);
}

}  // namespace kafka_events
