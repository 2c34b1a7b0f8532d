// Publishing in batches through a real admin server whose handlers are busy now and then.
#include "cli/batch_sender.h"

#include <atomic>
#include <doctest/doctest.h>

#include "admin/host_control.h"
#include "admin/route_table.h"
#include "admin/server.h"
#include "bus/event_bus.h"
#include "log/spdlog_sink.h"

using namespace host_stub;
using namespace host_stub::cli;

namespace {

class NoControl final : public HostControl {
 public:
  std::string status_json() override { return "{}"; }
  std::vector<PluginSummary> plugins() override { return {}; }
  HostHealth health() override { return {}; }
  void collect_metrics(const agent_metrics_sink& /*sink*/) override {}
  void request_shutdown() override {}
};

/// Takes events, and is busy at every `busy_every`-th call and failing at topics that end in "bad".
struct Handler {
  std::atomic<int> calls{0};
  std::atomic<int> taken{0};
  int busy_every = 0;
};

std::int32_t on_event(void* context, const agent_event* event) {
  auto& handler = *static_cast<Handler*>(context);
  const int call = ++handler.calls;
  if (handler.busy_every > 0 && call % handler.busy_every == 0) return AGENT_HANDLER_BUSY;
  ++handler.taken;
  const std::string_view topic(event->topic.data, event->topic.size);
  return topic.ends_with("bad") ? AGENT_HANDLER_FAILED : AGENT_HANDLER_DONE;
}

class RunningHost {
 public:
  RunningHost() {
    AdminServerOptions options;
    options.insecure_mode = true;
    auto made = AdminServer::create(options, routes_, bus_, control_, *log_);
    REQUIRE(made.ok());
    server_ = std::move(made).value();
    REQUIRE(routes_.start().ok());
    REQUIRE(server_->start().ok());
    const agent_text pattern{".*", 2};
    agent_subscription subscription{};
    subscription.size = sizeof subscription;
    subscription.pattern_count = 1;
    subscription.patterns = &pattern;
    subscription.name = {"test", 4};
    subscription.context = &handler;
    subscription.on_event = on_event;
    std::uint64_t token = 0;
    REQUIRE(bus_.subscribe(subscription, 0, &token, nullptr) == AGENT_OK);
  }
  [[nodiscard]] std::string url() const { return server_->url(); }

  Handler handler;

 private:
  std::unique_ptr<LogSink> log_ = make_log_sink({.level = LogLevel::error});
  EventBus bus_;
  RouteTable routes_;
  NoControl control_;
  std::unique_ptr<AdminServer> server_;
};

std::vector<EventLine> lines(std::size_t count, const std::string& topic = "a::b") {
  std::vector<EventLine> made;
  for (std::size_t index = 0; index < count; ++index) made.push_back({index + 1, "{\"topic\":\"" + topic + "\"}"});
  return made;
}

const std::string source = "events.jsonl";

}  // namespace

TEST_CASE("a busy host is waited for, and nothing is published twice or left out") {
  RunningHost host;
  host.handler.busy_every = 7;
  const auto client = HttpClient::create(host.url(), std::nullopt);
  for (const bool wait : {false, true}) {
    CAPTURE(wait);
    host.handler.taken = 0;
    BatchSender sender(*client.value(), source, wait, [](const EventResult&) {});
    REQUIRE(sender.send(lines(50)).ok());
    CHECK(sender.counts().published == 50);
    CHECK(host.handler.taken == 50);
    CHECK(sender.counts().busy_retried > 3);
    if (wait) CHECK(sender.counts().done == 50);
  }
}

TEST_CASE("with wait every failure is told with its line") {
  RunningHost host;
  const auto client = HttpClient::create(host.url(), std::nullopt);
  std::vector<EventLine> events = lines(3);
  events[1] = {17, "{\"topic\":\"a::bad\"}"};
  std::vector<EventResult> failed;
  BatchSender sender(*client.value(), source, true, [&](const EventResult& result) {
    if (result.outcome != "done") failed.push_back(result);
  });
  REQUIRE(sender.send(events).ok());
  CHECK(sender.counts().done == 2);
  CHECK(sender.counts().failed == 1);
  REQUIRE(failed.size() == 1);
  CHECK(failed[0].line == 17);
  CHECK(failed[0].topic == "a::bad");
}

TEST_CASE("what the host refuses is told with file and line") {
  RunningHost host;
  const auto client = HttpClient::create(host.url(), std::nullopt);
  BatchSender sender(*client.value(), source, false, [](const EventResult&) {});
  std::vector<EventLine> events = lines(2);
  events[1] = {9, "{\"topc\":1}"};
  const auto sent = sender.send(events);
  REQUIRE_FALSE(sent.ok());
  CHECK(sent.error().status == AGENT_E_INVALID);
  CHECK(sent.error().message.starts_with("events.jsonl:9: "));
  CHECK(host.handler.calls == 0);
}

TEST_CASE("where nobody listens the message says what to do") {
  const auto client = HttpClient::create("http://127.0.0.1:1", std::nullopt);
  BatchSender sender(*client.value(), source, false, [](const EventResult&) {});
  const auto sent = sender.send(lines(1));
  REQUIRE_FALSE(sent.ok());
  CHECK(sent.error().status == AGENT_E_NOT_FOUND);
  CHECK(sent.error().message.find("no host answers at http://127.0.0.1:1") != std::string::npos);
  CHECK(sent.error().message.find("start one with") != std::string::npos);
  CHECK(sender.counts().unknown == 0);
}

TEST_CASE("addresses that are none are refused") {
  for (const char* url : {"127.0.0.1:3001", "https://a:1", "http://", "http://a:0", "http://a:99999", "http://a/b"}) {
    CAPTURE(url);
    CHECK_FALSE(HttpClient::create(url, std::nullopt).ok());
  }
  CHECK(HttpClient::create("http://[::1]:3001/", std::nullopt).ok());
}
