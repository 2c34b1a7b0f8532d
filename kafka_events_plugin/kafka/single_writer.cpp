// The table of lanes, one for each topic.
#include "kafka/single_writer.h"

#include <array>
#include <atomic>
#include <mutex>
#include <utility>

#include "kafka/producer_properties.h"
#include "kafka/properties.h"
#include "kafka/single_writer_lane.h"

namespace kafka_events {
namespace {

constexpr std::chrono::milliseconds record_time{300'000};

std::uint64_t number_of(const config::ProducerSettings& settings, std::string_view name, std::uint64_t otherwise) {
  const auto value = milliseconds_of(settings.properties, name, std::chrono::milliseconds(otherwise));
  return static_cast<std::uint64_t>(value.count());
}

SingleWriterLane::Limits limits_of(const config::ProducerSettings& settings) {
  return {.max_records = number_of(settings, "queue.buffering.max.messages", 100'000),
          .max_bytes = number_of(settings, "queue.buffering.max.kbytes", 1'048'576) * 1024,
          .max_record_bytes = settings.max_record_bytes,
          .record_time = milliseconds_of(settings.properties, "delivery.timeout.ms",
                                         milliseconds_of(settings.properties, "message.timeout.ms", record_time))};
}

config::ProducerSettings settings_of(const config::ProducerSettings& written, std::string_view topic) {
  const ProducerRole role{config::Qos::exactly_once, false, SingleWriterLane::transactional_id(topic)};
  return settings_for(written, role).settings;
}

}  // namespace

class SingleWriter::Impl {
 public:
  Impl(const config::ProducerSettings& settings, Log& log, std::string oauth_token_file)
      : settings_(settings), oauth_token_file_(std::move(oauth_token_file)), log_(log) {}

  Result<void> start(DeliveryListener& listener);
  bool stop(std::chrono::steady_clock::time_point deadline);
  Result<TopicId> open_topic(std::string_view name);
  [[nodiscard]] std::vector<SingleWriterStatus> status() const;

  /// Null: no such topic.
  [[nodiscard]] SingleWriterLane* lane(TopicId topic) const noexcept {
    const auto index = static_cast<std::size_t>(topic);
    return index < lanes_.size() ? lanes_[index].load(std::memory_order_acquire) : nullptr;
  }

 private:
  const config::ProducerSettings settings_;
  const std::string oauth_token_file_;
  Log& log_;
  std::array<std::atomic<SingleWriterLane*>, max_topics> lanes_{};  // for senders, who take no lock

  mutable std::mutex mutex_;  // guards what follows
  DeliveryListener* listener_ = nullptr;
  std::vector<std::pair<std::string, std::unique_ptr<SingleWriterLane>>> topics_;  // by TopicId
};

Result<void> SingleWriter::Impl::start(DeliveryListener& listener) {
  const std::lock_guard lock(mutex_);
  if (listener_ != nullptr) return {};
  for (std::size_t i = 0; i < topics_.size(); ++i) {
    if (Result<void> started = topics_[i].second->start(listener); started) continue;
    for (std::size_t begun = 0; begun < i; ++begun) {
      topics_[begun].second->begin_stop(std::chrono::steady_clock::now());
      (void)topics_[begun].second->finish();
    }
    return Error(ErrorCode::failed, "the single writer of topic " + topics_[i].first + " cannot be started");
  }
  listener_ = &listener;
  return {};
}

bool SingleWriter::Impl::stop(std::chrono::steady_clock::time_point deadline) {
  const std::lock_guard lock(mutex_);
  if (listener_ == nullptr) return true;
  for (const auto& [name, lane] : topics_) lane->begin_stop(deadline);
  bool in_time = true;
  for (const auto& [name, lane] : topics_) in_time = lane->finish() && in_time;
  listener_ = nullptr;
  return in_time;
}

Result<TopicId> SingleWriter::Impl::open_topic(std::string_view name) {
  const std::lock_guard lock(mutex_);
  if (listener_ == nullptr) return Error(ErrorCode::state, "the single writer is stopped");
  for (std::size_t i = 0; i < topics_.size(); ++i) {
    if (topics_[i].first == name) return TopicId(i);
  }
  if (topics_.size() == max_topics) {
    return Error(ErrorCode::busy, "single_writer is for at most " + std::to_string(max_topics) +
                                      " topics of a process, each of which has a client of its own");
  }
  auto producer = TransactionalProducer::create(settings_of(settings_, name), log_, oauth_token_file_);
  if (!producer) return producer.error();
  auto lane =
      std::make_unique<SingleWriterLane>(std::string(name), std::move(producer).value(), limits_of(settings_), log_);
  if (Result<void> started = lane->start(*listener_); !started) return started.error();
  const auto id = TopicId(topics_.size());
  topics_.emplace_back(name, std::move(lane));
  lanes_[static_cast<std::size_t>(id)].store(topics_.back().second.get(), std::memory_order_release);
  return id;
}

std::vector<SingleWriterStatus> SingleWriter::Impl::status() const {
  std::vector<SingleWriterStatus> all;
  for (const auto& each : lanes_) {
    if (const SingleWriterLane* lane = each.load(std::memory_order_acquire)) all.push_back(lane->status());
  }
  return all;
}

Result<std::unique_ptr<SingleWriter>> SingleWriter::create(const config::ProducerSettings& settings, Log& log,
                                                           std::string oauth_token_file) {
  // Of any topic: whether such a producer can be made at all.
  auto checked = TransactionalProducer::create(settings_of(settings, "topic"), log, oauth_token_file);
  if (!checked) return checked.error();
  return std::unique_ptr<SingleWriter>(
      new SingleWriter(std::make_unique<Impl>(settings, log, std::move(oauth_token_file))));
}

SingleWriter::SingleWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

SingleWriter::~SingleWriter() { (void)impl_->stop(std::chrono::steady_clock::now()); }

Result<void> SingleWriter::start(DeliveryListener& listener) { return impl_->start(listener); }

bool SingleWriter::stop(std::chrono::steady_clock::time_point deadline) { return impl_->stop(deadline); }

Result<TopicId> SingleWriter::open_topic(std::string_view name) { return impl_->open_topic(name); }

SendStatus SingleWriter::send(const OutboundRecord& record) noexcept {
  SingleWriterLane* lane = impl_->lane(record.topic);
  return lane == nullptr ? SendStatus::refused : lane->send(record);
}

std::string SingleWriter::explain(SendStatus status, const OutboundRecord& record) const {
  const SingleWriterLane* lane = impl_->lane(record.topic);
  return lane == nullptr ? "the topic is not open" : lane->explain(status, record);
}

std::vector<SingleWriterStatus> SingleWriter::status() const { return impl_->status(); }

}  // namespace kafka_events
