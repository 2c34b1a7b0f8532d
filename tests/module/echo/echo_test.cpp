// The sample that answers, and with it the helpers for answers of the C++ layer.
#include <doctest/doctest.h>
#include <mutex>
#include <utility>
#include <vector>

#include "core/abi_text.h"
#include "host_fixture.h"

namespace {

using namespace module_test;
using host_stub::to_text;

constexpr std::string_view reply_topic = "kafka_events::reply::orders.reply";

agent_bytes octets(std::string_view text) { return {text.data(), text.size()}; }

/// Takes answers as the bridge does: each is later, until it is delivered.
class Bridge {
 public:
  explicit Bridge(host_stub::EventBus& bus, std::int32_t answer = AGENT_HANDLER_LATER) : bus_(bus), answer_(answer) {
    const agent_text pattern = to_text("kafka_events::reply::");
    agent_subscription subscription{};
    subscription.size = sizeof subscription;
    subscription.pattern_count = 1;
    subscription.patterns = &pattern;
    subscription.name = to_text("bridge");
    subscription.context = this;
    subscription.on_event = [](void* self, const agent_event* event) {
      auto& bridge = *static_cast<Bridge*>(self);
      const std::lock_guard lock(bridge.mutex_);
      if (bridge.answer_ == AGENT_HANDLER_LATER) bridge.waiting_.push_back(event);
      return bridge.answer_;
    };
    agent_error error = AGENT_ERROR_INIT;
    REQUIRE(bus_.subscribe(subscription, 0, &token_, &error) == AGENT_OK);
  }
  ~Bridge() { bus_.unsubscribe(token_); }
  Bridge(const Bridge&) = delete;
  Bridge& operator=(const Bridge&) = delete;

  void deliver(std::int32_t outcome = AGENT_OUTCOME_DONE) {
    const std::lock_guard lock(mutex_);
    for (const agent_event* event : std::exchange(waiting_, {})) bus_.complete(event, outcome, to_text("because"));
  }
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

 private:
  host_stub::EventBus& bus_;
  const std::int32_t answer_;
  std::uint64_t token_ = 0;
  std::mutex mutex_;
  std::vector<const agent_event*> waiting_;
};

struct Outcome {
  int times = 0;
  std::int32_t outcome = -1;
};

/// A request as it comes from Kafka.
void ask(Host& host, Outcome& outcome, std::string_view payload, bool wants_answer = true,
         std::string_view topic = "acapy::inbound::orders") {
  const std::vector<agent_header> headers = {{to_text("kafka_correlationId"), octets("c-1")},
                                             {to_text("agent-reply-to"), octets(reply_topic)}};
  agent_event_draft draft{};
  draft.size = sizeof draft;
  draft.topic = to_text(topic);
  draft.tenant = to_text("wallet");
  draft.key = octets("key");
  draft.id = to_text("orders:0:7");
  draft.content_type = to_text("text/plain");
  draft.payload = octets(payload);
  draft.headers = headers.data();
  draft.header_count = wants_answer ? 2 : 1;
  agent_event_completion completion{};
  completion.size = sizeof completion;
  completion.context = &outcome;
  completion.completed = [](void* context, std::uint64_t, const agent_event_result* result) {
    auto& told = *static_cast<Outcome*>(context);
    ++told.times;
    told.outcome = result->outcome;
  };
  agent_error error = AGENT_ERROR_INIT;
  (void)host.bus.publish(draft, 0, &completion, nullptr, &error);
}

void run(Host& host, std::vector<host_stub::ConfigOverride> overrides = {}) {
  REQUIRE(host.load(ECHO_MODULE).ok());
  const auto configured = host.plugins.configure({"test.yml", "kafka_events: {}", std::move(overrides)},
                                                 [](const host_stub::ConfigProblem&) {});
  REQUIRE(configured.ok());
  REQUIRE(host.plugins.start_all().ok());
}

}  // namespace

