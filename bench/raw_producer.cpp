#include "raw_producer.h"

#include <chrono>

#include "harness.h"

namespace bench {
namespace {

constexpr std::size_t poll_every = 1000;
constexpr auto full_queue_rest = std::chrono::microseconds(100);

}  // namespace

ClientProperties producer_properties(const std::string& bootstrap) {
  return {{"bootstrap.servers", bootstrap},
          {"acks", "all"},
          {"enable.idempotence", "true"},
          {"linger.ms", "5"},
          {"batch.size", "1000000"},
          {"compression.type", "none"},
          {"partitioner", "murmur2_random"},
          {"queue.buffering.max.messages", "100000"},
          {"queue.buffering.max.kbytes", "262144"}};
}

RawProducer::RawProducer(const std::string& bootstrap, const std::string& topic, ReportsOn reports)
    : reports_(reports) {
  rd_kafka_conf_t* conf = make_conf(producer_properties(bootstrap));
  if (reports == ReportsOn::own_thread) {
    rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_DR);
  } else {
    rd_kafka_conf_set_dr_msg_cb(conf, on_report);
    rd_kafka_conf_set_opaque(conf, this);
  }
  client_ = make_client(RD_KAFKA_PRODUCER, conf);
  topic_ = rd_kafka_topic_new(client_.get(), topic.c_str(), nullptr);
  if (reports == ReportsOn::own_thread) thread_ = std::thread([this] { serve(); });
}

RawProducer::~RawProducer() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
  rd_kafka_topic_destroy(topic_);
}

void RawProducer::count(const rd_kafka_message_t& message) {
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) give_up(rd_kafka_err2str(message.err));
}

void RawProducer::on_report(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
  auto& producer = *static_cast<RawProducer*>(self);
  producer.count(*message);
  producer.acknowledged_.fetch_add(1, std::memory_order_relaxed);
}

void RawProducer::serve() {
  rd_kafka_queue_t* queue = rd_kafka_queue_get_main(client_.get());
  while (!stop_) {
    rd_kafka_event_t* event = rd_kafka_queue_poll(queue, 50);
    if (event == nullptr) continue;
    std::size_t reports = 0;
    while (const rd_kafka_message_t* message = rd_kafka_event_message_next(event)) {
      count(*message);
      ++reports;
    }
    rd_kafka_event_destroy(event);
    if (reports == 0) continue;
    acknowledged_.fetch_add(reports, std::memory_order_release);
    acknowledged_.notify_all();
  }
  rd_kafka_queue_destroy(queue);
}

void RawProducer::wait_for_reports(std::size_t expected) {
  for (std::size_t seen = acknowledged_; seen < expected; seen = acknowledged_) {
    if (reports_ == ReportsOn::own_thread) {
      acknowledged_.wait(seen);
    } else {
      rd_kafka_poll(client_.get(), 50);
    }
  }
}

void for_each_publisher(const PublishPlan& plan,
                        const std::function<void(std::size_t first, std::size_t end)>& publish) {
  std::vector<std::thread> others;
  for (std::size_t publisher = 1; publisher < plan.publishers; ++publisher) {
    others.emplace_back(publish, plan.count * publisher / plan.publishers,
                        plan.count * (publisher + 1) / plan.publishers);
  }
  publish(0, plan.count / plan.publishers);
  for (std::thread& other : others) other.join();
}

double RawProducer::run(const PublishPlan& plan) {
  acknowledged_ = 0;
  const double start = now();
  for_each_publisher(plan, [&](std::size_t first, std::size_t end) { produce(plan, first, end); });
  wait_for_reports(plan.count);
  return now() - start;
}

void RawProducer::produce(const PublishPlan& plan, std::size_t first, std::size_t end) {
  const bool polls = reports_ == ReportsOn::publisher_thread;
  for (std::size_t index = first; index < end; ++index) {
    const std::string& key = plan.keys[index % plan.keys.size()];
    while (rd_kafka_produce(topic_, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, const_cast<char*>(plan.payload.data()),
                            plan.payload.size(), key.data(), key.size(), nullptr) != 0) {
      if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL) give_up(rd_kafka_err2str(rd_kafka_last_error()));
      if (polls) {
        rd_kafka_poll(client_.get(), 1);
      } else {
        std::this_thread::sleep_for(full_queue_rest);
      }
    }
    if (polls && index % poll_every == 0) rd_kafka_poll(client_.get(), 0);
  }
}

}  // namespace bench
