// The threads on which RocksDB works in the background.
#include "store/background_threads.h"

#include <algorithm>
#include <chrono>
#include <pthread.h>
#include <vector>

namespace kafka_events {

BackgroundThreads::BackgroundThreads() : EnvWrapper(rocksdb::Env::Default()) {
  lanes_[0].name = "kfk-flush";
  lanes_[1].name = "kfk-compact";
}

BackgroundThreads::~BackgroundThreads() {
  for (Lane& lane : lanes_) {
    {
      const std::lock_guard lock(lane.mutex);
      lane.ending = true;
    }
    lane.wake.notify_all();
    if (lane.thread.joinable()) lane.thread.join();
  }
}

void BackgroundThreads::Schedule(void (*function)(void*), void* argument, Priority priority, void* tag,
                                 void (*unscheduled)(void*)) {
  Lane& to = lane(priority);
  {
    const std::lock_guard lock(to.mutex);
    to.jobs.push_back({function, argument, tag, unscheduled, priority});
    if (!to.thread.joinable()) {
      to.thread = std::thread([&to] { run(to); });
      pthread_setname_np(to.thread.native_handle(), to.name);
    }
  }
  to.wake.notify_one();
}

int BackgroundThreads::UnSchedule(void* tag, Priority priority) {
  std::vector<Job> removed;
  Lane& from = lane(priority);
  {
    const std::lock_guard lock(from.mutex);
    const auto rest = std::stable_partition(from.jobs.begin(), from.jobs.end(),
                                            [&](const Job& job) { return job.tag != tag || job.priority != priority; });
    removed.assign(rest, from.jobs.end());
    from.jobs.erase(rest, from.jobs.end());
  }
  for (const Job& job : removed) {
    if (job.unscheduled != nullptr) job.unscheduled(job.argument);
  }
  return static_cast<int>(removed.size());
}

unsigned int BackgroundThreads::GetThreadPoolQueueLen(Priority priority) const {
  const Lane& of = lane(priority);
  const std::lock_guard lock(of.mutex);
  return static_cast<unsigned int>(of.jobs.size());
}

void BackgroundThreads::run(Lane& lane) {
  std::unique_lock lock(lane.mutex);
  while (true) {
    lane.wake.wait_for(lock, std::chrono::seconds(10), [&] { return lane.ending || !lane.jobs.empty(); });
    if (!lane.jobs.empty()) {
      const Job job = lane.jobs.front();
      lane.jobs.pop_front();
      lock.unlock();
      job.function(job.argument);
      lock.lock();
    } else if (lane.ending) {
      return;
    }
  }
}

}  // namespace kafka_events