TEST_CASE("the answer has the request's payload, correlation id, tenant and key, and names its cause") {
  Host host;
  const Watcher answers(host.bus, "kafka_events::reply::");
  Bridge bridge(host.bus);
  run(host);
  Outcome request;
  ask(host, request, "hello");
  REQUIRE(answers.count() == 1);
  const SeenEvent answer = answers.events()[0];
  CHECK(answer.topic == reply_topic);
  CHECK(answer.payload == "hello");
  CHECK(answer.tenant == "wallet");
  CHECK(answer.key == "key");
  CHECK(answer.header("kafka_correlationId") == "c-1");
  CHECK(answer.header("agent-cause") == "orders:0:7");
  bridge.deliver();
}

TEST_CASE("a request is handled when its answer is delivered, not before") {
  Host host;
  Bridge bridge(host.bus);
  run(host);
  Outcome request;
  ask(host, request, "hello");
  CHECK(bridge.waiting() == 1);
  CHECK(request.times == 0);
  bridge.deliver();
  CHECK(request.times == 1);
  CHECK(request.outcome == AGENT_OUTCOME_DONE);
}

TEST_CASE("a request whose answer is not delivered, not taken, or wanted by nobody is not handled") {
  const auto outcome_with = [](std::int32_t answer, std::int32_t outcome, bool somebody = true) {
    Host host;
    std::unique_ptr<Bridge> bridge;
    if (somebody) bridge = std::make_unique<Bridge>(host.bus, answer);
    run(host);
    Outcome request;
    ask(host, request, "hello");
    if (bridge) bridge->deliver(outcome);
    CHECK(request.times == 1);
    return request.outcome;
  };
  CHECK(outcome_with(AGENT_HANDLER_LATER, AGENT_OUTCOME_FAILED) == AGENT_OUTCOME_FAILED);
  CHECK(outcome_with(AGENT_HANDLER_BUSY, 0) == AGENT_OUTCOME_BUSY);
  CHECK(outcome_with(AGENT_HANDLER_DONE, 0) == AGENT_OUTCOME_DONE);
  CHECK(outcome_with(0, 0, false) == AGENT_OUTCOME_FAILED);
}

TEST_CASE("events that want no answer, and topics that are not its own, are left alone") {
  Host host;
  const Watcher answers(host.bus, "kafka_events::reply::");
  run(host, {{"echo", "topics", "^questions::"}});
  Outcome request;
  ask(host, request, "hello", false, "questions::a");
  ask(host, request, "hello", true, "acapy::inbound::orders");
  CHECK(answers.count() == 0);
  CHECK(request.outcome == AGENT_OUTCOME_DONE);
  ask(host, request, "hello", true, "questions::a");
  CHECK(answers.count() == 1);
}

TEST_CASE("a stop waits for the answers that are under way, and the module unmaps") {
  Host host;
  run(host);
  Outcome request;
  {
    Bridge bridge(host.bus);
    for (int i = 0; i < 3; ++i) ask(host, request, "hello");
    std::thread delivery([&] {
      std::this_thread::sleep_for(50ms);
      bridge.deliver();
    });
    const auto reports = host.end();
    delivery.join();
    REQUIRE(reports.size() == 1);
    CHECK_FALSE(reports[0].mapped);
  }
  CHECK(request.times == 3);
  CHECK(host.bus.statistics().alive == 0);
}

TEST_CASE("an option that it does not know is refused") {
  Host host;
  REQUIRE(host.load(ECHO_MODULE).ok());
  std::vector<host_stub::ConfigProblem> problems;
  const auto configured =
      host.plugins.configure({"test.yml", "", {{"echo", "topic", "x"}}},
                             [&](const host_stub::ConfigProblem& problem) { problems.push_back(problem); });
  REQUIRE_FALSE(configured.ok());
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].key_path == "echo.topic");
}
