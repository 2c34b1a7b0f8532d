// Reading the time of sending out of records.
#include "latency_in.h"

#include <cstring>

#include "harness.h"
#include "raw_consumer.h"
#include "raw_producer.h"

namespace bench {
namespace {

constexpr int poll_ms = 100;

agent_text text(std::string_view value) { return {value.data(), value.size()}; }

}  // namespace

void Arrivals::begin(std::uint64_t run, std::size_t count) {
  log_.begin(count);
  run_.store(run, std::memory_order_release);
}

void Arrivals::take(std::string_view payload) {
  const std::int64_t end = monotonic_ns();
  Stamp stamp;
  if (payload.size() < sizeof stamp) give_up("a record that nobody here wrote");
  std::memcpy(&stamp, payload.data(), sizeof stamp);
  any_.store(true, std::memory_order_relaxed);
  if (stamp.run == 0 || stamp.run != run_.load(std::memory_order_acquire)) return;
  log_.add(stamp.index, end - stamp.sent_ns);
}

OurReader::OurReader(host_stub::EventBus& bus) : bus_(bus) {
  const agent_text pattern = text("acapy::inbound::.*");
  agent_subscription subscription{};
  subscription.size = sizeof subscription;
  subscription.pattern_count = 1;
  subscription.patterns = &pattern;
  subscription.name = text("bench");
  subscription.context = this;
  subscription.on_event = on_event;
  if (bus.subscribe(subscription, 0, &token_, nullptr) != AGENT_OK) give_up("the handler was not taken");
}

OurReader::~OurReader() { bus_.unsubscribe(token_); }

std::int32_t OurReader::on_event(void* context, const agent_event* event) {
  auto& self = *static_cast<OurReader*>(context);
  self.arrivals_.take({static_cast<const char*>(event->payload.data), event->payload.size});
  return AGENT_HANDLER_DONE;
}

RawReader::RawReader(const std::string& bootstrap, const std::string& topic, const std::string& group)
    : client_(make_client(RD_KAFKA_CONSUMER, ClientProperties{{"bootstrap.servers", bootstrap},
                                                              {"group.id", group},
                                                              {"auto.offset.reset", "earliest"},
                                                              {"enable.auto.offset.store", "false"},
                                                              {"check.crcs", "true"},
                                                              {"queued.max.messages.kbytes", fetch_queue_kbytes}})) {
  rd_kafka_poll_set_consumer(client_.get());
  rd_kafka_topic_partition_list_t* topics = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(topics, topic.c_str(), RD_KAFKA_PARTITION_UA);
  rd_kafka_subscribe(client_.get(), topics);
  rd_kafka_topic_partition_list_destroy(topics);
  thread_ = std::thread([this] { read(); });
}

RawReader::~RawReader() {
  stop_ = true;
  thread_.join();
  rd_kafka_consumer_close(client_.get());
}

void RawReader::read() {
  while (!stop_) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(client_.get(), poll_ms);
    if (message == nullptr) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      arrivals_.take({static_cast<const char*>(message->payload), message->len});
      rd_kafka_offset_store(message->rkt, message->partition, message->offset);
    }
    rd_kafka_message_destroy(message);
  }
}

StampSender::StampSender(const std::string& bootstrap, const std::string& topic, std::size_t payload)
    : payload_(payload, 'x') {
  ClientProperties properties = producer_properties(bootstrap);
  properties.emplace_back("linger.ms", "0");
  client_ = make_client(RD_KAFKA_PRODUCER, properties);
  topic_ = rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr);
}

StampSender::~StampSender() { rd_kafka_topic_destroy(topic_); }

void StampSender::send(std::uint64_t run, std::uint64_t index) {
  const Stamp stamp{run, index, monotonic_ns()};
  std::memcpy(payload_.data(), &stamp, sizeof stamp);
  if (rd_kafka_produce(topic_, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, payload_.data(), payload_.size(), nullptr, 0,
                       nullptr) != 0) {
    give_up(rd_kafka_err2str(rd_kafka_last_error()));
  }
  rd_kafka_poll(client_.get(), 0);
}

}  // namespace bench
