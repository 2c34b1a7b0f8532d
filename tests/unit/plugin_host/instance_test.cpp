// The C instance that a host drives, around a Lifecycle.
#include "host/instance.h"

#include <array>
#include <cstring>
#include <doctest/doctest.h>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "agent_plugin/ext/handover.h"

#include "fake_host.h"

namespace {

using namespace kafka_events;
using namespace kafka_events::host;

/// What the next Lifecycle does; the factory is a plain function, so this is where it looks.
struct Script {
  std::function<Result<void>(const Configuration&)> configure = [](const auto&) { return Result<void>(); };
  std::function<Result<void>()> start = [] { return Result<void>(); };
  std::function<Result<DrainCounts>()> drain = [] { return Result<DrainCounts>(DrainCounts{1, 2, 3, true}); };
  std::function<HealthReport()> health = [] { return HealthReport{true, false, std::string(400, 'x')}; };
  std::function<Result<std::string>()> save = [] { return std::string("state"); };
  std::vector<std::string> calls;  ///< of the handover, in order
  const Ports* ports = nullptr;
};
Script* script = nullptr;

class Scripted final : public Lifecycle {
 public:
  explicit Scripted(const Ports& ports) : ports_(ports) { script->ports = &ports_; }
  Result<void> configure(const Configuration& configuration) override { return script->configure(configuration); }
  Result<void> start() override {
    script->calls.emplace_back("start");
    return script->start();
  }
  Result<DrainCounts> drain(std::chrono::milliseconds /*timeout*/) override { return script->drain(); }
  Result<void> stop() override { return {}; }
  [[nodiscard]] HealthReport health() const override { return script->health(); }
  void collect(telemetry::MetricsWriter& writer) const override {
    writer.begin("a_total", telemetry::MetricType::counter, "help");
    writer.sample(std::array{telemetry::Label{"l", "v"}}, 5);
    const std::array bounds{1.0};
    const std::array<std::uint64_t, 1> counts{2};
    writer.begin("h", telemetry::MetricType::histogram, "help");
    writer.histogram({}, {bounds, counts, 3, 4});
  }

  [[nodiscard]] StateRevisions revisions() const noexcept override { return {1, 3}; }
  Result<std::string> describe() override { return std::string("clients"); }
  Result<void> prepare(const OtherVersion& other) override {
    script->calls.push_back("prepare " + std::string(other.described) + (other.close_connections ? " anew" : ""));
    return {};
  }
  Result<void> quiesce(std::chrono::milliseconds timeout) override {
    script->calls.push_back("quiesce " + std::to_string(timeout.count()));
    return {};
  }
  Result<void> resume() override { return {}; }
  Result<std::string> save(std::uint32_t revision, std::chrono::milliseconds /*timeout*/,
                           const OtherVersion& other) override {
    script->calls.push_back("save " + std::to_string(revision) + " " + std::string(other.described));
    return script->save();
  }
  Result<void> load(std::string_view state) override {
    script->calls.push_back("load " + std::string(state));
    return {};
  }
  [[nodiscard]] bool reload_on_change() const noexcept override { return true; }

 private:
  const Ports ports_;
};

/// What a host gives to describe(), save() and load().
struct Stream {
  [[nodiscard]] agent_byte_writer writer() {
    return {sizeof(agent_byte_writer), 0, this, [](void* context, agent_bytes more) -> std::int32_t {
              Stream& stream = *static_cast<Stream*>(context);
              if (stream.full) return AGENT_E_TOO_LARGE;
              stream.bytes.append(agent::view(more));
              return AGENT_OK;
            }};
  }
  /// One byte at a time.
  [[nodiscard]] agent_byte_reader reader() {
    return {sizeof(agent_byte_reader), 0, this, [](void* context, void* buffer, std::size_t capacity) -> std::size_t {
              Stream& stream = *static_cast<Stream*>(context);
              if (capacity == 0 || stream.read == stream.bytes.size()) return 0;
              *static_cast<char*>(buffer) = stream.bytes[stream.read++];
              return 1;
            }};
  }
  std::string bytes;
  std::size_t read = 0;
  bool full = false;
};

struct Fixture {
  Fixture() { script = &behaviour; }
  ~Fixture() {
    if (plugin != nullptr) plugin->destroy(plugin);
    script = nullptr;
  }
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;

