// The second half of the pipeline: delivery reports become status events and completions. Delivery thread.

#include <algorithm>
#include <array>
#include <exception>

#include "outbound/pipeline.h"

namespace kafka_events {
namespace {

constexpr std::size_t completions_at_once = 256;
constexpr std::size_t reports_ahead = 8;
constexpr std::size_t cache_line = 64;
constexpr std::size_t event_lines = 5;  // the host's record of an event, and the topic behind it

// With many records in flight an event has long left the cache when its report comes: fetching it was most of the cost
// of a report. The address is only a hint to the processor, nothing is read.
void expect(EventHandle event) noexcept {
  if (event == nullptr) return;
  const auto* bytes = reinterpret_cast<const char*>(event);
  for (std::size_t line = 0; line < event_lines; ++line) __builtin_prefetch(bytes + line * cache_line);
}

}  // namespace

/// What the reports of one call have in common: mostly the event topic, and the route whose counters they go to.
class OutboundPipeline::ReportBatch {
 public:
  ReportBatch(RouteCache& cache, RouteCounters* counters, std::uint32_t number) noexcept
      : cache_(cache), counters_(counters), number_(number) {}
  ~ReportBatch() { flush(); }
  ReportBatch(const ReportBatch&) = delete;
  ReportBatch& operator=(const ReportBatch&) = delete;

  [[nodiscard]] std::uint32_t number() const noexcept { return number_; }

  /// Valid until the next call.
  const ResolvedTopic& topic(std::string_view name) {
    if (topic_ == nullptr || topic_->topic != name) topic_ = &cache_.find(name, holder_);
    return *topic_;
  }

  void count(const DeliveryReport& delivery, std::size_t route) noexcept {
    if (!delivery.delivered) return counters_[route].failed();
    if (route != route_) flush();
    route_ = route;
    tally_.add(delivery.latency_us, delivery.value_bytes);
  }

  /// Before anybody is told of a delivery that was counted.
  void flush() noexcept {
    if (tally_.empty()) return;
    counters_[route_].delivered(tally_);
    tally_ = {};
  }

 private:
  RouteCache& cache_;
  RouteCounters* counters_;
  const std::uint32_t number_;
  const ResolvedTopic* topic_ = nullptr;
  std::unique_ptr<ResolvedTopic> holder_;
  std::size_t route_ = 0;
  DeliveryTally tally_;
};

void OutboundPipeline::on_deliveries(std::span<const DeliveryReport> reports) noexcept {
  ReportBatch batch(cache_, counters_.get(), batch_.fetch_add(1, std::memory_order_relaxed) + 1);
  std::array<EventHandle, completions_at_once> delivered;
  std::size_t count = 0;
  for (std::size_t index = 0; index < reports.size(); ++index) {
    const DeliveryReport& delivery = reports[index];
    if (index + reports_ahead < reports.size()) expect(reports[index + reports_ahead].event);
    try {
      report(delivery, batch);
    } catch (const std::exception&) {
      // Out of memory: its status event is missing, its completion is not.
    }
    if (delivery.event == nullptr) continue;  // nobody waits
    if (!delivery.delivered) {
      bus_.complete(delivery.event, Outcome::failed, delivery.reason);
      continue;
    }
    delivered[count++] = delivery.event;
    if (count < delivered.size()) continue;
    batch.flush();
    bus_.complete_many(delivered, Outcome::done);
    count = 0;
  }
  batch.flush();
  if (count > 0) bus_.complete_many(std::span(delivered).first(count), Outcome::done);
}

void OutboundPipeline::report(const DeliveryReport& delivery, ReportBatch& batch) {
  if (delivery.delivered && !reports_need_source_) {
    batch.count(delivery, 0);
  } else {
    const bool known = delivery.source != nullptr || delivery.event != nullptr;
    if (!known) return;
    const Event source = delivery.event != nullptr ? bus_.view(delivery.event) : *delivery.source;
    // What came from the outbox or a transaction has left long ago.
    if (further_.tenants != nullptr && delivery.event != nullptr) {
      further_.tenants->leave(source.tenant, source.payload.size());
    }
    report(delivery, source, batch);
  }
}

void OutboundPipeline::report(const DeliveryReport& delivery, const Event& source, ReportBatch& batch) {
  const ResolvedTopic& topic = batch.topic(source.topic);
  if (topic.routes.empty()) return;  // accepted by an older configuration
  const ResolvedRoute& route = topic.routes.size() == 1 ? topic.routes.front() : route_of(delivery, source, topic);
  const config::RouteSettings& settings = route.route->settings;
  batch.count(delivery, route.index);
  if (!delivery.delivered) {
    log_undelivered(failed_log_, source, *route.route, delivery.reason);
    if (!settings.reply_to.empty() && further_.requests != nullptr) cancel_request(delivery, source);
  }
  if (!settings.status_events) return;
  if (delivery.delivered) {
    if (!status_events_.others_listen_to_sent(topic, batch.number())) return;
    batch.flush();
    status_events_.sent(source, topic, route, delivery);
  } else {
    status_events_.undeliverable(source, topic, route, delivery);
  }
}

// The bus no longer knows an event's headers; the record that came back undelivered still has its own.
void OutboundPipeline::cancel_request(const DeliveryReport& delivery, const Event& source) noexcept {
  const std::span<const Header> headers = delivery.failed != nullptr   ? delivery.failed->headers
                                          : delivery.source != nullptr ? delivery.source->headers
                                                                       : source.headers;
  const auto named = std::ranges::find(headers, correlation_header, &Header::name);
  further_.requests->cancel(named != headers.end() ? named->value : source.id);
}

// A report says only which event and which Kafka topic. Where two routes of an event lead to one Kafka topic, or the
// name depends on headers, which are gone by now, the first that may be meant is taken: their counters and nothing else
// differ.
const ResolvedRoute& OutboundPipeline::route_of(const DeliveryReport& delivery, const Event& source,
                                                const ResolvedTopic& topic) const {
  const ResolvedRoute* by_headers = nullptr;
  std::string buffer;
  for (const ResolvedRoute& route : topic.routes) {
    if (!route.topic_is_constant && route.route->topic.uses_headers()) {
      if (by_headers == nullptr) by_headers = &route;
      continue;
    }
    const Result<std::string_view> name = builder_.kafka_topic(source, route, buffer);
    if (name.ok() && name.value() == delivery.topic) return route;
  }
  return by_headers != nullptr ? *by_headers : topic.routes.front();
}

}  // namespace kafka_events
