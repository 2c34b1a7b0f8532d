// What the services say of themselves, for status page and metrics.
#include "plugin/services.h"

namespace kafka_events {
namespace {

double seconds_of(std::uint64_t microseconds) { return static_cast<double>(microseconds) / 1e6; }

}  // namespace

admin::ServicesView Services::view() const {
  admin::ServicesView view;
  if (registry_) {
    const RegistryStatus status = registry_->status();
    view.registry = {status.url,      status.reachable, status.trouble,    status.schemas,
                     status.requests, status.failures,  status.registered, status.waiting};
  }
  if (requests_) {
    const RequestStatus status = requests_->status();
    view.requests = {status.pending,
                     status.sent,
                     status.answered,
                     status.timed_out,
                     status.late,
                     status.unknown,
                     status.refused,
                     seconds_of(status.latency_p50_us),
                     seconds_of(status.latency_p99_us)};
  }
  if (tenants_) {
    const TenantStatistics status = tenants_->statistics();
    view.tenants = {status.known,          status.active,        status.in_flight,
                    status.refused_events, status.refused_bytes, status.refused_in_flight,
                    status.refused_unfair, status.without_entry, status.bytes};
  }
  if (!writer_) return view;
  for (const SingleWriterStatus& status : writer_->status()) {
    view.writers.push_back({status.topic, status.state, status.trouble, status.committed, status.aborted,
                            status.delivered, status.failed, status.waiting});
  }
  return view;
}

telemetry::ServicesFigures Services::figures() const {
  telemetry::ServicesFigures figures;
  if (registry_) {
    const RegistryStatus status = registry_->status();
    figures.registry = {status.reachable, status.schemas, status.requests, status.failures};
  }
  if (requests_) {
    const RequestStatus status = requests_->status();
    figures.requests = {status.pending, status.sent,    status.answered, status.timed_out,
                        status.late,    status.unknown, status.refused};
  }
  if (tenants_) {
    const TenantStatistics status = tenants_->statistics();
    figures.tenants = {status.known,          status.active,        status.window,
                       status.refused_events, status.refused_bytes, status.refused_in_flight,
                       status.refused_unfair};
  }
  if (!writer_) return figures;
  for (const SingleWriterStatus& status : writer_->status()) {
    figures.writers.push_back({status.topic, status.state == "writing", status.committed, status.aborted});
  }
  return figures;
}

}  // namespace kafka_events
