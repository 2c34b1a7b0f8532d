// The producer's life and its senders' path; producer_delivery.cpp has its thread.
#include "kafka/producer.h"

#include <algorithm>

#include "kafka/client.h"
#include "kafka/properties.h"

namespace kafka_events {
namespace {

void* to_opaque(EventHandle event) noexcept { return const_cast<HostEvent*>(event); }

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
      RD_KAFKA_VTYPE_OPAQUE, to_opaque(record.event), RD_KAFKA_VTYPE_HEADERS, headers.get(), RD_KAFKA_VTYPE_END);
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) headers.release();  // taken over only now
  return code;
}

}  // namespace

Result<std::unique_ptr<Producer>> Producer::create(const config::ProducerSettings& settings, Log& log,
                                                   std::string oauth_token_file) {
  if (auto resident = keep_librdkafka_resident(); !resident) return resident.error();
  if (const auto problems = check_properties(settings.properties); !problems.empty()) {
    return Error(ErrorCode::invalid, problems.front().message);
  }
  return std::unique_ptr<Producer>(new Producer(settings, std::move(oauth_token_file), log));
}

Producer::~Producer() { stop(std::chrono::steady_clock::now() + std::chrono::seconds(5)); }

Result<void> Producer::start(DeliveryListener& listener) {
  if (thread_.joinable()) return Error(ErrorCode::state, "the producer is running");
  auto opened = open_session();
  if (!opened) return opened.error();
  listener_ = &listener;
  stop_by_ = never;
  fatal_ = false;
  current_.store(opened.value().get());
  thread_ = std::thread([this] { run(); });
  return {};
}

Result<Producer::Session> Producer::open_session() {
  auto made = ProducerSession::create(settings_.properties);
  if (!made) return made.error();
  const std::lock_guard lock(mutex_);
  for (std::size_t index = 0; index < topics_.size(); ++index) {
    if (auto opened = made.value()->open(TopicId(index), topics_[index]); !opened) return opened.error();
  }
  session_ = made.value();
  return made;
}

Producer::Session Producer::session() const {
  const std::lock_guard lock(mutex_);
  return session_;
}

Result<TopicId> Producer::open_topic(std::string_view name) {
  const std::lock_guard lock(mutex_);
  if (session_ == nullptr) return Error(ErrorCode::state, "the producer is stopped");
  std::string key(name);
  if (const auto known = ids_.find(key); known != ids_.end()) return known->second;
  if (topics_.size() == max_topics) {
    return Error(ErrorCode::busy, "the producer has its " + std::to_string(max_topics) + " topics open already");
  }
  const auto id = TopicId(topics_.size());
  if (auto opened = session_->open(id, key); !opened) return opened.error();
  topics_.push_back(key);
  ids_.emplace(std::move(key), id);
  return id;
}

SendStatus Producer::send(const OutboundRecord& record) noexcept {
  const auto pass = gate_.enter();
  const ProducerSession* session = current_.load();
  rd_kafka_topic_t* topic = session == nullptr ? nullptr : session->topic(record.topic);
  if (topic == nullptr) return refuse(RD_KAFKA_RESP_ERR__STATE);
  const int flags = record.value_in_event ? 0 : RD_KAFKA_MSG_F_COPY;
  if (!record.headers.empty() || record.timestamp_ms != 0) {
    const auto code = produce_in_full(session->client(), topic, flags, record);
    return code == RD_KAFKA_RESP_ERR_NO_ERROR ? SendStatus::accepted : refuse(code);
  }
  const int result =
      rd_kafka_produce(topic, record.partition, flags, const_cast<char*>(record.value.data()), record.value.size(),
                       record.key.data(), record.key.size(), to_opaque(record.event));
  return result == 0 ? SendStatus::accepted : refuse(rd_kafka_last_error());
}

SendStatus Producer::refuse(rd_kafka_resp_err_t code) noexcept {
  if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) return SendStatus::full;
  if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) return SendStatus::too_large;
  last_refusal_.store(code, std::memory_order_relaxed);
  return SendStatus::refused;
}

std::string Producer::explain(SendStatus status, const OutboundRecord& record) const {
  switch (status) {
    case SendStatus::accepted:
      return "accepted";
    case SendStatus::full:
      return "the producer's queue is full: " + std::to_string(in_flight()) +
             " records wait for Kafka (queue.buffering.max.messages, queue.buffering.max.kbytes)";
    case SendStatus::too_large:
      return "a record of " + std::to_string(record.value.size() + record.key.size()) +
             " bytes is over max_request_size, which is " + std::to_string(settings_.max_record_bytes);
    case SendStatus::refused:
      break;
  }
  if (session() == nullptr) return "the producer is stopped";
  return std::string("refused by librdkafka: ") + rd_kafka_err2str(last_refusal_.load(std::memory_order_relaxed));
}

FlushResult Producer::flush(std::chrono::steady_clock::time_point deadline) {
  FlushResult result;
  const std::uint64_t delivered = delivered_.load();
  const std::uint64_t failed = failed_.load();
  constexpr int longest = 24 * 60 * 60 * 1000;
  Session flushed;
  // A fatal error replaces the session: go on with the next one.
  for (Session now = session(); now != nullptr && now != flushed; now = session()) {
    flushed = now;
    if (rd_kafka_flush(now->client(), remaining_ms(deadline, longest)) == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    now->purge();
    result.everything_reported = rd_kafka_flush(now->client(), 1000) == RD_KAFKA_RESP_ERR_NO_ERROR;
  }
  result.delivered = delivered_.load() - delivered;
  result.failed = failed_.load() - failed;
  return result;
}

void Producer::stop(std::chrono::steady_clock::time_point deadline) {
  if (!thread_.joinable()) return;
  stop_by_ = deadline;
  if (const Session running = session()) rd_kafka_queue_yield(running->queue());
  thread_.join();
  Session ended;
  {
    const std::lock_guard lock(mutex_);
    ended = std::move(session_);
    session_ = nullptr;
  }
  probe_.reset();
}

std::uint64_t Producer::in_flight() const {
  const Session running = session();
  return running == nullptr ? 0 : static_cast<std::uint64_t>(std::max(0, rd_kafka_outq_len(running->client())));
}

ProducerStatus Producer::status() const {
  ProducerStatus status;
  status.in_flight = in_flight();
  status.connected = connected();
  status.delivered = delivered_.load(std::memory_order_relaxed);
  status.failed = failed_.load(std::memory_order_relaxed);
  status.recreated = recreated_.load(std::memory_order_relaxed);
  status.brokers = probe_.brokers();
  status.last_errors = errors_.list();
  const std::lock_guard lock(mutex_);
  status.running = session_ != nullptr;
  status.topics = topics_.size();
  return status;
}

}  // namespace kafka_events
