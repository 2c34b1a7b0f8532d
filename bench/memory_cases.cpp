// Growth of the heap and of resident memory, from one point of a run to another.
#include "memory_cases.h"

#include <string_view>

#include "bench_host.h"
#include "event_publisher.h"
#include "flood.h"
#include "harness.h"
#include "memory_probe.h"
#include "raw_producer.h"

namespace bench {
namespace {

constexpr int partitions = 4;
constexpr std::size_t most_in_flight = 10'000;  // so that pools and buffers have their size after the warm-up
constexpr std::size_t warm_up = 50'000;

/// Two ways lead to one Kafka topic: that of event_topic, whose records need no header as its name can be undone, and the
/// many topics below bench::memory.
struct Setup {
  std::string event_topic;
  std::string yaml;
};

Setup set_up(BenchKafka& kafka, const std::string& more = "") {
  const std::string topic = kafka.create_topic("acapy-outbound-memory", partitions);
  const std::size_t number = topic.rfind('-') + 1;
  return {"acapy::outbound::memory::" + topic.substr(number),
          "kafka_events:\n  bootstrap_servers: [\"" + kafka.bootstrap() +
              "\"]\n  inbound: { topics: [] }\n  outbound:\n    - { match: \"^acapy::outbound::.*\" }\n" +
              "    - { match: \"^bench::memory::.*\", topic: \"" + topic + "\" }\n" + more};
}

void publish_many(Flood& flood, const std::string& topic, std::size_t count, std::string_view payload) {
  const std::vector<std::string> keys = tenants();
  for (std::size_t index = 0; index < count; ++index) flood.publish(topic, keys[index % keys.size()], payload);
}

double heap_after_topics(Flood& flood, std::size_t from, std::size_t to) {
  for (std::size_t number = from; number < to; ++number) {
    flood.publish("bench::memory::topic-" + std::to_string(10'000'000 + number), "tenant", "x");
  }
  flood.wait();
  return memory_of_this_process().heap;
}

double heap_after_tenants(Flood& flood, const std::string& topic, std::size_t from, std::size_t to) {
  const std::string payload(100, 'x');
  for (std::size_t number = from; number < to; ++number) {
    flood.publish(topic, "3fa85f64-5717-4562-b3fc-" + std::to_string(100'000'000'000 + number), payload);
  }
  flood.wait();
  return memory_of_this_process().heap;
}

/// Room for all of them, and time enough.
std::string large_queue(std::size_t events) {
  return "  request_timeout_ms: 300000\n  producer-config:\n    librdkafka: { queue.buffering.max.messages: " +
         std::to_string(events + warm_up) + ", queue.buffering.max.kbytes: 2147483647 }\n";
}

double resident() { return memory_of_this_process().resident; }

void produce_raw(rd_kafka_topic_t* topic, std::size_t count, const std::string& payload) {
  const std::vector<std::string> keys = tenants();
  for (std::size_t index = 0; index < count; ++index) {
    const std::string& key = keys[index % keys.size()];
    if (rd_kafka_produce(topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, const_cast<char*>(payload.data()),
                         payload.size(), key.data(), key.size(), nullptr) != 0) {
      give_up(rd_kafka_err2str(rd_kafka_last_error()));
    }
  }
}

void flush_raw(rd_kafka_t* client) {
  if (rd_kafka_flush(client, 60'000) != RD_KAFKA_RESP_ERR_NO_ERROR) give_up("the raw producer could not deliver");
}

}  // namespace

std::vector<double> memory_of_topics(BenchKafka& kafka, const TopicSteps& steps) {
  const Setup setup = set_up(kafka);
  BenchHost host(setup.yaml);
  Flood flood(host.bus(), most_in_flight);
  publish_many(flood, setup.event_topic, warm_up, "x");
  flood.wait();
  const double before = memory_of_this_process().heap;
  const double known = heap_after_topics(flood, 0, steps.known);
  const double many = heap_after_topics(flood, steps.known, steps.many);
  const double most = heap_after_topics(flood, steps.many, steps.most);
  const double beyond = heap_after_topics(flood, steps.most, steps.beyond);
  return {(known - before) / static_cast<double>(steps.known),
          (most - many) / static_cast<double>(steps.most - steps.many),
          (beyond - most) / static_cast<double>(steps.beyond - steps.most)};
}

std::vector<double> memory_of_tenants(BenchKafka& kafka, std::size_t tenants) {
  // A payload of 100 bytes keeps a tenant's bucket from being full, and so its entry in use, for 100 s.
  const Setup setup = set_up(
      kafka,
      "  tenants: { max_events_per_second: 1000000, max_bytes_per_second: 1, max_in_flight: 1000, fair: false }\n");
  BenchHost host(setup.yaml);
  Flood flood(host.bus(), most_in_flight);
  const double before = heap_after_tenants(flood, setup.event_topic, 0, warm_up);
  const double after = heap_after_tenants(flood, setup.event_topic, warm_up, warm_up + tenants);
  return {(after - before) / static_cast<double>(tenants)};
}

std::vector<double> memory_in_flight(std::size_t events, std::size_t payload) {
  BenchKafka kafka("");
  const Setup setup = set_up(kafka, large_queue(events));
  BenchHost host(setup.yaml);
  Flood flood(host.bus(), events + 1);
  const std::string text(payload, 'x');
  publish_many(flood, setup.event_topic, warm_up, text);
  flood.wait();
  kafka.hold_back();
  const double before = resident();
  publish_many(flood, setup.event_topic, events, text);
  const double after = resident();
  kafka.let_go();
  flood.wait();
  return {(after - before) / static_cast<double>(events)};
}

std::vector<double> memory_in_flight_raw(std::size_t events, std::size_t payload) {
  BenchKafka kafka("");
  ClientProperties properties = producer_properties(kafka.bootstrap());
  properties.insert(properties.end(), {{"queue.buffering.max.messages", std::to_string(events + warm_up)},
                                       {"queue.buffering.max.kbytes", "2147483647"},
                                       {"socket.timeout.ms", "300000"}});
  const Client client = make_client(RD_KAFKA_PRODUCER, properties);
  const std::string name = kafka.create_topic("bench-memory", partitions);
  rd_kafka_topic_t* topic = rd_kafka_topic_new(client.get(), name.c_str(), nullptr);
  const std::string text(payload, 'x');
  produce_raw(topic, warm_up, text);
  flush_raw(client.get());
  kafka.hold_back();
  const double before = resident();
  produce_raw(topic, events, text);
  const double after = resident();
  kafka.let_go();
  flush_raw(client.get());
  rd_kafka_topic_destroy(topic);
  return {(after - before) / static_cast<double>(events)};
}

std::vector<double> memory_over_time(BenchKafka& kafka, std::size_t events, std::size_t payload) {
  const Setup setup = set_up(kafka);
  BenchHost host(setup.yaml);
  Flood flood(host.bus(), most_in_flight);
  const std::string text(payload, 'x');
  publish_many(flood, setup.event_topic, events / 10, text);
  flood.wait();
  const double early = resident();
  publish_many(flood, setup.event_topic, events - events / 10, text);
  flood.wait();
  return {early, resident()};
}

}  // namespace bench
