// A handler that takes every record, a writer, and a consumer between them, on librdkafka's mock cluster.
#pragma once

#include <doctest/doctest.h>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "fakes.h"
#include "kafka/consumer.h"
#include "kafka/producer.h"
#include "mock_cluster.h"

namespace kafka_events {

struct Taken {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::string key;
  std::string value;
  std::vector<std::pair<std::string, std::string>> headers;
};

/// Takes every record, is done with it at once, unless told otherwise.
class Taker final : public RecordHandler {
 public:
  void on_assigned(std::span<const TopicPartition> partitions) override {
    const std::lock_guard lock(mutex_);
    assigned_.insert(partitions.begin(), partitions.end());
  }
  std::vector<Watermark> on_revoked(std::span<const TopicPartition> partitions,
                                    std::chrono::steady_clock::time_point) override {
    const std::lock_guard lock(mutex_);
    for (const TopicPartition& each : partitions) assigned_.erase(each);
    return {};
  }
  void on_lost(std::span<const TopicPartition>) override {}
  void on_record(const InboundRecord& record) override {
    Taken taken{std::string(record.topic), record.partition,          record.offset,
                std::string(record.key),   std::string(record.value), {}};
    for (const Header& header : record.headers) taken.headers.emplace_back(header.name, header.value);
    const std::lock_guard lock(mutex_);
    if (hold && held_ == nullptr) {
      held_ = record.owner;
      release_ = record.release;
    } else {
      record.release(record.owner);
    }
    marks_[{taken.topic, taken.partition}] = taken.offset + 1;
    taken_.push_back(std::move(taken));
  }
  std::vector<Watermark> watermarks() override {
    const std::lock_guard lock(mutex_);
    std::vector<Watermark> moved;
    for (const auto& [partition, next] : marks_) moved.push_back({partition, next});
    marks_.clear();
    return moved;
  }
  void on_turn(std::chrono::steady_clock::time_point) override {}
  [[nodiscard]] bool wants_pause() const noexcept override { return pause; }
  [[nodiscard]] std::vector<TopicPartition> paused_partitions() const override {
    const std::lock_guard lock(mutex_);
    return resting;
  }
  [[nodiscard]] std::uint64_t in_flight() const noexcept override { return running; }

  [[nodiscard]] std::vector<Taken> all() const {
    const std::lock_guard lock(mutex_);
    return taken_;
  }
  [[nodiscard]] std::size_t size() const { return all().size(); }
  void rest(std::vector<TopicPartition> partitions) {
    const std::lock_guard lock(mutex_);
    resting = std::move(partitions);
  }
  void let_go() { release_(held_); }

  std::atomic<std::uint64_t> running{0};
  std::atomic<bool> pause{false};
  std::atomic<bool> hold{false};

 private:
  mutable std::mutex mutex_;
  std::set<TopicPartition> assigned_;
  std::map<TopicPartition, std::int64_t> marks_;
  std::vector<Taken> taken_;
  std::vector<TopicPartition> resting;
  void* held_ = nullptr;
  void (*release_)(void*) = nullptr;
};

inline config::WorkerSettings worker(const MockCluster& cluster, std::vector<std::string> topics,
                                     std::vector<std::int32_t> partitions) {
  config::WorkerSettings settings;
  settings.name = "inbound";
  settings.group = "kafka_events";
  settings.topics = std::move(topics);
  settings.partitions = std::move(partitions);
  settings.properties = {property("bootstrap.servers", cluster.bootstrap()),
                         property("group.id", "kafka_events"),
                         property("auto.offset.reset", "earliest"),
                         property("enable.auto.commit", "true"),
                         property("session.timeout.ms", "6000"),
                         property("topic.metadata.refresh.interval.ms", "200"),
                         property("fetch.wait.max.ms", "20"),
                         property("reconnect.backoff.max.ms", "100"),
                         property("partition.assignment.strategy", "cooperative-sticky")};
  return settings;
}

inline void replace(config::WorkerSettings& settings, std::string_view name, std::string value) {
  for (config::Property& each : settings.properties) {
    if (each.name == name) each.value = value;
  }
}

/// Writes numbered records with the Producer that is tested next door.
class Writer {
 public:
  explicit Writer(const MockCluster& cluster) {
    config::ProducerSettings settings;
    settings.properties = {property("bootstrap.servers", cluster.bootstrap())};
    auto made = Producer::create(settings, log_);
    REQUIRE(made.ok());
    producer_ = std::move(made).value();
    REQUIRE(producer_->start(reports_).ok());
  }
  void write(const std::string& topic, std::int32_t partition, int first, int count) {
    const Header headers[] = {{"agent-topic", topic}, {"binary", Bytes("\0\1", 2)}};
    for (int number = first; number < first + count; ++number) {
      const std::string value = "value " + std::to_string(number);
      OutboundRecord record;
      record.topic = producer_->open_topic(topic).value();
      record.partition = partition;
      record.key = "wallet";
      record.value = value;
      if (number % 2 == 0) record.headers = headers;
      REQUIRE(producer_->send(record) == SendStatus::accepted);
    }
    REQUIRE(producer_->flush(in(std::chrono::seconds(10))).failed == 0);
  }

 private:
  SilentLog log_;
  ReportCollector reports_;
  std::unique_ptr<Producer> producer_;
};

struct Rig {
  SilentLog log;
  Taker taker;
  std::unique_ptr<Consumer> consumer;

  explicit Rig(const config::WorkerSettings& settings, bool hold = false) {
    taker.hold = hold;
    auto made = Consumer::create(settings, log);
    REQUIRE(made.ok());
    consumer = std::move(made).value();
    start();
  }
  void start() { REQUIRE(consumer->start(taker).ok()); }
};

inline void check_in_order(const std::vector<Taken>& taken, std::size_t count) {
  REQUIRE(taken.size() == count);
  for (std::size_t i = 0; i < count; ++i) CHECK(taken[i].offset == static_cast<std::int64_t>(i));
}

}  // namespace kafka_events
