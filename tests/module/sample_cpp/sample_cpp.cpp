// A whole plugin in C++: echoes every event echo::in as echo::out, payload shared and not copied, and counts them.
#include <atomic>
#include <string>

#include "agent_plugin_cpp/agent_plugin.hpp"

namespace {

class Echo final : public agent::Plugin {
 public:
  explicit Echo(const agent_host* host)
      : Plugin(host), bus_(agent::Bus::of(host)), log_(agent::Log::of(host, "sample_cpp")) {}

  agent::Status configure(const agent::Config& config) override {
    if (config.text().find("refuse") != std::string_view::npos) {
      config.error("sample_cpp.refuse", "this sample refuses to be configured with it; leave it out", 1, 1);
      config.warning("sample_cpp", "and this is a warning");
      return config.status();
    }
    const agent::Routes routes = agent::Routes::of(host());
    if (!routes || route_) return agent::ok();
    return routes.add(
        {"GET", "/sample_cpp/count", "How many events were echoed", "", "", ""},
        [this](const agent::Request& request, agent::Exchange exchange) { answer(request, exchange); }, route_);
  }

  agent::Status start() override {
    if (!bus_) return {AGENT_E_UNSUPPORTED, "the host has no event bus"};
    log_.info("echoing", {{"messaging.destination.name", "echo::in"}});
    agent::Status status = bus_.subscribe(
        "sample_cpp", {"echo::in$"}, [this](const agent::Event& event) { return echo(event); }, in_);
    listening_ = status.is_ok();
    return status;
  }

  agent::Status drain(std::chrono::milliseconds /*timeout*/, agent::DrainReport& report) override {
    report.delivered = 0;  // events are echoed at once, so nothing is ever held
    return stop();
  }

  agent::Status stop() override {
    listening_ = false;
    in_.reset();
    return agent::ok();
  }

  [[nodiscard]] agent::Health health() const override {
    return {true, listening_, listening_ ? "" : "it does not listen"};
  }

  void collect(agent::Metrics& metrics) const override {
    metrics.begin("sample_cpp_events_total", AGENT_METRIC_COUNTER, "Events echoed")
        .sample({{"result", "echoed"}}, static_cast<double>(count_.load()));
  }

 private:
  agent::Answer echo(const agent::Event& event) {
    if (event.payload() == "throw") throw std::string("anything at all");
    ++count_;
    agent::Draft draft("echo::out");
    draft.tenant(event.tenant()).key(event.key()).content_type(event.content_type()).payload_of(event);
    for (std::uint32_t i = 0; i < event.header_count(); ++i) {
      draft.header(agent::view(event.headers()[i].name), agent::view(event.headers()[i].value));
    }
    return bus_.publish(draft) ? agent::Answer::done : agent::Answer::failed;
  }

  void answer(const agent::Request& request, const agent::Exchange& exchange) const {
    if (request.query("fail") != nullptr) return exchange.problem(409, "Asked to \"fail\"", "by the parameter\n'fail'");
    exchange.json(200, "{\"count\":" + std::to_string(count_) + "}");
  }

  agent::Bus bus_;
  agent::Log log_;
  std::atomic<std::uint64_t> count_{0};
  std::atomic<bool> listening_{false};  // health() is asked on any thread
  agent::Route route_;
  agent::Subscription in_;  // last: no event comes when the others go
};

}  // namespace

extern "C" AGENT_EXPORT const agent_plugin_module* agent_plugin_entry(void) {
  static constexpr agent_plugin_module block = agent::module<Echo>("sample_cpp", "1.0.0", "sample", "Echoes echo::in");
  return &block;
}
