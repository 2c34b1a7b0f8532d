// Creation and end of a producer client; its table of topics.
#include "kafka/producer_session.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>
#include <utility>

#include "kafka/client.h"

namespace kafka_events {

Result<std::shared_ptr<ProducerSession>> ProducerSession::create(std::span<const config::Property> properties,
                                                                 std::string digest) {
  auto client = new_client(properties, RD_KAFKA_PRODUCER);
  if (!client) return client.error();
  return adopt(client.value(), std::move(digest));
}

std::shared_ptr<ProducerSession> ProducerSession::adopt(rd_kafka_t* client, std::string digest) {
  return std::shared_ptr<ProducerSession>(new ProducerSession(client, std::move(digest)));
}

rd_kafka_t* ProducerSession::leave(std::shared_ptr<ProducerSession> session) {
  rd_kafka_t* client = session->client_;
  std::atomic<bool> left{false};
  session->client_left_ = &left;
  session.reset();
  // Somebody who asks for the status may have it for some microseconds.
  while (!left.load()) std::this_thread::yield();
  return client;
}

ProducerSession::~ProducerSession() {
  for (const auto& slot : chunks_) {
    const std::unique_ptr<Chunk> chunk(slot.load(std::memory_order_relaxed));
    if (chunk == nullptr) continue;
    for (const auto& topic : *chunk) {
      if (rd_kafka_topic_t* opened = topic.load(std::memory_order_relaxed)) rd_kafka_topic_destroy(opened);
    }
  }
  queue_.reset();
  if (client_left_ != nullptr) {
    client_left_->store(true);
    return;
  }
  destroy_client(client_, std::chrono::steady_clock::now() + std::chrono::seconds(5));
}

Result<void> ProducerSession::open(TopicId id, const std::string& name) {
  const auto index = static_cast<std::size_t>(id);
  rd_kafka_topic_t* topic = rd_kafka_topic_new(client_, name.c_str(), nullptr);
  if (topic == nullptr) {
    return Error(ErrorCode::invalid, std::string("topic cannot be opened: ") + rd_kafka_err2str(rd_kafka_last_error()));
  }
  Chunk* chunk = chunks_[index / chunk_size].load(std::memory_order_relaxed);
  if (chunk == nullptr) {
    chunk = std::make_unique<Chunk>().release();
    chunks_[index / chunk_size].store(chunk, std::memory_order_release);
  }
  (*chunk)[index % chunk_size].store(topic, std::memory_order_release);
  return {};
}

rd_kafka_topic_t* ProducerSession::topic(TopicId id) const noexcept {
  const auto index = static_cast<std::size_t>(id);
  if (index >= max_topics) return nullptr;
  const Chunk* chunk = chunks_[index / chunk_size].load(std::memory_order_acquire);
  return chunk == nullptr ? nullptr : (*chunk)[index % chunk_size].load(std::memory_order_acquire);
}

void ProducerSession::purge() noexcept {
  rd_kafka_purge(client_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
}

std::uint64_t ProducerSession::in_flight() const noexcept {
  return static_cast<std::uint64_t>(std::max(0, rd_kafka_outq_len(client_)));
}

bool ProducerSession::has_failed() const noexcept {
  std::array<char, 1> text{};
  return rd_kafka_fatal_error(client_, text.data(), text.size()) != RD_KAFKA_RESP_ERR_NO_ERROR;
}

}  // namespace kafka_events
