#include "outbound/pipeline.h"

#include <array>
#include <exception>
#include <utility>

#include "outbound/topic_mapping.h"

namespace kafka_events {

Result<std::unique_ptr<OutboundPipeline>> OutboundPipeline::create(std::span<const config::RouteSettings> routes,
                                                                   std::string_view topic_prefix, EventBus& bus,
                                                                   const RouteSinks& sinks, Log& log,
                                                                   const OutboundParts& further) {
  const std::optional<TopicNameProblem> problem = check_kafka_topic(topic_prefix);
  if (!topic_prefix.empty() && problem && problem->position) {
    return Error(ErrorCode::invalid, "topic_prefix: " + problem->message);
  }
  Result<Router> router = Router::create(routes, further.codecs);
  if (!router.ok()) return router.error();
  return std::unique_ptr<OutboundPipeline>(
      new OutboundPipeline(std::move(router).value(), topic_prefix, bus, sinks, log, further));
}

OutboundPipeline::OutboundPipeline(Router router, std::string_view topic_prefix, EventBus& bus, const RouteSinks& sinks,
                                   Log& log, const OutboundParts& further)
    : further_(further),
      topic_prefix_(topic_prefix),
      router_(std::move(router)),
      bus_(bus),
      sinks_(sinks),
      cache_(router_, topic_prefix),
      builder_(router_.routes().size(), topic_prefix, coarse_wall_clock_us, further),
      status_events_(bus),
      refused_log_(log, "outbound"),
      busy_log_(log, "outbound"),
      failed_log_(log, "outbound"),
      counters_(std::make_unique<RouteCounters[]>(router_.routes().size())),
      reports_need_source_(router_.routes().size() > 1 || further.tenants != nullptr) {
  for (const Route& route : router_.routes()) reports_need_source_ |= route.settings.status_events;
}

OutboundPipeline::~OutboundPipeline() { unsubscribe(); }

Result<void> OutboundPipeline::subscribe() {
  const std::vector<std::string> patterns = router_.patterns();
  if (patterns.empty() || subscription_) return {};
  Result<SubscriptionToken> token = bus_.subscribe("kafka_events.outbound", patterns, *this);
  if (!token.ok()) return token.error();
  subscription_ = token.value();
  status_events_.set_subscribed(true);
  return {};
}

void OutboundPipeline::unsubscribe() {
  if (!subscription_) return;
  bus_.unsubscribe(*subscription_);
  subscription_.reset();
  status_events_.set_subscribed(false);
}

void OutboundPipeline::open() { open_.store(true, std::memory_order_release); }

void OutboundPipeline::close(std::string_view reason) {
  {
    const std::lock_guard lock(closed_reason_mutex_);
    closed_reason_ = reason;
  }
  open_.store(false, std::memory_order_release);
}

HandlerAnswer OutboundPipeline::on_event(const Event& event) noexcept {
  if (event.published_by_us) return HandlerAnswer::done;
  try {
    return handle(event);
  } catch (const std::exception&) {
    return HandlerAnswer::failed;  // out of memory; nothing was sent
  }
}

HandlerAnswer OutboundPipeline::handle(const Event& event) {
  std::unique_ptr<ResolvedTopic> holder;
  const ResolvedTopic& topic = cache_.find(event.topic, holder);
  if (topic.routes.empty()) return HandlerAnswer::done;
  if (!is_open()) return answer_closed(event, topic);
  if (further_.tenants != nullptr) {
    const TenantVerdict verdict = further_.tenants->enter(event.tenant, event.payload.size());
    if (verdict != TenantVerdict::pass) return answer_over_limit(event, topic, verdict);
  }
  return topic.routes.size() == 1 ? send_to_one(event, topic) : send_to_all(event, topic);
}

HandlerAnswer OutboundPipeline::send_to_one(const Event& event, const ResolvedTopic& topic) {
  const ResolvedRoute& route = topic.routes.front();
  std::string reason;
  switch (send(event, topic, route, reason)) {
    case SendStatus::accepted:
      return HandlerAnswer::later;
    case SendStatus::kept:
      bus_.complete(event.handle, Outcome::done, kept_in_outbox);
      return HandlerAnswer::later;
    case SendStatus::full:
      counters_[route.index].busy();
      if (!reason.empty()) log_busy(event, *route.route, reason);
      return HandlerAnswer::busy;
    case SendStatus::too_large:
    case SendStatus::refused:
      break;
  }
  refuse(event, topic, route, reason);
  return HandlerAnswer::failed;
}

// Every route is one completion. The first route is tried before the others are announced: while nothing was taken, the
// handler itself can answer busy, which every publisher gets. Once a route has taken the event, or will never take it, "try
// again" would make a route send it twice. For its tenant the event was let pass once, whatever the number of its records.
HandlerAnswer OutboundPipeline::send_to_all(const Event& event, const ResolvedTopic& topic) {
  const auto others = static_cast<std::uint32_t>(topic.routes.size() - 1);
  if (further_.tenants != nullptr) further_.tenants->add(event.tenant, event.payload.size(), others);
  std::string reason;
  const SendStatus first = send(event, topic, topic.routes.front(), reason);
  if (first == SendStatus::full) {
    for (std::uint32_t left = 0; further_.tenants != nullptr && left < others; ++left) {
      further_.tenants->leave(event.tenant, event.payload.size());
    }
    counters_[topic.routes.front().index].busy();
    if (!reason.empty()) log_busy(event, *topic.routes.front().route, reason);
    return HandlerAnswer::busy;
  }
  bus_.defer(event.handle, others);
  conclude(event, topic, topic.routes.front(), first, reason);
  for (std::size_t index = 1; index < topic.routes.size(); ++index) {
    reason.clear();
    const SendStatus status = send(event, topic, topic.routes[index], reason);
    conclude(event, topic, topic.routes[index], status, reason);
  }
  return HandlerAnswer::later;
}

// One of several routes: what was taken is completed by its report, everything else here.
void OutboundPipeline::conclude(const Event& event, const ResolvedTopic& topic, const ResolvedRoute& route,
                                SendStatus status, std::string_view reason) {
  if (status == SendStatus::accepted) return;
  if (status == SendStatus::kept) return bus_.complete(event.handle, Outcome::done, kept_in_outbox);
  const std::string_view why = reason.empty() ? "the queue is full" : reason;
  refuse(event, topic, route, why);
  bus_.complete(event.handle, Outcome::failed, why);
}

HandlerAnswer OutboundPipeline::answer_closed(const Event& event, const ResolvedTopic& topic) {
  std::string reason;
  {
    const std::lock_guard lock(closed_reason_mutex_);
    reason = closed_reason_.empty() ? "the Kafka plugin was not started" : closed_reason_;
  }
  bool announce = false;
  for (const ResolvedRoute& route : topic.routes) {
    counters_[route.index].refused();
    announce |= route.route->settings.status_events;
  }
  log_undelivered(refused_log_, event, *topic.routes.front().route, reason);
  if (announce) status_events_.undeliverable(event, topic, topic.routes.front(), reason);
  return HandlerAnswer::failed;
}

HandlerAnswer OutboundPipeline::answer_over_limit(const Event& event, const ResolvedTopic& topic,
                                                  TenantVerdict verdict) {
  for (const ResolvedRoute& route : topic.routes) counters_[route.index].busy();
  log_busy(event, *topic.routes.front().route, to_text(verdict));
  return HandlerAnswer::busy;
}

void OutboundPipeline::refuse(const Event& event, const ResolvedTopic& topic, const ResolvedRoute& route,
                              std::string_view reason) noexcept {
  counters_[route.index].refused();
  log_undelivered(refused_log_, event, *route.route, reason);
  if (!route.route->settings.status_events) return;
  try {
    status_events_.undeliverable(event, topic, route, reason);
  } catch (const std::exception&) {
    // Out of memory: the status event is missing, the answer to the publisher is not.
  }
}

// The answer itself says it, at once and to whoever publishes; only the reason has no place in it.
void OutboundPipeline::log_busy(const Event& event, const Route& route, std::string_view reason) noexcept {
  const std::array<LogField, 3> fields = {
      {{"event.topic", event.topic}, {"route", route.settings.name}, {"reason", reason}}};
  busy_log_.write(LogLevel::info, "events are not taken now; their publishers are told busy", fields);
}

void OutboundPipeline::log_undelivered(LogLimiter& limiter, const Event& event, const Route& route,
                                       std::string_view reason) noexcept {
  const std::array<LogField, 4> fields = {{{"messaging.message.id", event.id},
                                           {"event.topic", event.topic},
                                           {"route", route.settings.name},
                                           {"reason", reason}}};
  limiter.write(LogLevel::warning, "event could not be delivered", fields);
}

OutboundStatistics OutboundPipeline::statistics() const {
  OutboundStatistics result;
  const std::vector<Route>& routes = router_.routes();
  for (std::size_t index = 0; index < routes.size(); ++index) {
    result.routes.push_back(counters_[index].read(routes[index].settings.name));
  }
  result.status_events = status_events_.published();
  result.status_failures = status_events_.failures();
  return result;
}

}  // namespace kafka_events
