// The consumer as its owner sees it; consumer_loop.cpp has what its thread does.
#include "kafka/consumer.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "kafka/client.h"
#include "kafka/client_handover.h"
#include "kafka/consumer_loop.h"
#include "kafka/properties.h"

namespace kafka_events {
namespace {

using Clock = std::chrono::steady_clock;

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

Result<void> Consumer::check_stopped() const {
  if (thread_.joinable()) return Error(ErrorCode::state, "worker " + loop_->settings().name + " is running");
  if (stuck_) return Error(ErrorCode::state, "worker " + loop_->settings().name + " is stuck in a handler");
  return {};
}

Result<void> Consumer::start(RecordHandler& handler, const WorkerHandover* from, Deposits* deposits) {
  if (Result<void> stopped = check_stopped(); !stopped) return stopped;
  const std::string name = loop_->client_name();
  rd_kafka_t* deposited = nullptr;
  if (from != nullptr && deposits != nullptr && from->consumer_deposited) deposited = withdraw_client(*deposits, name);
  rd_kafka_t* client = deposited != nullptr ? deposited : preparation_.take();
  Result<void> started = loop_->set_up(handler, client, deposited != nullptr, from);
  if (!started) return started;
  started = start_thread();
  preparation_.drop();
  if (started) return started;
  client = loop_->forget_client();
  if (deposited == nullptr || !deposit_client(*deposits, name, client)) (void)destroy_client(client, Clock::now());
  return started;
}

Result<void> Consumer::start_thread() {
  try {
    // The thread shares the loop: should it have to be left behind, the loop stays with it.
    thread_ = std::thread([loop = loop_] { loop->run(); });
    return {};
  } catch (const std::system_error& error) {
    return Error(ErrorCode::failed, std::string("no thread could be started: ") + error.what());
  }
}

Result<void> Consumer::prepare() {
  if (Result<void> stopped = check_stopped(); !stopped) return stopped;
  auto client = loop_->make_client();
  if (!client) return client.error();
  preparation_.begin(client.value(), loop_->settings(), loop_->oauth_token_file());
  return {};
}

ClientKey Consumer::key() const { return loop_->key(); }

void Consumer::begin_quiesce(std::chrono::steady_clock::time_point) {
  if (thread_.joinable()) loop_->close_gate();
}

Result<void> Consumer::quiesce(std::chrono::steady_clock::time_point deadline) {
  if (!thread_.joinable()) return {};
  loop_->close_gate();
  if (loop_->wait_until_quiet(deadline)) return {};
  const std::string what = loop_->what_is_under_way();
  loop_->open_gate();
  return Error(ErrorCode::timeout, "worker " + loop_->settings().name + " did not come to rest in time: " + what);
}

void Consumer::resume() {
  if (thread_.joinable()) loop_->open_gate();
}

Result<WorkerHandover> Consumer::suspend(const SuspendRequest& request, Deposits& deposits) {
  if (!thread_.joinable()) return Error(ErrorCode::state, "worker " + loop_->settings().name + " is not running");
  const ClientKey own = key();
  const bool same = !own.digest.empty() && has(request.other, own);
  auto handed = loop_->hand_over(same ? &deposits : nullptr);
  if (!handed) return handed;
  if (handed.value().consumer_deposited) {
    thread_.join();
    return handed;
  }
  loop_->leave_client_behind();
  (void)stop(request.deadline);
  if (stuck_) return Error(ErrorCode::timeout, "worker " + loop_->settings().name + " could not end: its thread hangs");
  return handed;
}

void Consumer::begin_stop(std::chrono::steady_clock::time_point deadline) {
  if (thread_.joinable()) loop_->ask_to_stop(deadline);
}

bool Consumer::stop(std::chrono::steady_clock::time_point deadline) {
  preparation_.drop();
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
