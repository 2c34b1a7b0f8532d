// A host with the counter in it, publishers, and the ledger of what was published and counted.
#pragma once

#include <atomic>
#include <chrono>
#include <doctest/doctest.h>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/abi_text.h"
#include "plugins/plugin_manager.h"

namespace host_stub::testing {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

class QuietLog : public LogSink {
 public:
  [[nodiscard]] LogLevel level() const noexcept override { return LogLevel::info; }
  void write(LogLevel, std::string_view, std::string_view, std::string_view,
             std::span<const LogField>) noexcept override {}
};

inline std::filesystem::path counter(const std::string& name) {
  return std::filesystem::path(COUNTERS) / (name + ".so");
}

/// What each publisher sent and what came back, in order. Nothing lost, doubled or reordered: problems() is empty.
class Ledger {
 public:
  void sent(unsigned publisher) {
    const std::lock_guard lock(mutex_);
    ++sent_[publisher];
  }
  /// `number` counts from 1 for each publisher; `count` is the counter's over all.
  void counted(unsigned publisher, std::uint64_t number, std::uint64_t count, const std::string& version) {
    const std::lock_guard lock(mutex_);
    if (number != last_[publisher] + 1) {
      note("publisher " + std::to_string(publisher) + ": " + std::to_string(number) + " came after " +
           std::to_string(last_[publisher]));
    }
    last_[publisher] = number;
    if (count != last_count_ + 1) {
      note("the count went from " + std::to_string(last_count_) + " to " + std::to_string(count));
    }
    last_count_ = count;
    ++by_version_[version];
  }
  [[nodiscard]] std::vector<std::string> problems() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> all = problems_;
    for (const auto& [publisher, count] : sent_) {
      const auto found = last_.find(publisher);
      const std::uint64_t came = found == last_.end() ? 0 : found->second;
      if (came != count)
        all.push_back("publisher " + std::to_string(publisher) + " sent " + std::to_string(count) + ", " +
                      std::to_string(came) + " were counted");
    }
    return all;
  }
  [[nodiscard]] std::uint64_t count() const {
    const std::lock_guard lock(mutex_);
    return last_count_;
  }
  [[nodiscard]] std::uint64_t total_sent() const {
    const std::lock_guard lock(mutex_);
    std::uint64_t total = 0;
    for (const auto& [publisher, count] : sent_) total += count;
    return total;
  }
  [[nodiscard]] std::map<std::string, std::uint64_t> by_version() const {
    const std::lock_guard lock(mutex_);
    return by_version_;
  }
  /// The counter began anew on purpose.
  void expect_new_count() {
    const std::lock_guard lock(mutex_);
    last_count_ = 0;
  }

 private:
  void note(std::string problem) {
    if (problems_.size() < 5) problems_.push_back(std::move(problem));
  }
  mutable std::mutex mutex_;
  std::map<unsigned, std::uint64_t> sent_, last_;
  std::uint64_t last_count_ = 0;
  std::map<std::string, std::uint64_t> by_version_;
  std::vector<std::string> problems_;
};

struct SwapHost {
  EventBus bus;
  RouteTable routes;
  QuietLog log;
  Ledger ledger;
  PluginManager plugins;
  std::vector<std::thread> publishers;
  std::atomic<bool> publishing{false};
  std::uint64_t token = 0;
  std::string text;  // the configuration of the next version

  explicit SwapHost(const std::string& first = "counter_1", const std::string& words = "",
                    ValidatorSettings validator = {{}, true})
      : plugins({bus, routes, log, "test_host", "1.0.0", "", ""}, {SearchPath({}), 20s, validator}) {
    REQUIRE(routes.start().ok());
    listen();
    const auto loaded = plugins.load(counter(first).string());
    REQUIRE_MESSAGE(loaded.ok(), loaded.error().message);
    REQUIRE(plugins.configure({"test.yml", words, {}}, [](const ConfigProblem&) {}).ok());
    REQUIRE(plugins.start_all().ok());
  }
  ~SwapHost() {
    end_publishing();
    (void)plugins.stop_all();
    (void)plugins.unload_all();
    bus.unsubscribe(token);
  }

