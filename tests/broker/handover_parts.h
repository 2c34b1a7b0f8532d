// What consumer_handover.cpp puts around two consumers: a bus whose handlers end on other threads, a place for deposits,
// and somebody who writes numbered records.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <functional>
#include <librdkafka/rdkafka.h>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/handover.h"
#include "core/ports.h"

namespace kafka_events::test {

using Clock = std::chrono::steady_clock;

class StderrLog final : public Log {
 public:
  [[nodiscard]] bool enabled(LogLevel level) const noexcept override { return level >= LogLevel::warning; }
  void write(LogLevel level, std::string_view component, std::string_view message,
             std::span<const LogField> fields) noexcept override {
    if (!enabled(level)) return;
    std::string line(component);
    line.append(": ").append(message);
    for (const LogField& field : fields) line.append(" ").append(field.name).append("=").append(field.value);
    std::fprintf(stderr, "%s\n", line.c_str());
  }
};

class Shelf final : public Deposits {
 public:
  Result<void> deposit(std::string_view kind, std::string_view name, void* thing, void (*)(void*)) override {
    if (!things_.emplace(std::string(kind).append("/").append(name), thing).second) {
      return Error(ErrorCode::exists, "is there already");
    }
    return {};
  }
  void* withdraw(std::string_view kind, std::string_view name) noexcept override {
    const auto found = things_.find(std::string(kind).append("/").append(name));
    if (found == things_.end()) return nullptr;
    void* thing = found->second;
    things_.erase(found);
    return thing;
  }
  [[nodiscard]] bool empty() const { return things_.empty(); }

 private:
  std::map<std::string, void*> things_;
};

/// Tells every event to `seen`, which says how its handlers end; their completions come from two other threads.
class Bus final : public EventBus {
 public:
  using Seen = std::function<Outcome(const EventDraft&)>;
  explicit Bus(Seen seen) : seen_(std::move(seen)) {
    for (int i = 0; i < 2; ++i) threads_.emplace_back([this] { run(); });
  }
  ~Bus() override {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    more_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  Bus(const Bus&) = delete;
  Bus& operator=(const Bus&) = delete;

  Result<void> publish(const EventDraft& draft, PublishCompletion* completion, std::uint64_t cookie) override {
    const Outcome outcome = seen_(draft);
    {
      const std::lock_guard lock(mutex_);
      jobs_.push_back({completion, cookie, outcome, draft.payload_owner, draft.payload_release});
    }
    more_.notify_one();
    return {};
  }
  Result<SubscriptionToken> subscribe(std::string_view, std::span<const std::string>, EventHandler&) override {
    return SubscriptionToken{1};
  }
  void unsubscribe(SubscriptionToken) override {}
  void defer(EventHandle, std::uint32_t) noexcept override {}
  void complete(EventHandle, Outcome, std::string_view) noexcept override {}
  void complete_many(std::span<const EventHandle>, Outcome) noexcept override {}
  [[nodiscard]] Event view(EventHandle) const noexcept override { return {}; }
  [[nodiscard]] std::uint32_t listeners(std::string_view) const noexcept override { return 1; }

 private:
  struct Job {
    PublishCompletion* completion;
    std::uint64_t cookie;
    Outcome outcome;
    void* owner;
    void (*release)(void*);
  };
  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      more_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      const Job job = jobs_.front();
      jobs_.pop_front();
      lock.unlock();
      if (job.completion != nullptr) job.completion->completed(job.cookie, job.outcome, "as the test wants");
      if (job.owner != nullptr) job.release(job.owner);
      lock.lock();
    }
  }

  const Seen seen_;
  std::mutex mutex_;
  std::condition_variable more_;
  std::deque<Job> jobs_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

/// Writes "KEY NUMBER" to the partition KEY % partitions, about `rate` a second, until it ends.
class Writer {
 public:
  Writer(const std::string& bootstrap, std::string topic, int partition_count, int keys, int rate)
      : topic_(std::move(topic)), partitions_(partition_count), keys_(keys), rate_(rate) {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", bootstrap.c_str(), nullptr, 0);
    rd_kafka_conf_set(conf, "enable.idempotence", "true", nullptr, 0);
    rd_kafka_conf_set(conf, "linger.ms", "1", nullptr, 0);
    client_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, nullptr, 0);
    thread_ = std::thread([this] { run(); });
  }
  ~Writer() {
    stop();
    rd_kafka_destroy(client_);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// How many there are.
  long stop() {
    ending_ = true;
    if (thread_.joinable()) thread_.join();
    rd_kafka_flush(client_, 10'000);
    return written_;
  }

 private:
  void run() {
    for (auto next = Clock::now(); !ending_; next += std::chrono::milliseconds(1)) {
      for (int i = 0; i < std::max(1, rate_ / 1000); ++i) {
        const int key = static_cast<int>(written_ % keys_);
        const std::string value = std::to_string(key) + ' ' + std::to_string(written_++ / keys_);
        (void)rd_kafka_producev(client_, RD_KAFKA_V_TOPIC(topic_.c_str()), RD_KAFKA_V_PARTITION(key % partitions_),
                                RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()),
                                RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_BLOCK), RD_KAFKA_V_END);
      }
      rd_kafka_poll(client_, 0);
      std::this_thread::sleep_until(next);
    }
  }

  const std::string topic_;
  const int partitions_;
  const int keys_;
  const int rate_;
  rd_kafka_t* client_ = nullptr;
  std::atomic<bool> ending_{false};
  long written_ = 0;
  std::thread thread_;
};

}  // namespace kafka_events::test