  std::int32_t create() {
    return create_instance(&host.table, &plugin, &error, [](const Ports& ports) -> Result<std::unique_ptr<Lifecycle>> {
      return std::unique_ptr<Lifecycle>(std::make_unique<Scripted>(ports));
    });
  }
  std::int32_t configure() {
    const agent_config_override first{sizeof first, 0, agent::text("client_id"), agent::text("x")};
    const std::array overrides{&first};
    const agent_config config{sizeof config,
                              1,
                              agent::text("dir/a.yml"),
                              agent::text("text"),
                              overrides.data(),
                              this,
                              [](void* context, const agent_config_problem* problem) {
                                static_cast<Fixture*>(context)->problems.emplace_back(agent::view(problem->message));
                              }};
    return plugin->configure(plugin, &config, &error);
  }

  test::FakeHost host;
  Script behaviour;
  agent_plugin* plugin = nullptr;
  agent_error error = AGENT_ERROR_INIT;
  std::vector<std::string> problems;
};

}  // namespace

TEST_CASE("without an event bus there is no instance, and the message says so") {
  Fixture f;
  SUBCASE("none") { f.host.extensions.erase(AGENT_EXT_EVENT_BUS); }
  SUBCASE("smaller than it was published") { f.host.bus.size = 16; }
  CHECK(f.create() == AGENT_E_UNSUPPORTED);
  CHECK(f.plugin == nullptr);
  CHECK(std::string(f.error.message).find("agent.event_bus/1") != std::string::npos);
}

TEST_CASE("without log or admin server it works, and says once what is missing") {
  Fixture f;
  SUBCASE("no admin server") {
    f.host.extensions.erase(AGENT_EXT_ADMIN_ROUTES);
    REQUIRE(f.create() == AGENT_OK);
    CHECK(f.behaviour.ports->routes == nullptr);
    CHECK(f.host.lines.size() == 1);
  }
  SUBCASE("no log") {
    f.host.extensions.erase(AGENT_EXT_LOG);
    REQUIRE(f.create() == AGENT_OK);
    CHECK_FALSE(f.behaviour.ports->log.enabled(LogLevel::error));
    f.behaviour.ports->log.write(LogLevel::error, "c", "m");
    CHECK(f.host.lines.empty());
  }
}

TEST_CASE("a log line reaches the host with its fields, if its level is written") {
  Fixture f;
  REQUIRE(f.create() == AGENT_OK);
  const std::vector<LogField> fields(40, {"k", "v"});
  f.behaviour.ports->log.write(LogLevel::debug, "kafka.consumer", "not this", {});
  f.behaviour.ports->log.write(LogLevel::warning, "kafka.consumer", "this", std::span(fields).first(2));
  f.behaviour.ports->log.write(LogLevel::info, "kafka.consumer", "many", fields);
  REQUIRE(f.host.lines.size() == 2);
  CHECK(f.host.lines[0] == "3 kafka.consumer: this k=v k=v");
}

