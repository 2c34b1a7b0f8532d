#include "requests/pending_requests.h"

#include <utility>

#include "requests/reply_reader.h"

namespace kafka_events {

using Clock = std::chrono::steady_clock;

class PendingRequests::Impl {
 public:
  Impl(const config::RequestSettings& settings, EventBus& bus, Log& log)
      : table(settings.max_pending), events(bus), reader(table, events, counts, log) {}

  RequestCounts counts;
  RequestTable table;
  ReplyEvents events;
  ReplyReader reader;
};

PendingRequests::PendingRequests(const config::RequestSettings& settings, EventBus& bus, Log& log)
    : impl_(std::make_unique<Impl>(settings, bus, log)) {}

PendingRequests::~PendingRequests() = default;

Result<void> PendingRequests::open(std::string_view correlation_id, const Event& request,
                                   std::chrono::milliseconds timeout) {
  Result<void> taken = Error(
      ErrorCode::busy, "answers cannot be read yet: the reply topics have not been assigned; try again in a moment");
  if (impl_->reader.ready()) {
    const auto now = Clock::now();
    PendingRequest pending{std::string(correlation_id),
                           std::string(request.topic),
                           std::string(request.tenant),
                           std::string(request.key),
                           is_null(request.key),
                           std::string(request.id),
                           now,
                           now + timeout,
                           false};
    taken = impl_->table.add(std::move(pending));
  }
  (taken ? impl_->counts.sent : impl_->counts.refused).fetch_add(1, std::memory_order_relaxed);
  return taken;
}

void PendingRequests::cancel(std::string_view correlation_id) noexcept { impl_->table.remove(correlation_id); }

RecordHandler& PendingRequests::reader() noexcept { return impl_->reader; }

void PendingRequests::give_up(std::string_view reason) {
  for (const PendingRequest& each : impl_->table.take_all()) {
    if (each.late) continue;
    impl_->counts.timed_out.fetch_add(1, std::memory_order_relaxed);
    (void)impl_->events.timeout(each, reason);
  }
}

std::vector<RequestHandover> PendingRequests::hand_over() {
  const auto now = Clock::now();
  std::vector<RequestHandover> all;
  for (PendingRequest& each : impl_->table.take_all()) {
    RequestHandover& to = all.emplace_back();
    to.due_in_ms = std::chrono::duration_cast<std::chrono::milliseconds>(each.due - now).count();
    to.age_us = std::chrono::duration_cast<std::chrono::microseconds>(now - each.opened).count();
    to.correlation_id = std::move(each.correlation_id);
    to.topic = std::move(each.topic);
    to.tenant = std::move(each.tenant);
    to.key = std::move(each.key);
    to.null_key = each.null_key;
    to.id = std::move(each.id);
    to.late = each.late;
  }
  return all;
}

void PendingRequests::take_over(const std::vector<RequestHandover>& requests) {
  const auto now = Clock::now();
  for (const RequestHandover& each : requests) {
    impl_->table.put_back({each.correlation_id, each.topic, each.tenant, each.key, each.null_key, each.id,
                           now - std::chrono::microseconds(each.age_us),
                           now + std::chrono::milliseconds(each.due_in_ms), each.late});
  }
}

Counters PendingRequests::counters() const { return impl_->counts.all(); }
void PendingRequests::seed(const Counters& counters) { impl_->counts.seed(counters); }

RequestStatus PendingRequests::status() const {
  const RequestCounts& counts = impl_->counts;
  RequestStatus status{impl_->table.size(), counts.sent, counts.answered,
                       counts.timed_out,    counts.late, counts.unknown,
                       counts.refused,      0,           0};
  status.latency_p50_us = impl_->reader.percentile(0.5);
  status.latency_p99_us = impl_->reader.percentile(0.99);
  return status;
}

}  // namespace kafka_events
