// Answering events that want an answer: requests that came in from elsewhere, over Kafka for one.
//
//   agent::Answer on_event(const agent::Event& event) {
//     if (!agent::wants_answer(event)) return agent::Answer::done;
//     const std::string result = compute(event.payload());
//     return answers_.send(event, agent::answer_to(event).payload(result));
//   }
//
// A request is an event with the header agent-reply-to, the topic that its answer is published on. An answer carries the
// request's kafka_correlationId; an answer that is published while the request is handled, on the same thread, gets it even
// without these helpers.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <utility>

#include "agent_plugin/ext/event_bus.h"
#include "agent_plugin_cpp/draft.hpp"
#include "agent_plugin_cpp/handler.hpp"

namespace agent {

inline constexpr std::string_view reply_to_header = "agent-reply-to";
inline constexpr std::string_view correlation_header = "kafka_correlationId";
inline constexpr std::string_view cause_header = "agent-cause";

[[nodiscard]] inline bool wants_answer(const Event& event) noexcept { return !event.header(reply_to_header).empty(); }

/// An answer without a payload yet, for the same tenant and with the same key. Valid as long as the request is; only for an
/// event that wants an answer.
[[nodiscard]] inline Draft answer_to(const Event& request) {
  Draft draft(request.header(reply_to_header));
  draft.tenant(request.tenant()).key(request.key()).header(cause_header, request.id());
  const std::string_view correlation = request.header(correlation_header);
  if (correlation.data() != nullptr) draft.header(correlation_header, correlation);
  return draft;
}

/// Publishes answers, and completes each request when its answer has arrived: so a request whose answer was lost, with this
/// process for one, is not taken for handled, and whoever it came from gives it to a handler again. Any thread.
class Answers {
 public:
  explicit Answers(const agent_host* host) noexcept
      : host_(host), bus_(static_cast<const agent_event_bus*>(host->get_extension(host, AGENT_EXT_EVENT_BUS))) {}
  /// All answers have arrived: see wait().
  ~Answers() = default;
  Answers(const Answers&) = delete;
  Answers& operator=(const Answers&) = delete;

  /// What the request's handler returns.
  Answer send(const Event& request, Draft& answer) {
    if (bus_ == nullptr) return Answer::failed;
    begin();
    const agent_event_draft draft = answer.build();
    agent_event_completion completion{};
    completion.size = static_cast<std::uint32_t>(sizeof completion);
    completion.context = this;
    completion.cookie = reinterpret_cast<std::uintptr_t>(request.get());
    completion.completed = &Answers::completed;
    const std::int32_t code = bus_->publish(host_, &draft, &completion, nullptr, nullptr);
    // Busy was published and is told to the completion; after any other failure nobody is.
    if (code == AGENT_OK || code == AGENT_E_BUSY) return Answer::later;
    end();
    return Answer::failed;
  }
  Answer send(const Event& request, Draft&& answer) { return send(request, answer); }

  /// Waits until every answer has arrived, or been refused. False: some have not within the time. Before stop() ends a
  /// plugin, when no more requests come.
  [[nodiscard]] bool wait(std::chrono::milliseconds timeout) {
    std::unique_lock<std::mutex> lock(mutex_);
    return none_.wait_for(lock, timeout, [this] { return under_way_ == 0; });
  }
  [[nodiscard]] std::uint64_t under_way() const noexcept { return under_way_; }
  [[nodiscard]] std::uint64_t arrived() const noexcept { return arrived_; }
  [[nodiscard]] std::uint64_t not_arrived() const noexcept { return not_arrived_; }

 private:
  static void completed(void* context, std::uint64_t cookie, const agent_event_result* result) {
    auto& answers = *static_cast<Answers*>(context);
    ++(result->outcome == AGENT_OUTCOME_DONE ? answers.arrived_ : answers.not_arrived_);
    const auto* request = reinterpret_cast<const agent_event*>(static_cast<std::uintptr_t>(cookie));
    // A request that nobody delivers an answer for is a failure too: no handler took it.
    const bool nobody = result->handlers == 0;
    answers.bus_->complete(answers.host_, request, nobody ? AGENT_OUTCOME_FAILED : result->outcome,
                           nobody ? text("nobody delivers answers to its reply topic") : result->detail);
    answers.end();
  }
  void begin() noexcept { ++under_way_; }
  void end() {
    // Under the lock: whoever waits may destroy this as soon as it is let go.
    const std::lock_guard<std::mutex> lock(mutex_);
    if (--under_way_ == 0) none_.notify_all();
  }

  const agent_host* host_;
  const agent_event_bus* bus_;
  std::mutex mutex_;
  std::condition_variable none_;
  std::atomic<std::uint64_t> under_way_{0};
  std::atomic<std::uint64_t> arrived_{0};
  std::atomic<std::uint64_t> not_arrived_{0};
};

}  // namespace agent
