// The threads on which RocksDB works in the background: ours, named, started when there is work and joined when the store
// is closed. RocksDB's own pool is one for the whole process and never ends.
#pragma once

#include <array>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <rocksdb/env.h>
#include <thread>

namespace kafka_events {

/// One thread that writes full buffers to tables, so that appends go on, and one for the rest.
class BackgroundThreads final : public rocksdb::EnvWrapper {
 public:
  BackgroundThreads();
  ~BackgroundThreads() override;  ///< no database may use it any more

  static const char* kClassName() { return "BackgroundThreads"; }
  [[nodiscard]] const char* Name() const override { return kClassName(); }

  void Schedule(void (*function)(void*), void* argument, Priority priority, void* tag,
                void (*unscheduled)(void*)) override;
  int UnSchedule(void* tag, Priority priority) override;
  [[nodiscard]] unsigned int GetThreadPoolQueueLen(Priority priority) const override;
  void SetBackgroundThreads(int, Priority) override {}
  int GetBackgroundThreads(Priority) override { return 1; }
  void IncBackgroundThreadsIfNeeded(int, Priority) override {}
  int ReserveThreads(int, Priority) override { return 0; }
  int ReleaseThreads(int, Priority) override { return 0; }
  void LowerThreadPoolIOPriority(Priority) override {}
  void LowerThreadPoolCPUPriority(Priority) override {}
  rocksdb::Status LowerThreadPoolCPUPriority(Priority, rocksdb::CpuPriority) override { return {}; }

 private:
  struct Job {
    void (*function)(void*);
    void* argument;
    void* tag;
    void (*unscheduled)(void*);
    Priority priority;
  };
  struct Lane {
    const char* name = "";
    mutable std::mutex mutex;
    std::condition_variable wake;
    std::deque<Job> jobs;
    bool ending = false;
    std::thread thread;
  };

  static void run(Lane& lane);
  [[nodiscard]] Lane& lane(Priority priority) { return lanes_[priority == HIGH ? 0 : 1]; }
  [[nodiscard]] const Lane& lane(Priority priority) const { return lanes_[priority == HIGH ? 0 : 1]; }

  std::array<Lane, 2> lanes_;
};

}  // namespace kafka_events
