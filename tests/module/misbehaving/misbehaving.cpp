// A plugin whose handler does what the header "misbehave" of an inbound event says, as the worst of handlers would.
//
//   (none)            is done at once
//   later             answers later, and completes only when POST /misbehaving/complete comes
//   block MS          stays inside the handler
//   fail              fails, always
//   fail-once         fails unless the record was redriven
#include <chrono>
#include <cstdlib>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "agent_plugin_cpp/agent_plugin.hpp"

namespace {

class Misbehaving final : public agent::Plugin {
 public:
  explicit Misbehaving(const agent_host* host) : Plugin(host), bus_(agent::Bus::of(host)) {}

  agent::Status configure(const agent::Config& /*config*/) override {
    const agent::Routes routes = agent::Routes::of(host());
    if (!routes || route_) return agent::ok();
    return routes.add(
        {"POST", "/misbehaving/complete", "Complete what was answered later", "", "", ""},
        [this](const agent::Request& /*request*/, agent::Exchange exchange) {
          exchange.json(200, "{\"completed\":" + std::to_string(complete_all()) + "}");
        },
        route_);
  }

  agent::Status start() override {
    return bus_.subscribe(
        "misbehaving", {"^acapy::inbound::"}, [this](const agent::Event& event) { return handle(event); }, in_);
  }

  agent::Status drain(std::chrono::milliseconds /*timeout*/, agent::DrainReport& /*report*/) override { return stop(); }

  agent::Status stop() override {
    in_.reset();
    (void)complete_all();
    return agent::ok();
  }

 private:
  static std::string header(const agent::Event& event, std::string_view name) {
    for (std::uint32_t i = 0; i < event.header_count(); ++i) {
      if (agent::view(event.headers()[i].name) == name) return std::string(agent::view(event.headers()[i].value));
    }
    return {};
  }

  agent::Answer handle(const agent::Event& event) {
    const std::string wish = header(event, "misbehave");
    if (wish.empty()) return agent::Answer::done;
    if (wish == "fail") return agent::Answer::failed;
    if (wish == "fail-once") {
      return header(event, "kafka_events-redrive-count").empty() ? agent::Answer::failed : agent::Answer::done;
    }
    if (wish == "later") {
      const std::lock_guard lock(mutex_);
      later_.push_back(event.get());
      return agent::Answer::later;
    }
    if (wish.starts_with("block ")) {
      std::this_thread::sleep_for(std::chrono::milliseconds(std::atoi(wish.c_str() + 6)));
    }
    return agent::Answer::done;
  }

  std::size_t complete_all() {
    std::vector<const agent_event*> events;
    {
      const std::lock_guard lock(mutex_);
      events.swap(later_);
    }
    for (const agent_event* event : events) bus_.complete(event, agent::Outcome::done, "");
    return events.size();
  }

  agent::Bus bus_;
  std::mutex mutex_;  // guards later_
  std::vector<const agent_event*> later_;
  agent::Route route_;
  agent::Subscription in_;  // last: no event comes when the others go
};

}  // namespace

extern "C" AGENT_EXPORT const agent_plugin_module* agent_plugin_entry(void) {
  static constexpr agent_plugin_module block =
      agent::module<Misbehaving>("misbehaving", "1.0.0", "test", "Handles inbound events badly on purpose");
  return &block;
}
