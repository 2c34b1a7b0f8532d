#include "requests/request_table.h"

#include <utility>

namespace kafka_events {

Result<void> RequestTable::add(PendingRequest request) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(request.correlation_id);
  if (found != entries_.end() && !found->second->request.late) {
    return Error(
        ErrorCode::exists,
        "a request with this kafka_correlationId still waits for its answer; give each request one of its own");
  }
  if (waiting_.size() >= max_pending_) {
    return Error(ErrorCode::busy,
                 std::to_string(max_pending_) +
                     " requests wait for their answers already (requests.max_pending); try again later");
  }
  if (found != entries_.end()) extract(*found->second);
  insert(std::move(request));
  return {};
}

void RequestTable::insert(PendingRequest&& request) {
  auto entry = std::make_unique<Entry>();
  entry->request = std::move(request);
  entry->place = (entry->request.late ? late_ : waiting_).emplace(entry->request.due, entry.get());
  const std::string_view name = entry->request.correlation_id;
  entries_.emplace(name, std::move(entry));
}

PendingRequest RequestTable::extract(Entry& entry) {
  (entry.request.late ? late_ : waiting_).erase(entry.place);
  const auto found = entries_.find(entry.request.correlation_id);
  const std::unique_ptr<Entry> owner = std::move(found->second);
  entries_.erase(found);
  return std::move(owner->request);
}

std::optional<PendingRequest> RequestTable::take(std::string_view correlation_id) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(correlation_id);
  if (found == entries_.end()) return std::nullopt;
  return extract(*found->second);
}

void RequestTable::put_back(PendingRequest request) {
  const std::lock_guard lock(mutex_);
  if (!entries_.contains(request.correlation_id)) insert(std::move(request));
}

void RequestTable::remove(std::string_view correlation_id) noexcept {
  const std::lock_guard lock(mutex_);
  if (const auto found = entries_.find(correlation_id); found != entries_.end()) extract(*found->second);
}

std::vector<PendingRequest> RequestTable::expire(Time now, std::size_t most) {
  std::vector<PendingRequest> expired;
  const std::lock_guard lock(mutex_);
  forget_oldest_late(now);
  while (!waiting_.empty() && expired.size() < most && waiting_.begin()->first <= now) {
    PendingRequest& request = expired.emplace_back(extract(*waiting_.begin()->second));
    PendingRequest late = request;
    late.late = true;
    late.due = now + late_time;
    insert(std::move(late));
  }
  forget_oldest_late(now);
  return expired;
}

void RequestTable::forget_oldest_late(Time now) {
  while (!late_.empty() && (late_.size() > max_pending_ || late_.begin()->first <= now)) {
    extract(*late_.begin()->second);
  }
}

std::vector<PendingRequest> RequestTable::take_all() {
  const std::lock_guard lock(mutex_);
  std::vector<PendingRequest> requests;
  requests.reserve(entries_.size());
  for (const ByDue* each : {&waiting_, &late_}) {
    for (const auto& [due, entry] : *each) requests.push_back(entry->request);
  }
  waiting_.clear();
  late_.clear();
  entries_.clear();
  return requests;
}

std::uint64_t RequestTable::size() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

std::optional<RequestTable::Time> RequestTable::next_due() const {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) return std::nullopt;
  return waiting_.begin()->first;
}

}  // namespace kafka_events