TEST_CASE("a configuration arrives with its overrides under the plugin's name; problems go back, the first as error") {
  Fixture f;
  REQUIRE(f.create() == AGENT_OK);
  f.behaviour.configure = [](const Configuration& configuration) -> Result<void> {
    CHECK(configuration.file == "dir/a.yml");
    REQUIRE(configuration.overrides.size() == 1);
    CHECK(configuration.overrides[0].key_path == "kafka_events.client_id");
    configuration.report({.is_error = false, .file = "dir/a.yml", .message = "careful"});
    configuration.report({.file = "dir/a.yml", .line = 3, .column = 5, .key_path = "kafka_events.x", .message = "one"});
    configuration.report({.file = "dir/a.yml", .line = 4, .message = "two"});
    return Error(ErrorCode::invalid, "dir/a.yml:3:5: one");
  };
  CHECK(f.configure() == AGENT_E_INVALID);
  CHECK(f.problems == std::vector<std::string>{"careful", "one", "two"});
  CHECK(std::string(f.error.message) == "one");
  CHECK(f.error.line == 3);
  CHECK(f.error.column == 5);
  CHECK(std::string(f.error.key_path) == "kafka_events.x");
  f.behaviour.configure = [](const auto&) { return Result<void>(); };
  CHECK(f.configure() == AGENT_OK);
}

TEST_CASE("no exception crosses the boundary") {
  Fixture f;
  REQUIRE(f.create() == AGENT_OK);
  f.behaviour.start = []() -> Result<void> { throw std::runtime_error("boom"); };
  CHECK(f.plugin->start(f.plugin, &f.error) == AGENT_E_INTERNAL);
  CHECK(std::string(f.error.message) == "boom");
  f.behaviour.start = []() -> Result<void> { throw 7; };
  CHECK(f.plugin->start(f.plugin, &f.error) == AGENT_E_INTERNAL);
  f.behaviour.health = []() -> HealthReport { throw std::runtime_error("boom"); };
  const auto* health = static_cast<const agent_health*>(f.plugin->get_extension(f.plugin, AGENT_EXT_HEALTH));
  agent_health_report report{};
  report.size = sizeof report;
  health->check(f.plugin, &report);
  CHECK(report.live == 0);
}

TEST_CASE("a drain tells its counts; events given up make it a timeout") {
  Fixture f;
  REQUIRE(f.create() == AGENT_OK);
  agent_drain_report report{};
  report.size = sizeof report;
  CHECK(f.plugin->drain(f.plugin, 10, &report, &f.error) == AGENT_OK);
  CHECK(report.delivered == 1);
  CHECK(report.undelivered == 2);
  CHECK(report.kept == 3);
  f.behaviour.drain = [] { return Result<DrainCounts>(DrainCounts{0, 9, 0, false}); };
  CHECK(f.plugin->drain(f.plugin, 10, nullptr, &f.error) == AGENT_E_TIMEOUT);
  CHECK(std::string(f.error.message).find("9 event(s)") == 0);
}

TEST_CASE("health and metrics are offered, near-miss ids are not") {
  Fixture f;
  REQUIRE(f.create() == AGENT_OK);
  for (const char* id : {"agent.health/2", "agent.health", "agent.health/1 ", "", "agent.event_bus/1"}) {
    CHECK(f.plugin->get_extension(f.plugin, id) == nullptr);
  }
  const auto* health = static_cast<const agent_health*>(f.plugin->get_extension(f.plugin, AGENT_EXT_HEALTH));
  agent_health_report report{};
  report.size = sizeof report;
  health->check(f.plugin, &report);
  CHECK(report.live == 1);
  CHECK(report.ready == 0);
  CHECK(std::strlen(report.reason) == sizeof report.reason - 1);

  std::string written;
  agent_metrics_sink sink{
      sizeof sink,
      0,
      &written,
      [](void* context, agent_text name, std::int32_t type, agent_text) {
        static_cast<std::string*>(context)->append(agent::view(name)).append(std::to_string(type));
      },
      [](void* context, const agent_metric_label* const* labels, std::size_t count, double value) {
        static_cast<std::string*>(context)
            ->append(count == 1 ? agent::view(labels[0]->value) : "?")
            .append(std::to_string(static_cast<int>(value)));
      },
      [](void* context, const agent_metric_label* const*, std::size_t, const agent_metric_histogram* values) {
        static_cast<std::string*>(context)->append(std::to_string(values->count));
      }};
  const auto* metrics = static_cast<const agent_metrics*>(f.plugin->get_extension(f.plugin, AGENT_EXT_METRICS));
  metrics->collect(f.plugin, &sink);
  CHECK(written == "a_total0v5h23");
}

