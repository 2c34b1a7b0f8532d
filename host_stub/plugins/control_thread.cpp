// A mailbox for one piece of work, and the thread that empties it.
#include "plugins/control_thread.h"

#include <condition_variable>
#include <mutex>
#include <pthread.h>
#include <thread>
#include <utility>

namespace host_stub {

class ControlThread::Worker {
 public:
  static std::shared_ptr<Worker> start(const char* name) {
    auto worker = std::make_shared<Worker>();
    worker->thread_ = std::thread([worker] { worker->loop(); });
    pthread_setname_np(worker->thread_.native_handle(), name);
    return worker;
  }

  bool run(std::function<void()> work, std::chrono::steady_clock::time_point deadline) {
    std::unique_lock lock(mutex_);
    work_ = std::move(work);
    busy_ = true;
    changed_.notify_all();
    return changed_.wait_until(lock, deadline, [&] { return !busy_; });
  }

  void end() {
    set_ending();
    thread_.join();
  }
  void leave_behind() {
    set_ending();
    thread_.detach();
  }

 private:
  void set_ending() {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    changed_.notify_all();
  }

  void loop() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [&] { return ending_ || busy_; });
      if (!busy_) return;
      lock.unlock();
      work_();
      work_ = nullptr;  // what it shares goes before anybody is told
      lock.lock();
      busy_ = false;
      changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::function<void()> work_;  // touched by the loop while busy_, by run() otherwise
  bool busy_ = false;           // guarded by mutex_
  bool ending_ = false;         // likewise
  std::thread thread_;
};

ControlThread::~ControlThread() {
  if (worker_ != nullptr) worker_->end();
}

bool ControlThread::run(std::function<void()> work, std::chrono::steady_clock::time_point deadline) {
  if (worker_ == nullptr) worker_ = Worker::start(name_);
  if (worker_->run(std::move(work), deadline)) return true;
  std::exchange(worker_, nullptr)->leave_behind();
  return false;
}

}  // namespace host_stub
