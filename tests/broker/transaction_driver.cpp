// A transactional producer that a test drives by lines: one command in, one line with its answer out.
//
//   transaction_driver BOOTSTRAP TRANSACTIONAL_ID TRANSACTION_TIMEOUT_MS
//   prepare MS | begin | send TOPIC FIRST COUNT [BYTES] | commit GROUP TOPIC POSITION MS | commit-plain MS | abort MS |
//   position GROUP MS | reports | batches TOPIC RECORDS BYTES PER_TRANSACTION | plain TOPIC RECORDS BYTES
#include <atomic>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <thread>

#include "kafka/producer.h"
#include "kafka/producer_properties.h"
#include "kafka/transactional_producer.h"

using namespace kafka_events;
using Clock = std::chrono::steady_clock;

namespace {

class StderrLog final : public Log {
 public:
  [[nodiscard]] bool enabled(LogLevel level) const noexcept override { return level >= LogLevel::warning; }
  void write(LogLevel, std::string_view component, std::string_view message,
             std::span<const LogField>) noexcept override {
    std::cerr << component << ": " << message << std::endl;
  }
};

class Counter final : public DeliveryListener {
 public:
  void on_deliveries(std::span<const DeliveryReport> reports) noexcept override {
    for (const DeliveryReport& report : reports) {
      ++(report.delivered ? delivered : report.failure == Failure::permanent ? permanent : transient);
    }
  }
  std::atomic<std::uint64_t> delivered{0};
  std::atomic<std::uint64_t> transient{0};
  std::atomic<std::uint64_t> permanent{0};
};

Clock::time_point in(std::int64_t ms) { return Clock::now() + std::chrono::milliseconds(ms); }

std::string text(const TransactionStep& step) {
  constexpr std::array names = {"done", "again", "abort", "renew", "fenced"};
  return std::string(names[static_cast<std::size_t>(step.state)]) + " " + step.message;
}

config::ProducerSettings settings(const std::string& bootstrap, std::int64_t timeout_ms) {
  config::ProducerSettings made;
  for (const auto& [name, value] : std::map<std::string, std::string>{{"bootstrap.servers", bootstrap},
                                                                      {"linger.ms", "5"},
                                                                      {"topic.metadata.refresh.interval.ms", "1000"},
                                                                      {"reconnect.backoff.max.ms", "500"},
                                                                      {"queue.buffering.max.messages", "100000"}}) {
    made.properties.push_back({name, value, false, {}});
  }
  made.max_record_bytes = 1000000;
  made.transaction_timeout = std::chrono::milliseconds(timeout_ms);
  return made;
}

class Driver {
 public:
  Driver(std::string bootstrap, std::string id, std::int64_t timeout_ms) : settings_(settings(bootstrap, timeout_ms)) {
    auto settled = settings_for(settings_, {.qos = config::Qos::exactly_once, .transactional_id = std::move(id)});
    auto made = TransactionalProducer::create(settled.settings, log_);
    if (!made) throw std::runtime_error(made.error().message);
    producer_ = std::move(made).value();
    if (auto started = producer_->start(counter_); !started) throw std::runtime_error(started.error().message);
  }
  ~Driver() { producer_->stop(in(5000)); }
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  std::string answer(const std::string& line) {
    std::istringstream words(line);
    std::string verb, name, topic;
    std::int64_t first = 0, count = 0, bytes = 0, ms = 0;
    words >> verb;
    if (verb == "prepare" && words >> ms) return text(producer_->prepare(in(ms)));
    if (verb == "begin") return text(producer_->begin());
    if (verb == "send" && words >> topic >> first >> count) {
      words >> bytes;
      return send(*producer_, topic, first, count, bytes);
    }
    if (verb == "commit" && words >> name >> topic >> first >> ms) {
      const TransactionOffset offset{{topic, 0}, first};
      return text(producer_->commit(std::span(&offset, 1), producer_->plain_group_metadata(name), in(ms)));
    }
    if (verb == "commit-plain" && words >> ms) return text(producer_->commit({}, {}, in(ms)));
    if (verb == "abort" && words >> ms) return text(producer_->abort(in(ms)));
    if (verb == "position" && words >> name >> ms) {
      const auto position = producer_->committed_position(name, in(ms));
      return position ? std::to_string(position.value()) : "error " + position.error().message;
    }
    if (verb == "reports") {
      return std::to_string(counter_.delivered) + " " + std::to_string(counter_.transient) + " " +
             std::to_string(counter_.permanent);
    }
    if (verb == "batches" && words >> topic >> first >> bytes >> count) return batches(topic, first, bytes, count);
    if (verb == "plain" && words >> topic >> first >> bytes) return plain(topic, first, bytes);
    return "error: " + line;
  }

