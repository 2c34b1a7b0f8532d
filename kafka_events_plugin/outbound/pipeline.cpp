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
      builder_(router_.routes().size(), topic_prefix),
      status_events_(bus),
      refused_log_(log, "outbound"),
      failed_log_(log, "outbound"),
      counters_(std::make_unique<RouteCounters[]>(router_.routes().size())),
      reports_need_source_(router_.routes().size() > 1) {
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
      return HandlerAnswer::busy;
    case SendStatus::too_large:
    case SendStatus::refused:
      break;
  }
  refuse(event, topic, route, reason);
  return HandlerAnswer::failed;
}

// Every route is one completion, announced before the first send because its report may come at once.
HandlerAnswer OutboundPipeline::send_to_all(const Event& event, const ResolvedTopic& topic) {
  const auto routes = static_cast<std::uint32_t>(topic.routes.size());
  bus_.defer(event.handle, routes - 1);
  bool taken = false;
  for (const ResolvedRoute& route : topic.routes) {
    std::string reason;
    const SendStatus status = send(event, topic, route, reason);
    if (status == SendStatus::accepted || status == SendStatus::kept) {
      taken = true;
      if (status == SendStatus::kept) bus_.complete(event.handle, Outcome::done, kept_in_outbox);
    } else if (status == SendStatus::full && !taken) {
      counters_[route.index].busy();
      bus_.complete(event.handle, Outcome::busy, {});
    } else {
      // Once a route has taken the event, "try again" would make that route send it twice.
      const std::string_view why = status == SendStatus::full ? "the queue is full" : std::string_view(reason);
      refuse(event, topic, route, why);
      bus_.complete(event.handle, Outcome::failed, why);
    }
  }
  return HandlerAnswer::later;
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
  if (announce) status_events_.undeliverable(event, topic, reason);
  return HandlerAnswer::failed;
}

SendStatus OutboundPipeline::send(const Event& event, const ResolvedTopic& topic, const ResolvedRoute& route,
                                  std::string& reason) noexcept {
  try {
    const config::Qos qos = route.route->settings.qos;
    if (qos == config::Qos::exactly_once) {
      if (RecordSink* transaction = sinks_.transaction_of(event)) {
        return send_in_transaction(event, topic, route, *transaction, reason);
      }
    }
    RecordStorage storage;
    OutboundRecord record;
    RecordSink& sink = sinks_.of(qos);
    if (Result<void> built = builder_.build(event, topic, route, sink, storage, record); !built.ok()) {
      reason = built.error().message;
      return SendStatus::refused;
    }
    return hand_over(record, sink, route, reason);
  } catch (const std::exception&) {
    reason = "out of memory";
    return SendStatus::refused;
  }
}

SendStatus OutboundPipeline::send_in_transaction(const Event& event, const ResolvedTopic& topic,
                                                 const ResolvedRoute& route, RecordSink& transaction,
                                                 std::string& reason) {
  RecordStorage storage;
  OutboundRecord record;
  if (Result<void> built = builder_.build_for(event, topic, route, transaction, storage, record); !built.ok()) {
    reason = built.error().message;
    return SendStatus::refused;
  }
  return hand_over(record, transaction, route, reason);
}

SendStatus OutboundPipeline::hand_over(const OutboundRecord& record, RecordSink& sink, const ResolvedRoute& route,
                                       std::string& reason) {
  const SendStatus status = sink.send(record);
  if (status == SendStatus::accepted || status == SendStatus::kept) {
    counters_[route.index].sent();
  } else if (status != SendStatus::full) {
    reason = sink.explain(status, record);
  }
  return status;
}

void OutboundPipeline::refuse(const Event& event, const ResolvedTopic& topic, const ResolvedRoute& route,
                              std::string_view reason) noexcept {
  counters_[route.index].refused();
  log_undelivered(refused_log_, event, *route.route, reason);
  if (!route.route->settings.status_events) return;
  try {
    status_events_.undeliverable(event, topic, reason);
  } catch (const std::exception&) {
    // Out of memory: the status event is missing, the answer to the publisher is not.
  }
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