  void listen() {
    static const agent_text pattern = to_text("^counted::");
    agent_subscription subscription{};
    subscription.size = sizeof subscription;
    subscription.pattern_count = 1;
    subscription.patterns = &pattern;
    subscription.name = to_text("ledger");
    subscription.context = this;
    subscription.on_event = [](void* context, const agent_event* event) -> std::int32_t {
      auto& self = *static_cast<SwapHost*>(context);
      const auto header = [&](std::string_view name) -> std::string {
        for (std::uint32_t i = 0; i < event->header_count; ++i) {
          if (to_view(event->headers[i].name) != name) continue;
          return {static_cast<const char*>(event->headers[i].value.data), event->headers[i].value.size};
        }
        return {};
      };
      const std::string payload(static_cast<const char*>(event->payload.data), event->payload.size);
      const auto publisher = static_cast<unsigned>(std::stoul(std::string(to_view(event->topic)).substr(9)));
      self.ledger.counted(publisher, std::stoull(payload), std::stoull(header("count")), header("version"));
      return AGENT_HANDLER_DONE;
    };
    agent_error error = AGENT_ERROR_INIT;
    REQUIRE(bus.subscribe(subscription, 0, &token, &error) == AGENT_OK);
  }

  void publish_for(unsigned publisher, std::uint64_t number) {
    const std::string topic = "count::" + std::to_string(publisher);
    const std::string payload = std::to_string(number);
    agent_event_draft draft{};
    draft.size = sizeof draft;
    draft.topic = to_text(topic);
    draft.payload = {payload.data(), payload.size()};
    agent_error error = AGENT_ERROR_INIT;
    ledger.sent(publisher);
    CHECK(bus.publish(draft, 0, nullptr, nullptr, &error) == AGENT_OK);
  }

  void begin_publishing(unsigned count = 3) {
    publishing = true;
    for (unsigned publisher = 1; publisher <= count; ++publisher) {
      publishers.emplace_back([this, publisher] {
        for (std::uint64_t number = 1; publishing; ++number) {
          publish_for(publisher, number);
          std::this_thread::sleep_for(200us);
        }
      });
    }
  }
  void end_publishing() {
    publishing = false;
    for (std::thread& publisher : publishers) publisher.join();
    publishers.clear();
  }

  [[nodiscard]] SwapRequest request(const std::string& to, const std::string& words = "") const {
    SwapRequest request;
    request.plugin = "counter";
    request.path = to.empty() ? std::filesystem::path() : counter(to);
    request.configuration = {"test.yml", words, {}};
    request.probation.length = 0ms;
    request.timeout = 5s;
    return request;
  }
  /// Swaps and waits for the very end.
  SwapReport swap(const SwapRequest& wanted) {
    const auto id = plugins.swap(wanted);
    REQUIRE_MESSAGE(id.ok(), id.error().message);
    const auto report = plugins.wait_for_swap(id.value(), true, Clock::now() + 60s);
    REQUIRE(report.has_value());
    REQUIRE(is_final(report->outcome));
    const auto deadline = Clock::now() + 5s;
    while (plugins.swap_under_way() && Clock::now() < deadline) std::this_thread::sleep_for(1ms);
    return *report;
  }

  /// Until so many more events were counted: some are sure to have gone through what works now.
  void let_pass(std::uint64_t events = 20) {
    const std::uint64_t wanted = ledger.count() + events;
    const auto deadline = Clock::now() + 20s;
    while (ledger.count() < wanted && Clock::now() < deadline) std::this_thread::sleep_for(1ms);
    REQUIRE(ledger.count() >= wanted);
  }
  void settle() {
    end_publishing();
    const auto deadline = Clock::now() + 10s;
    while (!ledger.problems().empty() && Clock::now() < deadline) std::this_thread::sleep_for(1ms);
    for (const std::string& problem : ledger.problems()) CHECK_MESSAGE(false, problem);
  }
  [[nodiscard]] std::string version() const { return plugins.list().at(0).version; }
  [[nodiscard]] PluginState state() const { return plugins.list().at(0).state; }
};

inline const SwapStep* step(const SwapReport& report, const std::string& name,
                            SwapDirection direction = SwapDirection::forward) {
  for (const SwapStep& each : report.steps) {
    if (each.name == name && each.direction == direction) return &each;
  }
  return nullptr;
}
inline bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace host_stub::testing
