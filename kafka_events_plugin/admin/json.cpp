// Admin answers, written with RapidJSON straight into text.
#include "admin/json.h"

#include "admin/json_services.h"
#include "admin/json_writer.h"

namespace kafka_events::admin {
namespace {

void write_producer(Json& json, const ProducerView& producer) {
  json.member("running", producer.running);
  json.member("connected", producer.connected);
  json.member("in_flight", producer.in_flight);
  json.member("delivered", producer.delivered);
  json.member("failed", producer.failed);
  json.member("topics", producer.topics);
  json.member("recreated", producer.recreated);
}

void write_outbox(Json& json, const OutboxView& outbox) {
  json.member("mode", outbox.mode);
  json.member("entries", outbox.entries);
  json.member("bytes", outbox.bytes);
  json.member("max_bytes", outbox.max_bytes);
  json.member("refused", outbox.refused);
  json.member("trouble", outbox.trouble);
  json.member("direct", outbox.direct);
  json.member("waiting", outbox.waiting);
  json.member("taken_back", outbox.taken_back);
  json.member("relayed", outbox.relayed);
  if (!outbox.transactions) return;
  json.object("transactions", [&] {
    json.member("state", outbox.transactions->state);
    json.member("trouble", outbox.transactions->trouble);
    json.member("waiting", outbox.transactions->waiting);
    json.member("committed", outbox.transactions->committed);
    json.member("aborted", outbox.transactions->aborted);
    json.member("published", outbox.transactions->published);
  });
}

void write_partition(Json& json, const PartitionView& partition) {
  json.member("topic", partition.topic);
  json.member("partition", partition.partition);
  json.member("position", partition.position);
  json.member("watermark", partition.watermark);
  json.member("committed", partition.committed);
  json.member("high", partition.high);
  json.member("lag", partition.lag);
  json.member("paused", partition.paused);
  json.member("paused_by_operator", partition.paused_by_operator);
}

void write_oldest(Json& json, const std::optional<OldestView>& oldest) {
  if (!oldest) return json.null("oldest_in_flight");
  json.object("oldest_in_flight", [&] {
    json.member("topic", oldest->topic);
    json.member("partition", oldest->partition);
    json.member("offset", std::optional(oldest->offset));
    json.member("age_seconds", oldest->age_seconds);
  });
}

void write_worker(Json& json, const WorkerView& worker) {
  json.member("name", worker.name);
  json.member("group", worker.group);
  json.member("state", worker.state);
  json.member("reason", worker.reason);
  json.member("member_id", worker.member_id);
  json.member("connected", worker.connected);
  json.member("paused", worker.paused);
  json.member("paused_by_operator", worker.paused_by_operator);
  json.member("warning", worker.warning);
  write_oldest(json, worker.oldest);
  worker.blocked_seconds ? json.member("blocked_seconds", *worker.blocked_seconds) : json.null("blocked_seconds");
  json.member("subscription", worker.subscription);
  json.list("assignment", worker.assignment, [&](const PartitionView& partition) { write_partition(json, partition); });
  json.object("counts", [&] {
    for (const auto& [name, value] : worker.counts) json.member(name, value);
  });
}

void write_route(Json& json, const RouteView& route) {
  json.member("name", route.name);
  json.member("matched", route.matched);
  json.member("sent", route.sent);
  json.member("delivered", route.delivered);
  json.member("failed", route.failed);
  json.member("busy", route.busy);
  json.member("refused", route.refused);
}

void write_explained(Json& json, const ExplainedRoute& route) {
  json.member("route", route.name);
  json.member("match", route.match);
  json.member("place", route.place);
  json.member("kafka_topic", route.kafka_topic);
  route.key_is_null ? json.null("key") : json.member("key", route.key);
  json.member("partition", route.partition);
  json.member("codec", route.codec);
  json.member("value_bytes", route.value_bytes);
  json.member("value_is_null", route.value_is_null);
  json.member("value_is_copied", route.value_is_copied);
  json.list("headers", route.headers, [&](const auto& header) {
    json.member("name", header.first);
    json.member("value", header.second);
  });
  json.member("sent_event", route.sent_event);
  json.member("undeliverable_event", route.undeliverable_event);
  json.member("problem", route.problem);
}

}  // namespace

std::string to_json(const StatusView& status, BridgeState state, std::string_view reason) {
  return Json::object([&](Json& json) {
    json.member("state", to_text(state));
    json.member("reason", reason.empty() ? std::string_view(status.not_ready_because) : reason);
    json.member("ready", status.ready);
    json.list("brokers", status.brokers, [&](const BrokerView& broker) {
      json.member("id", broker.id);
      json.member("name", broker.name);
      json.member("connected", broker.connected);
    });
    json.object("producer", [&] { write_producer(json, status.producer); });
    json.list("producers", status.producers, [&](const ProducerView& producer) {
      json.member("name", producer.name);
      write_producer(json, producer);
    });
    if (status.outbox) json.object("outbox", [&] { write_outbox(json, *status.outbox); });
    write_services(json, status.services);
    json.list("routes", status.routes, [&](const RouteView& route) { write_route(json, route); });
    json.list("workers", status.workers, [&](const WorkerView& worker) { write_worker(json, worker); });
    json.list("last_errors", status.last_errors, [&](const ErrorView& error) {
      json.member("client", error.client);
      json.member("time", to_text(error.time));
      json.member("code", error.code);
      json.member("message", error.message);
      json.member("times", error.times);
    });
  });
}

std::string to_json(const ConfigurationView& configuration) {
  return Json::object([&](Json& json) {
    json.list("options", configuration.options, [&](const OptionView& option) {
      json.member("key", option.key);
      json.member("value", option.value);
      json.member("source", option.source);
      json.member("becomes", option.becomes);
    });
    json.list("clients", configuration.clients, [&](const ClientView& client) {
      json.member("client", client.client);
      json.object("properties", [&] {
        for (const auto& [name, value] : client.properties) json.member(name, value);
      });
    });
  });
}

std::string to_json(const Explanation& explanation) {
  return Json::object([&](Json& json) {
    json.member("event_topic", explanation.event_topic);
    json.member("not_sent_because", explanation.not_sent_because);
    json.list("routes", explanation.routes, [&](const ExplainedRoute& route) { write_explained(json, route); });
  });
}

std::string to_json(std::string_view worker, const std::vector<PartitionView>& partitions) {
  return Json::object([&](Json& json) {
    json.member("worker", worker);
    json.list("partitions", partitions, [&](const PartitionView& partition) { write_partition(json, partition); });
  });
}

std::string result_json(std::string_view result) {
  return Json::object([&](Json& json) { json.member("result", result); });
}

HttpReply problem(std::int32_t status, std::string_view title, std::string_view detail, std::string_view instance,
                  std::string_view field) {
  return {status, "application/problem+json", Json::object([&](Json& json) {
            json.member("type", "about:blank");
            json.member("title", title);
            json.member("status", status);
            json.member("detail", detail);
            json.member("instance", instance);
            if (!field.empty()) json.member("field", field);
          })};
}

HttpReply problem_of(const Error& error, std::string_view instance) {
  switch (error.code) {
    case ErrorCode::invalid:
      return problem(400, "The request is not right", error.message, instance);
    case ErrorCode::not_found:
      return problem(404, "There is no such thing", error.message, instance);
    case ErrorCode::state:
      return problem(409, "Not possible in this state", error.message, instance);
    case ErrorCode::busy:
      return problem(503, "Too many requests are waiting", error.message, instance);
    case ErrorCode::timeout:
      return problem(504, "The deadline has passed", error.message, instance);
    default:
      return problem(500, "It did not work", error.message, instance);
  }
}

}  // namespace kafka_events::admin
