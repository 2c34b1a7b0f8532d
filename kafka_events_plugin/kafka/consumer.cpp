// The consumer as its owner sees it; consumer_loop.cpp has what its thread does.
#include "kafka/consumer.h"

#include <algorithm>
#include <utility>

#include "kafka/client.h"
#include "kafka/consumer_loop.h"
#include "kafka/properties.h"

namespace kafka_events {
namespace {

/// What the loop may need after its deadline to commit, leave and end the client.
constexpr std::chrono::seconds time_to_hurry{8};

}  // namespace

std::string_view to_text(ConsumerState state) noexcept {
  switch (state) {
    case ConsumerState::stopped:
      return "stopped";
    case ConsumerState::connecting:
      return "connecting";
    case ConsumerState::joining:
      return "joining";
    case ConsumerState::running:
      return "running";
    case ConsumerState::failed:
      return "failed";
  }
  return "unknown";
}

Result<std::unique_ptr<Consumer>> Consumer::create(const config::WorkerSettings& settings, Log& log,
                                                   std::string oauth_token_file) {
  if (auto resident = keep_librdkafka_resident(); !resident) return resident.error();
  if (const auto problems = check_properties(settings.properties); !problems.empty()) {
    return Error(ErrorCode::invalid, problems.front().message).within("worker " + settings.name);
  }
  if (settings.topics.empty()) return Error(ErrorCode::invalid, "worker " + settings.name + " has no topics");
  return std::unique_ptr<Consumer>(
      new Consumer(std::make_shared<ConsumerLoop>(settings, std::move(oauth_token_file), log)));
}

Consumer::Consumer(std::shared_ptr<ConsumerLoop> loop) : loop_(std::move(loop)) {}

Consumer::~Consumer() { stop(std::chrono::steady_clock::now() + std::chrono::seconds(5)); }

Result<void> Consumer::start(RecordHandler& handler) {
  if (thread_.joinable()) return Error(ErrorCode::state, "worker " + loop_->settings().name + " is running");
  if (stuck_) return Error(ErrorCode::state, "worker " + loop_->settings().name + " is stuck in a handler");
  if (auto prepared = loop_->prepare(handler); !prepared) return prepared.error();
  // The thread shares the loop: should it have to be left behind, the loop stays with it.
  thread_ = std::thread([loop = loop_] { loop->run(); });
  return {};
}

void Consumer::begin_stop(std::chrono::steady_clock::time_point deadline) {
  if (thread_.joinable()) loop_->ask_to_stop(deadline);
}

bool Consumer::stop(std::chrono::steady_clock::time_point deadline) {
  if (!thread_.joinable()) return !stuck_;
  loop_->ask_to_stop(deadline);
  stuck_ = !loop_->wait_until_ended(std::max(deadline, std::chrono::steady_clock::now()) + time_to_hurry);
  if (stuck_) {
    thread_.detach();
    return false;
  }
  thread_.join();
  return !loop_->client_left();
}

ConsumerStatus Consumer::status() const { return loop_->status(); }
ConsumerState Consumer::state() const noexcept { return loop_->state(); }
bool Consumer::connected() const noexcept { return loop_->connected(); }

Result<void> Consumer::command(ConsumerCommand command, std::chrono::steady_clock::time_point deadline,
                               CommandDone done) {
  return loop_->command(std::move(command), deadline, std::move(done));
}
void Consumer::watch() { loop_->watch(); }

}  // namespace kafka_events
