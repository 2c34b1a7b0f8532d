// Sending single events, each side with its own clock readings.
#include "latency_out.h"

#include "event_publisher.h"
#include "harness.h"
#include "raw_producer.h"

namespace bench {
namespace {

constexpr int poll_ms = 100;

ClientProperties properties(const std::string& bootstrap, const std::string& linger_ms) {
  ClientProperties all = producer_properties(bootstrap);
  all.emplace_back("linger.ms", linger_ms);  // the later one counts
  return all;
}

}  // namespace

OurSender::OurSender(host_stub::EventBus& bus, std::string event_topic, std::string payload)
    : bus_(bus), topic_(std::move(event_topic)), payload_(std::move(payload)), keys_(tenants()) {}

void OurSender::begin(std::size_t count) {
  began_.assign(count, 0);
  log_.begin(count);
}

void OurSender::send(std::size_t index) {
  const std::string& tenant = keys_[index % keys_.size()];
  agent_event_draft draft{};
  draft.size = sizeof draft;
  draft.topic = {topic_.data(), topic_.size()};
  draft.tenant = {tenant.data(), tenant.size()};
  draft.payload = {payload_.data(), payload_.size()};
  agent_event_completion completion{};
  completion.size = sizeof completion;
  completion.context = this;
  completion.cookie = index;
  completion.completed = on_completed;
  began_[index] = monotonic_ns();
  if (bus_.publish(draft, 0, &completion, nullptr, nullptr) != AGENT_OK) give_up("an event was not taken");
}

void OurSender::on_completed(void* context, std::uint64_t cookie, const agent_event_result* result) {
  const std::int64_t end = monotonic_ns();
  if (result->outcome != AGENT_OUTCOME_DONE || result->handlers == 0) give_up("an event was not delivered");
  auto& self = *static_cast<OurSender*>(context);
  self.log_.add(cookie, end - self.began_[cookie]);
}

RawSender::RawSender(const std::string& bootstrap, const std::string& topic, const std::string& linger_ms,
                     std::string payload)
    : payload_(std::move(payload)), keys_(tenants()) {
  rd_kafka_conf_t* conf = make_conf(properties(bootstrap, linger_ms));
  rd_kafka_conf_set_dr_msg_cb(conf, on_report);
  rd_kafka_conf_set_opaque(conf, this);
  client_ = make_client(RD_KAFKA_PRODUCER, conf);
  topic_ = rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr);
  thread_ = std::thread([this] {
    while (!stop_) rd_kafka_poll(client_.get(), poll_ms);
  });
}

RawSender::~RawSender() {
  stop_ = true;
  thread_.join();
  rd_kafka_topic_destroy(topic_);
}

void RawSender::begin(std::size_t count) {
  began_.assign(count, 0);
  log_.begin(count);
}

void RawSender::send(std::size_t index) {
  const std::string& key = keys_[index % keys_.size()];
  began_[index] = monotonic_ns();
  if (rd_kafka_produce(topic_, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, const_cast<char*>(payload_.data()),
                       payload_.size(), key.data(), key.size(), &began_[index]) != 0) {
    give_up(rd_kafka_err2str(rd_kafka_last_error()));
  }
}

void RawSender::on_report(rd_kafka_t*, const rd_kafka_message_t* message, void* context) {
  const std::int64_t end = monotonic_ns();
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) give_up(rd_kafka_err2str(message->err));
  auto& self = *static_cast<RawSender*>(context);
  const auto* began = static_cast<const std::int64_t*>(message->_private);
  self.log_.add(static_cast<std::size_t>(began - self.began_.data()), end - *began);
}

}  // namespace bench
