// The queue of calls, and the thread that makes and ends the client; topic_admin_calls.cpp does what is asked.
#include "kafka/topic_administrator.h"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <pthread.h>
#include <system_error>
#include <thread>
#include <utility>

#include "kafka/client.h"
#include "kafka/properties.h"
#include "kafka/topic_admin_calls.h"
#include "kafka/topic_admin_words.h"

namespace kafka_events {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int longest_rest_ms = 1000;

}  // namespace

class TopicAdministrator::Impl {
 public:
  Impl(const config::ProducerSettings& settings, Log& log, std::string oauth_token_file, std::chrono::milliseconds idle)
      : settings_(settings), oauth_token_file_(std::move(oauth_token_file)), idle_(idle), log_(log) {}

  Result<void> start();
  void stop();

  /// `work` is called with the client, on the thread; what it returns is the answer.
  template <class T, class Work>
  Result<void> submit(Deadline deadline, std::function<void(const Result<T>&)> answer, Work work) {
    return enqueue({deadline, [answer = std::move(answer), work = std::move(work), deadline](TopicAdminClient* client,
                                                                                             const Error* error) {
                      answer(error == nullptr ? guarded<T>(work, *client, deadline) : Result<T>(*error));
                    }});
  }

 private:
  struct Job {
    Deadline deadline;
    std::function<void(TopicAdminClient* client, const Error* error)> run;  // one of them is null
  };

  template <class T, class Work>
  static Result<T> guarded(const Work& work, TopicAdminClient& client, Deadline deadline) {
    try {
      return work(client, deadline);
    } catch (const std::exception& problem) {
      return Error(ErrorCode::internal, problem.what());
    }
  }

  Result<void> enqueue(Job job);
  void serve();
  bool take(std::optional<Job>& job);
  void perform(const Job& job);
  Result<void> have_client();
  void end_client();

  const config::ProducerSettings settings_;
  const std::string oauth_token_file_;
  const std::chrono::milliseconds idle_;
  Log& log_;
  std::thread thread_;  // lifecycle thread
  std::atomic<bool> stopping_{false};
  Clock::time_point used_{};  // the thread's

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  bool open_ = false;
  std::unique_ptr<TopicAdminClient> client_;  // the thread's; others wake it under the mutex
};

Result<void> TopicAdministrator::Impl::start() {
  if (thread_.joinable()) return {};
  stopping_ = false;
  try {
    thread_ = std::thread([this] { serve(); });
  } catch (const std::system_error& error) {
    return Error(ErrorCode::failed, std::string("the thread for topic administration: ") + error.what());
  }
  const std::lock_guard lock(mutex_);
  open_ = true;
  return {};
}

void TopicAdministrator::Impl::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    open_ = false;
    stopping_ = true;
    if (client_) client_->wake();
  }
  changed_.notify_all();
  thread_.join();
  std::deque<Job> left;
  {
    const std::lock_guard lock(mutex_);
    left.swap(jobs_);
  }
  const Error stopped = stopped_meanwhile();
  for (const Job& job : left) job.run(nullptr, &stopped);
}

Result<void> TopicAdministrator::Impl::enqueue(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (!open_) return Error(ErrorCode::state, "the Kafka plugin is stopped");
    if (jobs_.size() >= max_waiting) {
      return Error(ErrorCode::busy, std::to_string(jobs_.size()) + " calls about topics wait already; try again later");
    }
    jobs_.push_back(std::move(job));
    if (client_) client_->wake();
  }
  changed_.notify_all();
  return {};
}

void TopicAdministrator::Impl::serve() {
  pthread_setname_np(pthread_self(), "kfk-admin");
  std::optional<Job> job;
  while (take(job)) {
    if (!job) continue;
    perform(*job);
    job.reset();
    used_ = Clock::now();
  }
  end_client();
}

