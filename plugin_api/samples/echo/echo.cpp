// A plugin that answers: every event of its topics that wants an answer gets its own payload back.
//
//   host_stub --plugin kafka_events --plugin echo --plugin-config agent.yaml -o echo.topics='^acapy::inbound::.*'
//
// A record of the topic acapy-inbound-question with the header kafka_correlationId is then answered on the topic
// acapy-inbound-question.reply, or the one that its header kafka_replyTopic names. Events that want no answer are left alone.
#include <atomic>
#include <chrono>
#include <string>
#include <string_view>

#include "agent_plugin_cpp/agent_plugin.hpp"
#include "agent_plugin_cpp/answer.hpp"

namespace {

constexpr std::string_view default_topics = "^acapy::inbound::.*";
constexpr std::chrono::seconds time_to_stop{2};

class Echo final : public agent::Plugin {
 public:
  explicit Echo(const agent_host* host) : Plugin(host), bus_(agent::Bus::of(host)), answers_(host) {}

  agent::Status configure(const agent::Config& config) override {
    std::string topics(default_topics);
    for (const auto& [name, value] : config.overrides()) {
      if (name == "topics" && !value.empty()) {
        topics = value;
      } else {
        config.report(AGENT_PROBLEM_ERROR, "-o", "echo." + std::string(name),
                      "is not known; there is echo.topics, a regular expression over event topics", 0, 0);
      }
    }
    if (config.status().is_ok()) topics_ = std::move(topics);
    return config.status();
  }

  agent::Status start() override {
    agent::Status status = bus_.subscribe(
        "echo", {topics_}, [this](const agent::Event& event) { return on_event(event); }, requests_);
    listening_ = status.is_ok();
    return status;
  }

  agent::Status drain(std::chrono::milliseconds timeout, agent::DrainReport& report) override {
    stop_listening();
    const bool in_time = answers_.wait(timeout);
    report.delivered = answers_.arrived();
    report.undelivered = answers_.not_arrived() + answers_.under_way();
    return in_time ? agent::ok() : agent::Status(AGENT_E_TIMEOUT, "some answers have not been delivered yet");
  }

  agent::Status stop() override {
    stop_listening();
    if (answers_.wait(time_to_stop)) return agent::ok();
    return {AGENT_E_TIMEOUT, "some answers have not been delivered yet"};
  }

  [[nodiscard]] agent::Health health() const override {
    return {true, listening_, listening_ ? "" : "it does not listen"};
  }

  void collect(agent::Metrics& metrics) const override {
    metrics.begin("echo_answers_total", AGENT_METRIC_COUNTER, "Requests that were answered")
        .sample({{"result", "delivered"}}, static_cast<double>(answers_.arrived()))
        .sample({{"result", "failed"}}, static_cast<double>(answers_.not_arrived()));
  }

 private:
  void stop_listening() noexcept {
    listening_ = false;
    requests_.reset();
  }

  agent::Answer on_event(const agent::Event& event) {
    if (!agent::wants_answer(event)) return agent::Answer::done;
    return answers_.send(event, agent::answer_to(event).content_type(event.content_type()).payload_of(event));
  }

  agent::Bus bus_;
  std::string topics_{default_topics};
  agent::Answers answers_;
  std::atomic<bool> listening_{false};  // health() is asked on any thread
  agent::Subscription requests_;        // last: no event comes when the others go
};

}  // namespace

extern "C" AGENT_EXPORT const agent_plugin_module* agent_plugin_entry(void) {
  static constexpr agent_plugin_module block =
      agent::module<Echo>("echo", "1.0.0", "sample", "Answers every request with the request's own payload");
  return &block;
}
