// A producer with reports and a consumer that reads to the end.
#include "records_client.h"

#include <algorithm>
#include <chrono>
#include <librdkafka/rdkafka.h>
#include <memory>
#include <set>
#include <stdexcept>
#include <thread>

#include "numbered.h"

namespace swap_load {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto tick = 1ms;
constexpr auto no_progress = 60s;
constexpr int flush_ms = 120'000;
constexpr int query_ms = 20'000;
constexpr std::size_t batch = 10'000;

struct Close {
  void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
};
using Client = std::unique_ptr<rd_kafka_t, Close>;
using Settings = std::vector<std::pair<const char*, std::string>>;

Client make_client(rd_kafka_type_t type, const Settings& settings, void* opaque,
                   void (*report)(rd_kafka_t*, const rd_kafka_message_t*, void*)) {
  char text[512];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf, name, value.c_str(), text, sizeof text) != RD_KAFKA_CONF_OK) {
      rd_kafka_conf_destroy(conf);
      throw std::runtime_error(text);
    }
  }
  rd_kafka_conf_set_opaque(conf, opaque);
  if (report != nullptr) rd_kafka_conf_set_dr_msg_cb(conf, report);
  rd_kafka_t* client = rd_kafka_new(type, conf, text, sizeof text);
  if (client == nullptr) {
    rd_kafka_conf_destroy(conf);
    throw std::runtime_error(text);
  }
  return Client(client);
}

void on_report(rd_kafka_t* /*client*/, const rd_kafka_message_t* message, void* opaque) {
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  auto& written = *static_cast<Written*>(opaque);
  if (written.failed++ == 0) written.first_failure = rd_kafka_err2str(message->err);
}

class Writer {
 public:
  Writer(const std::string& bootstrap, const std::string& topic, const WritePlan& plan)
      : topic_(topic),
        plan_(plan),
        client_(make_client(RD_KAFKA_PRODUCER,
                            {{"bootstrap.servers", bootstrap},
                             {"enable.idempotence", "true"},
                             {"linger.ms", "1"},
                             {"message.timeout.ms", "120000"},
                             {"partitioner", "murmur2_random"},
                             {"log_level", "3"}},
                            &written_, &on_report)) {
    written_.last.resize(plan.keys);
  }

  Written run(const std::atomic<bool>& ending) {
    const auto began = Clock::now();
    std::uint64_t index = 0;
    for (auto next = began; !ending && index < plan_.most; next += tick) {
      if (plan_.rate > 0) std::this_thread::sleep_until(next);
      const std::chrono::duration<double> elapsed = Clock::now() - began;
      const auto due = plan_.rate > 0 ? static_cast<std::uint64_t>(elapsed.count() * plan_.rate) : index + 100;
      for (; index < std::min(due, plan_.most); ++index) produce_as_planned(index);
      rd_kafka_poll(client_.get(), 0);
    }
    if (rd_kafka_flush(client_.get(), flush_ms) != 0) throw std::runtime_error("the broker did not take all records");
    return written_;
  }

 private:
  void produce_as_planned(std::uint64_t index) {
    const bool to_be_late = index == plan_.late;
    const bool early = plan_.late != never && index == plan_.late + plan_.keys;
    if (index != plan_.lose) produce(to_be_late ? index + plan_.keys : early ? index - plan_.keys : index);
    if (index == plan_.twice) produce(index);
    written_.last[index % plan_.keys] = index / plan_.keys + 1;
  }

  void produce(std::uint64_t index) {
    const auto key = static_cast<std::uint32_t>(index % plan_.keys);
    write_numbered(text_, {key, index / plan_.keys + 1}, plan_.size);
    const std::string key_name = key_text(key);
    while (rd_kafka_producev(client_.get(), RD_KAFKA_V_TOPIC(topic_.c_str()),
                             RD_KAFKA_V_KEY(key_name.data(), key_name.size()),
                             RD_KAFKA_V_VALUE(text_.data(), text_.size()), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                             RD_KAFKA_V_END) == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      rd_kafka_poll(client_.get(), 1);
    }
  }

  const std::string topic_;
  const WritePlan plan_;
  Written written_;
  std::string text_;
  Client client_;
};

/// Assigns all partitions from their beginning; how many there are.
std::size_t assign_all(rd_kafka_t* client, const std::string& topic) {
  const rd_kafka_metadata_t* metadata = nullptr;
  rd_kafka_topic_t* handle = rd_kafka_topic_new(client, topic.c_str(), nullptr);
  const rd_kafka_resp_err_t error = rd_kafka_metadata(client, 0, handle, &metadata, query_ms);
  rd_kafka_topic_destroy(handle);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(rd_kafka_err2str(error));
  const int count = metadata->topics[0].partition_cnt;
  rd_kafka_metadata_destroy(metadata);
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(count);
  for (int partition = 0; partition < count; ++partition) {
    rd_kafka_topic_partition_list_add(list, topic.c_str(), partition)->offset = 0;
  }
  rd_kafka_assign(client, list);
  rd_kafka_topic_partition_list_destroy(list);
  return static_cast<std::size_t>(count);
}

std::string_view view(const void* data, std::size_t size) { return {static_cast<const char*>(data), size}; }

}  // namespace

Written write_records(const std::string& bootstrap, const std::string& topic, const WritePlan& plan,
                      const std::atomic<bool>& ending) {
  return Writer(bootstrap, topic, plan).run(ending);
}

void read_records(const std::string& bootstrap, const std::string& topic, NumberLedger& ledger) {
  const Client client = make_client(RD_KAFKA_CONSUMER,
                                    {{"bootstrap.servers", bootstrap},
                                     {"group.id", "swap_records"},
                                     {"enable.auto.commit", "false"},
                                     {"isolation.level", "read_committed"},
                                     {"enable.partition.eof", "true"},
                                     {"auto.offset.reset", "error"},
                                     {"log_level", "3"}},
                                    nullptr, nullptr);
  rd_kafka_poll_set_consumer(client.get());
  const std::size_t partitions = assign_all(client.get(), topic);
  rd_kafka_queue_t* queue = rd_kafka_queue_get_consumer(client.get());
  std::set<std::int32_t> at_end;
  std::vector<rd_kafka_message_t*> messages(batch);
  for (auto progress = Clock::now(); at_end.size() < partitions && Clock::now() < progress + no_progress;) {
    const auto count = rd_kafka_consume_batch_queue(queue, 200, messages.data(), messages.size());
    for (std::ptrdiff_t i = 0; i < count; ++i) {
      rd_kafka_message_t* message = messages[static_cast<std::size_t>(i)];
      if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) at_end.insert(message->partition);
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
        ledger.add(view(message->payload, message->len), view(message->key, message->key_len));
      }
      rd_kafka_message_destroy(message);
    }
    if (count > 0) progress = Clock::now();
  }
  rd_kafka_queue_destroy(queue);
  rd_kafka_consumer_close(client.get());
  if (at_end.size() < partitions) throw std::runtime_error("the end of " + topic + " is not reached");
}

}  // namespace swap_load
