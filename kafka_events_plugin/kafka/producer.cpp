// The producer's life as its owner sees it; producer_delivery.cpp has its thread, producer_replay.cpp the change of clients.
#include "kafka/producer.h"

#include <array>
#include <cstdlib>
#include <system_error>

#include "kafka/client.h"
#include "kafka/properties.h"

namespace kafka_events {
namespace {

constexpr int flush_slice_ms = 50;
constexpr std::chrono::seconds purge_limit{1};

/// message.timeout.ms as librdkafka understands the properties, by whatever name it was written.
std::chrono::microseconds record_time(const config::ProducerSettings& settings) {
  const auto conf = make_conf(settings.properties, ConfKind::producer);
  std::array<char, 32> text{};
  std::size_t size = text.size();
  if (!conf || rd_kafka_conf_get(conf.value().get(), "message.timeout.ms", text.data(), &size) != RD_KAFKA_CONF_OK) {
    return std::chrono::microseconds::max();
  }
  const long long limit = std::strtoll(text.data(), nullptr, 10);
  return limit == 0 ? std::chrono::microseconds::max() : std::chrono::milliseconds(limit);
}

}  // namespace

Result<std::unique_ptr<Producer>> Producer::create(const config::ProducerSettings& settings, Log& log,
                                                   std::string oauth_token_file, const std::string& bound_to) {
  if (auto resident = keep_librdkafka_resident(); !resident) return resident.error();
  if (const auto problems = check_properties(settings.properties); !problems.empty()) {
    return Error(ErrorCode::invalid, problems.front().message);
  }
  return std::unique_ptr<Producer>(new Producer(settings, std::move(oauth_token_file), bound_to, log));
}

Producer::Producer(const config::ProducerSettings& settings, std::string oauth_token_file, const std::string& bound_to,
                   Log& log)
    : settings_(settings),
      oauth_token_file_(std::move(oauth_token_file)),
      identity_(oauth_token_file_ + "\n" + bound_to),
      record_time_(record_time(settings)),
      errors_(log, "kafka.producer"),
      client_log_(log, "kafka.librdkafka"),
      log_(log),
      path_(settings.max_record_bytes) {}

Producer::~Producer() { stop(Clock::now() + std::chrono::seconds(5)); }

Result<void> Producer::start(DeliveryListener& listener, OnLoss on_loss, const ProducerHandover* from,
                             Deposits* deposits) {
  if (thread_.joinable()) return Error(ErrorCode::state, "the producer is running");
  auto session = session_for(from, deposits);
  if (!session) return session.error();
  listener_ = &listener;
  on_loss_ = on_loss;
  fatal_ = false;
  renew_ = false;
  Result<void> runs = run_with(session.value(), from == nullptr ? std::span<const std::string>() : from->topics);
  if (!runs) {
    give_back(std::move(session).value(), from, deposits);
    return runs;
  }
  if (from != nullptr) seed(from->counters);
  prepared_ = nullptr;
  return {};
}

Result<void> Producer::run_with(const Session& session, std::span<const std::string> topics) {
  if (auto opened = path_.attach(session, topics); !opened) return opened;
  stop_by_ = never;
  path_.open_gate();
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error& error) {
    path_.close_gate(SendStatus::refused);
    path_.detach();
    return Error(ErrorCode::failed, std::string("the delivery thread cannot be started: ") + error.what());
  }
  return {};
}

FlushResult Producer::flush(Clock::time_point deadline) {
  FlushResult result;
  const std::uint64_t delivered = delivered_.load();
  const std::uint64_t failed = failed_.load();
  wait_for_reports(deadline);
  if (in_flight() > 0) {
    give_up_ = true;
    wake();
    wait_for_reports(Clock::now() + purge_limit);
    give_up_ = false;
  }
  result.everything_reported = in_flight() == 0;
  result.delivered = delivered_.load() - delivered;
  result.failed = failed_.load() - failed;
  return result;
}

void Producer::wait_for_reports(Clock::time_point deadline) const {
  while (in_flight() > 0) {
    const int slice = remaining_ms(deadline, flush_slice_ms);
    if (slice == 0) return;
    if (const Session running = path_.session(); running != nullptr && waiting_.load() == 0) {
      rd_kafka_flush(running->client(), slice);  // sends without lingering
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
}

void Producer::stop(Clock::time_point deadline) {
  if (!thread_.joinable()) return;
  stop_by_ = deadline;
  wake();
  thread_.join();
  path_.detach();
  probe_.reset();
}

void Producer::renew() noexcept {
  renew_ = true;
  wake();
}

void Producer::wake() const {
  if (const Session running = path_.session()) rd_kafka_queue_yield(running->queue());
}

std::uint64_t Producer::in_flight() const { return path_.in_flight() + waiting_.load(); }

ProducerStatus Producer::status() const {
  ProducerStatus status;
  status.running = path_.running();
  status.in_flight = in_flight();
  status.connected = connected();
  status.delivered = delivered_.load(std::memory_order_relaxed);
  status.failed = failed_.load(std::memory_order_relaxed);
  status.topics = path_.topics();
  status.recreated = recreated_.load(std::memory_order_relaxed);
  status.replayed = replayed_.load(std::memory_order_relaxed);
  status.brokers = probe_.brokers();
  status.last_errors = errors_.list();
  return status;
}

}  // namespace kafka_events
