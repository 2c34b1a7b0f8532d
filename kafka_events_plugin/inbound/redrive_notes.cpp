// A report and a list of deliveries, behind one mutex.
#include "inbound/redrive_notes.h"

#include <utility>

namespace kafka_events {

RedriveNotes::RedriveNotes(std::string worker) {
  report_.running = true;
  report_.worker = std::move(worker);
  report_.started = std::chrono::system_clock::now();
}

void RedriveNotes::add(std::span<const DeliveryReport> reports) {
  const std::lock_guard lock(mutex_);
  for (const DeliveryReport& each : reports) {
    reports_.push_back({each.number, each.delivered, each.failure == Failure::permanent, std::string(each.reason)});
  }
  reported_.notify_one();
}

void RedriveNotes::wait(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  reported_.wait_for(lock, time, [this] { return !reports_.empty(); });
}

std::vector<RedriveNotes::Reported> RedriveNotes::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(reports_, {});
}

void RedriveNotes::count(std::uint64_t RedriveReport::*which) {
  const std::lock_guard lock(mutex_);
  ++(report_.*which);
}

void RedriveNotes::set_left(std::uint64_t left) {
  const std::lock_guard lock(mutex_);
  report_.left = left;
}

void RedriveNotes::give_up(std::string problem) {
  const std::lock_guard lock(mutex_);
  if (report_.problem.empty()) report_.problem = std::move(problem);
}

bool RedriveNotes::given_up() const {
  const std::lock_guard lock(mutex_);
  return !report_.problem.empty();
}

void RedriveNotes::ended() {
  const std::lock_guard lock(mutex_);
  report_.running = false;
}

RedriveReport RedriveNotes::report() const {
  const std::lock_guard lock(mutex_);
  return report_;
}

}  // namespace kafka_events
