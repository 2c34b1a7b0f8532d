// The host as a plugin sees it, through the C tables only.
#include "plugins/host_tables.h"

#include <doctest/doctest.h>
#include <string>
#include <vector>

#include "agent_plugin/agent_plugin.h"

#include "core/abi_text.h"
#include "plugins/deposit_box.h"

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
  HostSide side{{bus, routes, log, "host_stub", "1.2.3", "alice", "base"}, "mine", 9, 33};
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
  check(test.extension<agent_handover_host>(AGENT_EXT_HANDOVER), 2, offsetof(agent_handover_host, deposit));
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

TEST_CASE("completions that are to come and errors are counted for each plugin") {
  const Host test;
  const auto* bus = test.extension<agent_event_bus>(AGENT_EXT_EVENT_BUS);
  const auto* log = test.extension<agent_log>(AGENT_EXT_LOG);
  std::vector<const agent_event*> taken;
  const agent_text pattern = to_text("later");
  std::uint64_t token = 0;
  const agent_subscription subscription{sizeof(subscription),
                                        1,
                                        &pattern,
                                        to_text("s"),
                                        &taken,
                                        [](void* context, const agent_event* event) -> std::int32_t {
                                          static_cast<decltype(taken)*>(context)->push_back(event);
                                          return AGENT_HANDLER_LATER;
                                        }};
  REQUIRE(bus->subscribe(test.host, &subscription, &token, nullptr) == AGENT_OK);
  agent_event_draft draft{};
  draft.size = sizeof(draft);
  const agent_event_completion completion{sizeof(completion), 0, nullptr, 0,
                                          [](void*, std::uint64_t, const agent_event_result*) {}};
  for (const char* topic : {"later", "later", "later", "nobody"}) {
    draft.topic = to_text(topic);
    CHECK(bus->publish(test.host, &draft, &completion, nullptr, nullptr) == AGENT_OK);
  }
  draft.topic = to_text("later");
  CHECK(bus->publish(test.host, &draft, nullptr, nullptr, nullptr) == AGENT_OK);  // asks for no completion
  CHECK(test.side.completions_outstanding() == 3);
  bus->complete(test.host, taken[0], AGENT_OUTCOME_DONE, {});
  CHECK(test.side.completions_outstanding() == 2);
  CHECK(test.side.errors() == 0);
  bus->complete(test.host, taken[1], AGENT_OUTCOME_FAILED, {});
  bus->complete_many(test.host, &taken[2], 2, AGENT_OUTCOME_FAILED);
  CHECK(test.side.completions_outstanding() == 0);
  CHECK(test.side.errors() == 3);
  log->write(test.host, AGENT_LOG_WARNING, to_text("c"), to_text("m"), nullptr, 0);
  log->write(test.host, AGENT_LOG_ERROR, to_text("c"), to_text("m"), nullptr, 0);
  CHECK(test.side.errors() == 4);
  bus->unsubscribe(test.host, token);
}

TEST_CASE("a plugin that goes before its completions leaves the count behind, and registers under its own number") {
  EventBus bus;
  RouteTable routes;
  LastLine log;
  const agent_event* taken = nullptr;
  const agent_text pattern = to_text("t");
  std::uint64_t token = 0;
  {
    const HostSide side{{bus, routes, log, "h", "1", "", ""}, "mine", 9, 33};
    const auto* table =
        static_cast<const agent_event_bus*>(side.host().get_extension(&side.host(), AGENT_EXT_EVENT_BUS));
    const agent_subscription subscription{sizeof(subscription),
                                          1,
                                          &pattern,
                                          to_text("s"),
                                          &taken,
                                          [](void* context, const agent_event* event) -> std::int32_t {
                                            *static_cast<const agent_event**>(context) = event;
                                            return AGENT_HANDLER_LATER;
                                          }};
    REQUIRE(table->subscribe(&side.host(), &subscription, &token, nullptr) == AGENT_OK);
    agent_event_draft draft{};
    draft.size = sizeof(draft);
    draft.topic = pattern;
    const agent_event_completion completion{sizeof(completion), 0, nullptr, 0,
                                            [](void*, std::uint64_t, const agent_event_result*) {}};
    REQUIRE(table->publish(&side.host(), &draft, &completion, nullptr, nullptr) == AGENT_OK);
    CHECK(bus.remove_all_of(9, std::chrono::steady_clock::now()).count == 0);
    CHECK(bus.remove_all_of(33, std::chrono::steady_clock::now()).count == 1);
  }
  REQUIRE(taken != nullptr);
  bus.complete(taken, AGENT_OUTCOME_DONE, {});
  CHECK(bus.statistics().alive == 0);
}

TEST_CASE("deposits go to the host's box while there is one, and not for a plugin that was given up") {
  Host test;
  DepositBox box;
  const auto* table = test.extension<agent_handover_host>(AGENT_EXT_HANDOVER);
  int thing = 0;
  void* got = nullptr;
  agent_error error = AGENT_ERROR_INIT;
  const agent_deposit deposit{sizeof(deposit), 0, to_text("kind"), to_text("name"), &thing, [](void*) {}};
  CHECK(table->deposit(test.host, &deposit, &error) == AGENT_E_STATE);
  CHECK(error.code == AGENT_E_STATE);
  CHECK(table->withdraw(test.host, to_text("kind"), to_text("name"), &got) == AGENT_E_NOT_FOUND);
  test.side.set_deposits(&box);
  CHECK(table->deposit(test.host, nullptr, &error) == AGENT_E_INVALID);
  CHECK(table->deposit(test.host, &deposit, nullptr) == AGENT_OK);
  CHECK(table->withdraw(test.host, to_text("kind"), to_text("name"), nullptr) == AGENT_E_NOT_FOUND);
  test.side.cut_off();
  CHECK(table->withdraw(test.host, to_text("kind"), to_text("name"), &got) == AGENT_E_NOT_FOUND);
  CHECK(table->deposit(test.host, &deposit, nullptr) == AGENT_E_STATE);
  CHECK(box.take_all().size() == 1);
}

}  // namespace host_stub
