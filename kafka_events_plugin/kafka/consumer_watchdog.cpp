// One look at every consumer, four times a second.
#include "kafka/consumer_watchdog.h"

#include <pthread.h>
#include <utility>

#include "kafka/consumer.h"

namespace kafka_events {

void ConsumerWatchdog::start(std::vector<Consumer*> consumers) {
  stop();
  consumers_ = std::move(consumers);
  if (consumers_.empty()) return;
  stopping_ = false;
  thread_ = std::thread([this] { run(); });
}

void ConsumerWatchdog::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void ConsumerWatchdog::run() {
  pthread_setname_np(pthread_self(), "kfk-watchdog");
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, interval, [this] { return stopping_; })) {
    lock.unlock();
    for (Consumer* consumer : consumers_) consumer->watch();
    lock.lock();
  }
}

}  // namespace kafka_events
