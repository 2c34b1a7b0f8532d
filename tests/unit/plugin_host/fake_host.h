// A host made of C tables that remember what they were given. One per test.
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "agent_plugin/agent_plugin.h"
#include "agent_plugin_cpp/text.hpp"

namespace kafka_events::test {

/// An event whose references are counted.
struct FakeEvent {
  explicit FakeEvent(std::string event_topic) : topic(std::move(event_topic)) {
    table.size = sizeof table;
    table.topic = agent::text(topic);
    table.payload = agent::bytes(payload);
    table.retain = [](const agent_event* event) { ++of(event).references; };
    table.release = [](const agent_event* event) { --of(event).references; };
  }
  FakeEvent(const FakeEvent&) = delete;
  FakeEvent& operator=(const FakeEvent&) = delete;
  static FakeEvent& of(const agent_event* event) {
    return *reinterpret_cast<FakeEvent*>(const_cast<agent_event*>(event));
  }

  agent_event table{};  // first: of() relies on it
  std::string topic;
  std::string payload = "payload";
  int references = 1;
};

struct FakeHost {
  FakeHost() {
    table.size = sizeof table;
    table.abi_major = AGENT_ABI_MAJOR;
    table.instance = 42;
    table.host_data = this;
    table.get_extension = [](const agent_host* host, const char* id) -> const void* {
      const auto found = of(host).extensions.find(id);
      return found == of(host).extensions.end() ? nullptr : found->second;
    };
    make_bus();
    make_log();
    make_routes();
    extensions = {{AGENT_EXT_EVENT_BUS, &bus}, {AGENT_EXT_LOG, &log}, {AGENT_EXT_ADMIN_ROUTES, &routes}};
  }
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;
  static FakeHost& of(const agent_host* host) { return *static_cast<FakeHost*>(host->host_data); }

  struct Published {
    std::string topic;
    std::string payload;
    std::vector<std::pair<std::string, std::string>> headers;
    bool null_payload = false;
    bool shared = false;
  };

  agent_host table{};
  agent_event_bus bus{};
  agent_log log{};
  agent_admin_routes routes{};
  std::map<std::string, const void*> extensions;

  std::int32_t publish_status = AGENT_OK;
  std::int32_t completion_outcome = AGENT_OUTCOME_DONE;
  std::vector<Published> published;
  std::map<std::uint64_t, agent_subscription> subscriptions;
  std::vector<const agent_event*> completed;
  std::vector<std::string> lines;
  std::map<std::uint64_t, agent_route> added;
  std::map<std::uint64_t, std::string> replies;
  std::uint64_t next_token = 1;

 private:
  void make_bus();
  void make_log();
  void make_routes();
};

inline void FakeHost::make_bus() {
  bus.size = sizeof bus;
  bus.publish = [](const agent_host* host, const agent_event_draft* draft, const agent_event_completion* completion,
                   agent_event_result* /*result*/, agent_error* error) {
    FakeHost& self = of(host);
    Published event{std::string(agent::view(draft->topic)),
                    std::string(agent::view(draft->payload)),
                    {},
                    draft->payload.data == nullptr,
                    draft->payload_release != nullptr};
    for (std::uint32_t i = 0; i < draft->header_count; ++i) {
      event.headers.emplace_back(agent::view(draft->headers[i].name), agent::view(draft->headers[i].value));
    }
    self.published.push_back(event);
    if (draft->payload_release != nullptr) draft->payload_release(draft->payload_owner);
    if (self.publish_status != AGENT_OK && self.publish_status != AGENT_E_BUSY) {
      std::strcpy(error->message, "the host is ending");
      return self.publish_status;
    }
    if (completion != nullptr) {
      const agent_event_result result{sizeof result, self.completion_outcome, 1, 0, 0, 0, agent::text("why")};
      completion->completed(completion->context, completion->cookie, &result);
    }
    return self.publish_status;
  };
  bus.subscribe = [](const agent_host* host, const agent_subscription* subscription, std::uint64_t* token,
                     agent_error* error) -> std::int32_t {
    if (agent::view(subscription->patterns[0]) == "(") {
      std::strcpy(error->message, "missing )");
      return AGENT_E_INVALID;
    }
    *token = of(host).next_token++;
    of(host).subscriptions[*token] = *subscription;
    return AGENT_OK;
  };
  bus.unsubscribe = [](const agent_host* host, std::uint64_t token) -> std::int32_t {
    return of(host).subscriptions.erase(token) == 1 ? AGENT_OK : AGENT_E_NOT_FOUND;
  };
  bus.defer = [](const agent_host*, const agent_event*, std::uint32_t) {};
  bus.complete = [](const agent_host* host, const agent_event* event, std::int32_t, agent_text) {
    of(host).completed.push_back(event);
  };
  bus.complete_many = [](const agent_host* host, const agent_event* const* events, std::size_t count, std::int32_t) {
    of(host).completed.insert(of(host).completed.end(), events, events + count);
  };
  bus.listeners = [](const agent_host*, agent_text) -> std::uint32_t { return 3; };
}

inline void FakeHost::make_log() {
  log.size = sizeof log;
  log.level = [](const agent_host*) -> std::int32_t { return AGENT_LOG_INFO; };
  log.write = [](const agent_host* host, std::int32_t level, agent_text component, agent_text message,
                 const agent_log_field* const* fields, std::size_t count) {
    std::string line = std::to_string(level) + " " + std::string(agent::view(component)) + ": ";
    line.append(agent::view(message));
    for (std::size_t i = 0; i < count; ++i) {
      line.append(" ").append(agent::view(fields[i]->name)).append("=").append(agent::view(fields[i]->value));
    }
    of(host).lines.push_back(line);
  };
}

inline void FakeHost::make_routes() {
  routes.size = sizeof routes;
  routes.add = [](const agent_host* host, const agent_route* route, std::uint64_t* token, agent_error*) {
    *token = of(host).next_token++;
    of(host).added[*token] = *route;
    return std::int32_t{AGENT_OK};
  };
  routes.remove = [](const agent_host* host, std::uint64_t token) -> std::int32_t {
    return of(host).added.erase(token) == 1 ? AGENT_OK : AGENT_E_NOT_FOUND;
  };
  routes.respond = [](const agent_host* host, std::uint64_t exchange, const agent_http_reply* reply) {
    of(host).replies[exchange] = std::to_string(reply->status) + " " + std::string(agent::view(reply->body));
    return std::int32_t{AGENT_OK};
  };
}

}  // namespace kafka_events::test