 private:
  static std::string send(RecordSink& sink, const std::string& topic_name, std::int64_t first, std::int64_t count,
                          std::int64_t bytes) {
    const auto topic = sink.open_topic(topic_name);
    if (!topic) return "error " + topic.error().message;
    std::string value(static_cast<std::size_t>(bytes), 'x');
    for (std::int64_t number = first; number < first + count; ++number) {
      if (bytes == 0) value = std::to_string(number);
      OutboundRecord record;
      record.topic = topic.value();
      record.value = value;
      record.number = static_cast<std::uint64_t>(number);
      SendStatus status = sink.send(record);
      for (const auto end = in(20000); status == SendStatus::full && Clock::now() < end; status = sink.send(record)) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
      if (status != SendStatus::accepted) return "refused " + sink.explain(status, record);
    }
    return "sent";
  }

  /// Records a second in transactions of so many, with an offset each.
  std::string batches(const std::string& topic, std::int64_t records, std::int64_t bytes, std::int64_t batch) {
    const auto begin = Clock::now();
    Clock::duration in_commit{};
    for (std::int64_t sent = 0; sent < records; sent += batch) {
      if (const auto step = producer_->begin(); !step.ok()) return text(step);
      if (const auto result = send(*producer_, topic, sent, batch, bytes); result != "sent") return result;
      const TransactionOffset offset{{topic, 0}, sent + batch};
      const auto committing = Clock::now();
      const auto step = producer_->commit(std::span(&offset, 1), "group-" + topic, in(30000));
      if (!step.ok()) return text(step);
      in_commit += Clock::now() - committing;
    }
    const std::chrono::duration<double> took = Clock::now() - begin;
    const std::chrono::duration<double, std::milli> each = in_commit / std::max<std::int64_t>(1, records / batch);
    return std::to_string(static_cast<std::int64_t>(static_cast<double>(records) / took.count())) + " " +
           std::to_string(each.count());
  }

  std::string plain(const std::string& topic, std::int64_t records, std::int64_t bytes) {
    const auto settled = settings_for(settings_, {.qos = config::Qos::at_least_once});
    auto made = Producer::create(settled.settings, log_);
    if (!made) return made.error().message;
    Counter counter;
    if (auto started = made.value()->start(counter); !started) return started.error().message;
    const auto begin = Clock::now();
    if (const auto result = send(*made.value(), topic, 0, records, bytes); result != "sent") return result;
    made.value()->flush(in(30000));
    const std::chrono::duration<double> took = Clock::now() - begin;
    made.value()->stop(in(5000));
    return std::to_string(static_cast<std::int64_t>(static_cast<double>(counter.delivered) / took.count()));
  }

  StderrLog log_;
  Counter counter_;
  config::ProducerSettings settings_;
  std::unique_ptr<TransactionalProducer> producer_;
};

}  // namespace

int main(int count, char** arguments) try {
  if (count != 4) return 2;
  Driver driver(arguments[1], arguments[2], std::stoll(arguments[3]));
  for (std::string line; std::getline(std::cin, line);) std::cout << driver.answer(line) << std::endl;
  return 0;
} catch (const std::exception& error) {
  std::cerr << error.what() << std::endl;
  return 1;
}
