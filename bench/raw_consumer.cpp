#include "raw_consumer.h"

#include <array>
#include <memory>

#include "harness.h"
#include "kafka_client.h"

namespace bench {
namespace {

constexpr double deadline_seconds = 120;

class Reader {
 public:
  explicit Reader(std::size_t count) : count_(count) {}

  void take(rd_kafka_message_t* message) {
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      if (seen_ == 0) first_ = now();
      bytes_ += message->len;
      rd_kafka_offset_store(message->rkt, message->partition, message->offset);
      if (++seen_ == count_) last_ = now();
    }
    rd_kafka_message_destroy(message);
  }
  [[nodiscard]] bool done() const { return seen_ >= count_; }
  [[nodiscard]] double seconds() const { return last_ - first_; }

 private:
  std::size_t count_;
  std::size_t seen_ = 0;
  std::size_t bytes_ = 0;
  double first_ = 0;
  double last_ = 0;
};

void read_one_by_one(rd_kafka_t* client, Reader& reader) {
  rd_kafka_message_t* message = rd_kafka_consumer_poll(client, 100);
  if (message != nullptr) reader.take(message);
}

void read_batch(rd_kafka_queue_t* queue, Reader& reader) {
  std::array<rd_kafka_message_t*, 1000> messages{};
  const ssize_t taken = rd_kafka_consume_batch_queue(queue, 100, messages.data(), messages.size());
  for (ssize_t index = 0; index < taken; ++index) reader.take(messages[static_cast<std::size_t>(index)]);
}

}  // namespace

double consume_raw(const std::string& bootstrap, const std::string& topic, const std::string& group, std::size_t count,
                   Takes takes) {
  const Client client = make_client(RD_KAFKA_CONSUMER, {{"bootstrap.servers", bootstrap},
                                                        {"group.id", group},
                                                        {"auto.offset.reset", "earliest"},
                                                        {"enable.auto.offset.store", "false"},
                                                        {"check.crcs", "true"},
                                                        {"queued.max.messages.kbytes", fetch_queue_kbytes}});
  rd_kafka_poll_set_consumer(client.get());
  rd_kafka_topic_partition_list_t* topics = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(topics, topic.c_str(), RD_KAFKA_PARTITION_UA);
  rd_kafka_subscribe(client.get(), topics);
  rd_kafka_topic_partition_list_destroy(topics);
  const std::unique_ptr<rd_kafka_queue_t, void (*)(rd_kafka_queue_t*)> queue(rd_kafka_queue_get_consumer(client.get()),
                                                                             rd_kafka_queue_destroy);
  Reader reader(count);
  const double deadline = now() + deadline_seconds;
  while (!reader.done()) {
    if (now() > deadline) give_up("the raw consumer did not get all records");
    if (takes == Takes::batches) {
      read_batch(queue.get(), reader);
    } else {
      for (int turn = 0; turn < 1000 && !reader.done(); ++turn) read_one_by_one(client.get(), reader);
    }
  }
  rd_kafka_consumer_close(client.get());
  return reader.seconds();
}

}  // namespace bench