TEST_CASE("routes reach the host, requests come back, replies go out; destroy removes all") {
  Fixture f;
  REQUIRE(f.create() == AGENT_OK);
  struct Handler final : RequestHandler {
    void on_request(const HttpRequest& request, std::uint64_t exchange) noexcept override {
      const std::string* topic = request.parameter("topic");
      server->reply(exchange, {200, "text/plain", topic == nullptr ? "none" : *topic});
    }
    AdminRoutes* server = nullptr;
  } handler;
  handler.server = f.behaviour.ports->routes;
  REQUIRE(handler.server->add({"GET", "/a", "s", "", {{"topic", "d", true}}, "{}"}, handler));
  const agent_route& route = f.host.added.begin()->second;
  CHECK(agent::view(route.path) == "/a");
  const agent_http_parameter parameter{sizeof parameter, 0, agent::text("topic"), agent::text("x::y")};
  const std::array parameters{&parameter};
  agent_http_request request{};
  request.size = sizeof request;
  request.method = agent::text("GET");
  request.path = agent::text("/a");
  request.query_parameters = parameters.data();
  request.query_parameter_count = 1;
  route.handle(route.context, &request, 5);
  CHECK(f.host.replies[5] == "200 x::y");
  f.plugin->destroy(f.plugin);
  f.plugin = nullptr;
  CHECK(f.host.added.empty());
}

TEST_CASE("a handover goes through the C table in both directions") {
  Fixture f;
  REQUIRE(f.create() == AGENT_OK);
  const auto* handover = static_cast<const agent_handover*>(f.plugin->get_extension(f.plugin, AGENT_EXT_HANDOVER));
  REQUIRE(handover != nullptr);
  CHECK(handover->oldest_revision == 1);
  CHECK(handover->newest_revision == 3);
  CHECK(handover->reload_policy(f.plugin) == AGENT_RELOAD_ON_CHANGE);
  Stream described;
  const agent_byte_writer to = described.writer();
  REQUIRE(handover->describe(f.plugin, &to, &f.error) == AGENT_OK);
  CHECK(described.bytes == "clients");
  const agent_prepare_request prepare{sizeof prepare, 1, agent::bytes("theirs")};
  CHECK(handover->prepare(f.plugin, &prepare, &f.error) == AGENT_OK);
  CHECK(handover->quiesce(f.plugin, 250, &f.error) == AGENT_OK);
  Stream state;
  const agent_byte_writer writer = state.writer();
  const agent_save_request save{sizeof save, 2, 250, 0, agent::bytes("theirs")};
  CHECK(handover->save(f.plugin, &save, &writer, &f.error) == AGENT_OK);
  const agent_byte_reader reader = state.reader();
  CHECK(handover->load(f.plugin, &reader, &f.error) == AGENT_OK);
  CHECK(f.behaviour.calls ==
        std::vector<std::string>{"prepare theirs anew", "quiesce 250", "save 2 theirs", "load state"});
}

TEST_CASE("a state that the host does not take brings the instance back to where it was") {
  Fixture f;
  REQUIRE(f.create() == AGENT_OK);
  const auto* handover = static_cast<const agent_handover*>(f.plugin->get_extension(f.plugin, AGENT_EXT_HANDOVER));
  Stream state;
  state.full = true;
  const agent_byte_writer writer = state.writer();
  const agent_save_request save{sizeof save, 1, 250, 0, agent::bytes("")};
  CHECK(handover->save(f.plugin, &save, &writer, &f.error) == AGENT_E_TOO_LARGE);
  CHECK(f.behaviour.calls == std::vector<std::string>{"save 1 ", "load state", "start"});
}
