// Threads that come with a request and are joined with the next one, or at close().
#include "inbound/dead_letter_desk.h"

#include <algorithm>
#include <array>
#include <pthread.h>
#include <utility>

namespace kafka_events {
namespace {

constexpr std::string_view component = "inbound.dead_letters";
/// A stop waits for a list that is being made.
constexpr std::chrono::seconds longest_list{5};

}  // namespace

void DeadLetterDesk::open() {
  const std::lock_guard lock(mutex_);
  closing_ = false;
  open_ = true;
  last_.reset();
}

void DeadLetterDesk::close() {
  std::thread list;
  std::thread redrive;
  {
    const std::lock_guard lock(mutex_);
    open_ = false;
    closing_ = true;
    list.swap(list_thread_);
    redrive.swap(redrive_thread_);
  }
  if (list.joinable()) list.join();
  if (redrive.joinable()) redrive.join();
}

const config::WorkerSettings* DeadLetterDesk::find(const std::string& worker) const {
  const auto found = std::ranges::find(settings_.workers, worker, &config::WorkerSettings::name);
  return found == settings_.workers.end() ? nullptr : &*found;
}

Result<void> DeadLetterDesk::list(DeadLetterQuery query, Clock::time_point deadline, Listed done) {
  const config::WorkerSettings* worker = find(query.worker);
  if (worker == nullptr) return Error(ErrorCode::not_found, "there is no worker " + query.worker);
  const std::lock_guard lock(mutex_);
  if (!open_) return Error(ErrorCode::state, "the Kafka plugin is stopped");
  if (listing_) return Error(ErrorCode::busy, "dead letters are being listed already");
  if (list_thread_.joinable()) list_thread_.join();  // it has ended but for its last instructions
  listing_ = true;
  deadline = std::min(deadline, Clock::now() + longest_list);
  list_thread_ = std::thread([this, worker, limit = query.limit, deadline, done = std::move(done)] {
    pthread_setname_np(pthread_self(), "kfk-letters");
    run_list(*worker, limit, deadline, done);
  });
  return {};
}

void DeadLetterDesk::run_list(const config::WorkerSettings& worker, std::uint32_t limit, Clock::time_point deadline,
                              const Listed& done) {
  auto source = parts_.open_source(worker);
  Result<DeadLetterList> list =
      source ? list_dead_letters(worker, settings_.topic_prefix, limit, *source.value(), deadline) : source.error();
  {
    const std::lock_guard lock(mutex_);
    listing_ = false;
  }
  done(list);
}

Result<void> DeadLetterDesk::redrive(RedriveRequest request, Clock::time_point answer_by, Redriven done) {
  const config::WorkerSettings* worker = find(request.worker);
  if (worker == nullptr) return Error(ErrorCode::not_found, "there is no worker " + request.worker);
  const std::lock_guard lock(mutex_);
  if (!open_) return Error(ErrorCode::state, "the Kafka plugin is stopped");
  if (redriving_) return Error(ErrorCode::state, "a redrive is under way; GET /kafka/dead-letters shows how far it is");
  if (redrive_thread_.joinable()) redrive_thread_.join();
  redriving_ = true;
  redrive_thread_ =
      std::thread([this, worker, request = std::move(request), answer_by, done = std::move(done)]() mutable {
        pthread_setname_np(pthread_self(), "kfk-redrive");
        run_redrive(*worker, request, answer_by, std::move(done));
      });
  return {};
}

void DeadLetterDesk::run_redrive(const config::WorkerSettings& worker, const RedriveRequest& request,
                                 Clock::time_point answer_by, Redriven done) {
  RedriveReport report;
  report.worker = worker.name;
  report.started = std::chrono::system_clock::now();
  auto maker = maker_for_redrive(worker, settings_.topic_prefix, parts_.codecs);
  if (!maker) {
    report.problem = maker.error().message;
  } else if (auto source = parts_.open_source(worker); !source) {
    report.problem = source.error().message;
  } else {
    const auto redrive = std::make_shared<Redrive>(worker, settings_.topic_prefix, std::move(maker).value(), request,
                                                   *source.value(), parts_.sink);
    {
      const std::lock_guard lock(mutex_);
      current_ = redrive;
    }
    if (auto opened = parts_.open_sink(*redrive); !opened) {
      report.problem = opened.error().message;
    } else {
      redrive->run([this] { return closing_.load(); },
                   [&] {
                     if (done == nullptr || Clock::now() < answer_by) return;
                     std::exchange(done, nullptr)(redrive->report());
                   });
      parts_.close_sink();
      report = redrive->report();
    }
  }
  const std::string redriven = std::to_string(report.redriven);
  const std::string left = std::to_string(report.left);
  const std::array fields{LogField{"kafka_events.worker", worker.name}, LogField{"kafka_events.redriven", redriven},
                          LogField{"kafka_events.left", left}, LogField{"error.message", report.problem}};
  log_.write(report.problem.empty() ? LogLevel::info : LogLevel::warning, component, "a redrive has ended", fields);
  {
    const std::lock_guard lock(mutex_);
    current_ = nullptr;
    last_ = report;
    redriving_ = false;
  }
  if (done != nullptr) done(report);
}

std::optional<RedriveReport> DeadLetterDesk::last_redrive() const {
  std::shared_ptr<Redrive> current;
  {
    const std::lock_guard lock(mutex_);
    if (current_ == nullptr) return last_;
    current = current_;
  }
  return current->report();
}

}  // namespace kafka_events
