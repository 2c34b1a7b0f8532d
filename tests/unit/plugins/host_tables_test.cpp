// The host as a plugin sees it, through the C tables only.
#include "plugins/host_tables.h"

#include <doctest/doctest.h>
#include <string>
#include <vector>

#include "agent_plugin/agent_plugin.h"

#include "core/abi_text.h"

namespace host_stub {
namespace {

class LastLine : public LogSink {
 public:
  [[nodiscard]] LogLevel level() const noexcept override { return LogLevel::warning; }
  void write(LogLevel level, std::string_view origin, std::string_view component, std::string_view message,
             std::span<const LogField> fields) noexcept override {
    line = std::to_string(static_cast<int>(level));
    for (const std::string_view part : {origin, component, message}) line.append(" ").append(part);
    for (const LogField& field : fields) line.append(" ").append(field.name).append("=").append(field.value);
  }
  std::string line;
};

struct Host {
  EventBus bus;
  RouteTable routes;
  LastLine log;
  HostSide side{{bus, routes, log, "host_stub", "1.2.3", "alice", "base"}, "mine", 9};
  const agent_host* host = &side.host();

  template <class Table>
  const Table* extension(const char* id) const {
    return static_cast<const Table*>(host->get_extension(host, id));
  }
};

}  // namespace

TEST_CASE("the host says who it is, and offers exactly the extensions that it has") {
  const Host test;
  CHECK(test.host->size == sizeof(agent_host));
  CHECK(test.host->abi_major == AGENT_ABI_MAJOR);
  CHECK(to_view(test.host->name) == "host_stub");
  CHECK(to_view(test.host->label) == "alice");
  CHECK(to_view(test.host->wallet_id) == "base");
  CHECK(test.host->instance == 9);
  CHECK(test.host->get_extension(test.host, "agent.event_bus/1") != nullptr);
  for (const char* id :
       {"agent.event_bus/2", "agent.event_bus", "agent.event_bus/1 ", "Agent.log/1", "", "agent.tracing/1"}) {
    CHECK_MESSAGE(test.host->get_extension(test.host, id) == nullptr, id);
  }
  CHECK(test.host->get_extension(test.host, nullptr) == nullptr);
}

TEST_CASE("no function pointer of a table is null") {
  const Host test;
  const auto check = [](const void* table, std::size_t functions, std::size_t offset) {
    REQUIRE(table != nullptr);
    const auto* slots = reinterpret_cast<void* const*>(static_cast<const char*>(table) + offset);
    for (std::size_t index = 0; index < functions; ++index) CHECK(slots[index] != nullptr);
  };
  check(test.extension<agent_event_bus>(AGENT_EXT_EVENT_BUS), 7, offsetof(agent_event_bus, publish));
  check(test.extension<agent_log>(AGENT_EXT_LOG), 2, offsetof(agent_log, level));
  check(test.extension<agent_admin_routes>(AGENT_EXT_ADMIN_ROUTES), 3, offsetof(agent_admin_routes, add));
}

TEST_CASE("events that a plugin publishes carry its number") {
  const Host test;
  const auto* bus = test.extension<agent_event_bus>(AGENT_EXT_EVENT_BUS);
  std::uint64_t publisher = 0, token = 0;
  const agent_text pattern = to_text("t");
  const agent_subscription subscription{sizeof(subscription),
                                        1,
                                        &pattern,
                                        to_text("s"),
                                        &publisher,
                                        [](void* context, const agent_event* event) -> std::int32_t {
                                          *static_cast<std::uint64_t*>(context) = event->publisher;
                                          return AGENT_HANDLER_DONE;
                                        }};
  REQUIRE(bus->subscribe(test.host, &subscription, &token, nullptr) == AGENT_OK);
  agent_event_draft draft{};
  draft.size = sizeof(draft);
  draft.topic = to_text("t");
  CHECK(bus->publish(test.host, &draft, nullptr, nullptr, nullptr) == AGENT_OK);
  CHECK(publisher == 9);
  CHECK(bus->listeners(test.host, to_text("t")) == 1);
  CHECK(bus->unsubscribe(test.host, token) == AGENT_OK);
}

TEST_CASE("log lines carry the plugin's name; levels that are none become the nearest") {
  const Host test;
  const auto* log = test.extension<agent_log>(AGENT_EXT_LOG);
  CHECK(log->level(test.host) == AGENT_LOG_WARNING);
  const agent_log_field field{sizeof(field), 0, to_text("topic"), to_text("a")};
  const std::vector<const agent_log_field*> fields(40, &field);
  log->write(test.host, 99, to_text("kafka"), to_text("hello"), fields.data(), 1);
  CHECK(test.log.line == "4 mine kafka hello topic=a");
  log->write(test.host, AGENT_LOG_INFO, to_text(""), to_text("many"), fields.data(), fields.size());  // bounded
  log->write(test.host, AGENT_LOG_INFO, to_text(""), to_text("none"), nullptr, 3);
  CHECK(test.log.line == "2 mine  none");
}

TEST_CASE("a plugin that was given up reaches nothing any more") {
  Host test;
  test.side.cut_off();
  const auto* bus = test.extension<agent_event_bus>(AGENT_EXT_EVENT_BUS);
  int released = 0;
  agent_event_draft draft{};
  draft.size = sizeof(draft);
  draft.topic = to_text("t");
  draft.payload_owner = &released;
  draft.payload_release = [](void* owner) { ++*static_cast<int*>(owner); };
  agent_error error = AGENT_ERROR_INIT;
  CHECK(bus->publish(test.host, &draft, nullptr, nullptr, &error) == AGENT_E_STATE);
  CHECK(released == 1);
  CHECK(error.code == AGENT_E_STATE);
}

}  // namespace host_stub
