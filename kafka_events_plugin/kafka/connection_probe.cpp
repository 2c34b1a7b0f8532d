// Metadata requests as heartbeats.
#include "kafka/connection_probe.h"

#include <algorithm>

namespace kafka_events {

void ConnectionProbe::check(rd_kafka_t* client, rd_kafka_topic_t* topic) {
  if (Clock::now() < next_) return;
  const rd_kafka_metadata_t* metadata = nullptr;
  const auto code = rd_kafka_metadata(client, 0, topic, &metadata, static_cast<int>(timeout_.count()));
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
    answered(*MetadataHandle(metadata));
  } else {
    unanswered(Clock::now());
  }
}

void ConnectionProbe::answered(const rd_kafka_metadata_t& metadata) {
  std::vector<BrokerStatus> brokers;
  brokers.reserve(static_cast<std::size_t>(metadata.broker_cnt));
  for (int i = 0; i < metadata.broker_cnt; ++i) {
    const rd_kafka_metadata_broker_t& broker = metadata.brokers[i];
    brokers.push_back({broker.id, std::string(broker.host) + ":" + std::to_string(broker.port), true});
  }
  {
    const std::lock_guard lock(mutex_);
    brokers_ = std::move(brokers);
  }
  connected_.store(true, std::memory_order_relaxed);
  doubtful_since_ = Clock::time_point::max();
  timeout_ = first_timeout;
  next_ = Clock::now() + check_interval;
}

void ConnectionProbe::unanswered(Clock::time_point now) {
  doubtful_since_ = std::min(doubtful_since_, now - timeout_);
  if (now - doubtful_since_ >= doubt_limit) connected_.store(false, std::memory_order_relaxed);
  timeout_ = std::min(timeout_ * 2, longest_timeout);
  next_ = now + retry_pause;
}

void ConnectionProbe::doubt(bool all_brokers_down) {
  const auto now = Clock::now();
  doubtful_since_ = std::min(doubtful_since_, now);
  // A single broker that closes an idle connection makes the same error: an answer is still awaited for a moment.
  if (all_brokers_down) doubtful_since_ = std::min(doubtful_since_, now - doubt_limit / 2);
  next_ = std::min(next_, now + retry_pause);
}

void ConnectionProbe::taken_over() {
  reset();
  connected_.store(true, std::memory_order_relaxed);
  next_ = Clock::now() + check_interval;
}

void ConnectionProbe::reset() {
  connected_.store(false, std::memory_order_relaxed);
  doubtful_since_ = Clock::time_point::max();
  timeout_ = first_timeout;
  next_ = {};
  const std::lock_guard lock(mutex_);
  brokers_.clear();
}

std::vector<BrokerStatus> ConnectionProbe::brokers() const {
  const std::lock_guard lock(mutex_);
  std::vector<BrokerStatus> brokers = brokers_;
  for (BrokerStatus& broker : brokers) broker.connected = connected();
  return brokers;
}

}  // namespace kafka_events
