// Admin answers, written with RapidJSON straight into text.
#include "admin/json.h"

#include <array>
#include <chrono>
#include <ctime>
#include <optional>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <vector>

namespace kafka_events::admin {
namespace {

/// A writer that knows the shapes used here: members of any type, arrays of texts, arrays of objects.
class Json {
 public:
  template <class Body>
  static std::string object(Body body) {
    Json json;
    json.writer_.StartObject();
    body(json);
    json.writer_.EndObject();
    return {json.buffer_.GetString(), json.buffer_.GetSize()};
  }

  void member(std::string_view name, std::string_view value) { key(name), text(value); }
  void member(std::string_view name, const char* value) { member(name, std::string_view(value)); }
  void member(std::string_view name, bool value) { key(name), writer_.Bool(value); }
  void member(std::string_view name, std::uint64_t value) { key(name), writer_.Uint64(value); }
  void member(std::string_view name, std::int32_t value) { key(name), writer_.Int(value); }
  void member(std::string_view name, std::optional<std::int64_t> value) {
    key(name);
    value ? writer_.Int64(*value) : writer_.Null();
  }
  void member(std::string_view name, const std::vector<std::string>& values) {
    key(name);
    writer_.StartArray();
    for (const std::string& value : values) text(value);
    writer_.EndArray();
  }
  void null(std::string_view name) { key(name), writer_.Null(); }

  template <class Body>
  void object(std::string_view name, Body body) {
    key(name);
    writer_.StartObject();
    body();
    writer_.EndObject();
  }

  template <class List, class Body>
  void list(std::string_view name, const List& values, Body body) {
    key(name);
    writer_.StartArray();
    for (const auto& value : values) {
      writer_.StartObject();
      body(value);
      writer_.EndObject();
    }
    writer_.EndArray();
  }

 private:
  void key(std::string_view name) { writer_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size())); }
  void text(std::string_view value) {
    writer_.String(value.empty() ? "" : value.data(), static_cast<rapidjson::SizeType>(value.size()));
  }

  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

/// RFC 3339 in UTC.
std::string to_text(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> buffer{};
  const std::size_t size = std::strftime(buffer.data(), buffer.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {buffer.data(), size};
}

void write_producer(Json& json, const ProducerView& producer) {
  json.member("running", producer.running);
  json.member("connected", producer.connected);
  json.member("in_flight", producer.in_flight);
  json.member("delivered", producer.delivered);
  json.member("failed", producer.failed);
  json.member("topics", producer.topics);
  json.member("recreated", producer.recreated);
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
}

void write_worker(Json& json, const WorkerView& worker) {
  json.member("name", worker.name);
  json.member("group", worker.group);
  json.member("state", worker.state);
  json.member("reason", worker.reason);
  json.member("member_id", worker.member_id);
  json.member("connected", worker.connected);
  json.member("paused", worker.paused);
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

std::string result_json(std::string_view result) {
  return Json::object([&](Json& json) { json.member("result", result); });
}

HttpReply problem(std::int32_t status, std::string_view title, std::string_view detail, std::string_view instance) {
  return {status, "application/problem+json", Json::object([&](Json& json) {
            json.member("type", "about:blank");
            json.member("title", title);
            json.member("status", status);
            json.member("detail", detail);
            json.member("instance", instance);
          })};
}

}  // namespace kafka_events::admin