/// False: the end. Without a job: it has waited for one.
bool TopicAdministrator::Impl::take(std::optional<Job>& job) {
  std::unique_lock lock(mutex_);
  if (client_ == nullptr) changed_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
  if (stopping_) return false;
  if (!jobs_.empty()) {
    job = std::move(jobs_.front());
    jobs_.pop_front();
    return true;
  }
  lock.unlock();
  const Clock::time_point until = used_ + idle_;
  if (Clock::now() >= until) {
    end_client();
  } else {
    client_->serve(remaining_ms(until, longest_rest_ms));
  }
  return true;
}

void TopicAdministrator::Impl::perform(const Job& job) {
  if (Clock::now() >= job.deadline) {
    const Error late(ErrorCode::timeout, "other calls about topics took all of the time; nothing was done");
    return job.run(nullptr, &late);
  }
  const Result<void> connected = have_client();
  if (!connected) return job.run(nullptr, &connected.error());
  job.run(client_.get(), nullptr);
}

Result<void> TopicAdministrator::Impl::have_client() {
  if (client_) return {};
  auto made = TopicAdminClient::create(settings_, oauth_token_file_, log_, stopping_);
  if (!made) return made.error();
  const std::lock_guard lock(mutex_);
  client_ = std::move(made).value();
  return {};
}

void TopicAdministrator::Impl::end_client() {
  std::unique_ptr<TopicAdminClient> ended;
  const std::lock_guard lock(mutex_);
  ended.swap(client_);
}

Result<std::unique_ptr<TopicAdministrator>> TopicAdministrator::create(const config::ProducerSettings& settings,
                                                                       Log& log, std::string oauth_token_file,
                                                                       std::chrono::milliseconds idle) {
  if (auto resident = keep_librdkafka_resident(); !resident) return resident.error();
  if (const auto problems = check_properties(settings.properties); !problems.empty()) {
    return Error(ErrorCode::invalid, problems.front().message);
  }
  return std::unique_ptr<TopicAdministrator>(
      new TopicAdministrator(std::make_unique<Impl>(settings, log, std::move(oauth_token_file), idle)));
}

TopicAdministrator::TopicAdministrator(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

TopicAdministrator::~TopicAdministrator() { impl_->stop(); }

Result<void> TopicAdministrator::start() { return impl_->start(); }

void TopicAdministrator::stop() { impl_->stop(); }

Result<void> TopicAdministrator::list(Deadline deadline, TopicListAnswer answer) {
  return impl_->submit<TopicList>(deadline, std::move(answer), topic_admin::list);
}

Result<void> TopicAdministrator::describe(std::vector<std::string> names, Deadline deadline, TopicListAnswer answer) {
  if (Result<void> checked = check_topic_names(names); !checked) return checked;
  return impl_->submit<TopicList>(deadline, std::move(answer), [names = std::move(names)](auto& client, auto until) {
    return topic_admin::describe(client, names, until);
  });
}

Result<void> TopicAdministrator::create(std::vector<TopicSpec> topics, Deadline deadline, TopicOutcomesAnswer answer) {
  if (Result<void> checked = check_topic_specs(topics); !checked) return checked;
  return impl_->submit<TopicOutcomes>(
      deadline, std::move(answer),
      [topics = std::move(topics)](auto& client, auto until) { return topic_admin::create(client, topics, until); });
}

Result<void> TopicAdministrator::remove(std::vector<std::string> names, Deadline deadline, TopicOutcomesAnswer answer) {
  if (Result<void> checked = check_topic_names(names); !checked) return checked;
  return impl_->submit<TopicOutcomes>(
      deadline, std::move(answer),
      [names = std::move(names)](auto& client, auto until) { return topic_admin::remove(client, names, until); });
}

Result<void> TopicAdministrator::add_partitions(std::string name, std::int32_t total, Deadline deadline,
                                                TopicOutcomesAnswer answer) {
  TopicSpec wanted;
  wanted.name = name;
  wanted.partitions = total;
  if (Result<void> checked = check_topic_specs({&wanted, 1}); !checked) return checked;
  return impl_->submit<TopicOutcomes>(deadline, std::move(answer),
                                      [name = std::move(name), total](auto& client, auto until) {
                                        return topic_admin::add_partitions(client, name, total, until);
                                      });
}

}  // namespace kafka_events
