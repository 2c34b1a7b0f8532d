#include "plugin/ensured_topics.h"

#include <array>
#include <utility>

namespace kafka_events {
namespace {

using namespace std::chrono_literals;

/// After this long without a broker it is asked anew.
constexpr auto patience = 30s;

}  // namespace

struct EnsuredTopics::Shared {
  Shared(std::vector<TopicSpec> specs, TopicAdmin& topic_admin, Log& the_log)
      : topics(std::move(specs)), admin(topic_admin), log(the_log) {}

  const std::vector<TopicSpec> topics;
  TopicAdmin& admin;
  Log& log;

  std::mutex mutex;  // guards what follows
  std::condition_variable changed;
  bool gone = false;  // nobody asks any more
  bool asking = false;
  bool done = false;
  std::string trouble;
};

EnsuredTopics::EnsuredTopics(std::vector<TopicSpec> topics, TopicAdmin& admin, Log& log)
    : shared_(std::make_shared<Shared>(std::move(topics), admin, log)) {}

EnsuredTopics::~EnsuredTopics() {
  const std::lock_guard lock(shared_->mutex);
  shared_->gone = true;
}

void EnsuredTopics::begin() {
  {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->asking || shared_->done || shared_->topics.empty()) return;
    shared_->asking = true;
    shared_->trouble = "topics that the configuration wants are being created";
  }
  ask(shared_);
}

void EnsuredTopics::ask(const std::shared_ptr<Shared>& shared) {
  const Result<void> asked =
      shared->admin.create(shared->topics, std::chrono::steady_clock::now() + patience,
                           [shared](const Result<TopicOutcomes>& outcomes) { take(shared, outcomes); });
  if (!asked) take(shared, asked.error());
}

void EnsuredTopics::take(const std::shared_ptr<Shared>& shared, const Result<TopicOutcomes>& outcomes) {
  bool again = false;
  {
    const std::lock_guard lock(shared->mutex);
    if (outcomes.ok()) {
      shared->trouble.clear();
      shared->done = true;
    } else {
      shared->trouble = "topics that the configuration wants could not be created: " + outcomes.error().message;
      again = !shared->gone && outcomes.error().code == ErrorCode::timeout;
    }
    shared->asking = again;
    if (shared->gone) return;
    for (const TopicOutcome& each : outcomes.ok() ? outcomes.value() : TopicOutcomes()) {
      const bool failed = each.kind == TopicOutcome::Kind::failed;
      const std::array fields{LogField{"messaging.destination.name", each.name},
                              LogField{"error.message", each.message}};
      if (failed) {
        shared->done = false;
        shared->trouble = "topic " + each.name + " could not be created: " + each.message;
        shared->log.write(LogLevel::error, "topics", "a topic could not be created", fields);
      } else if (each.kind == TopicOutcome::Kind::created) {
        shared->log.write(LogLevel::info, "topics", "a topic was created", std::span(fields).first(1));
      } else if (!each.message.empty()) {
        shared->log.write(LogLevel::warning, "topics", "a topic differs from what the configuration wants", fields);
      }
    }
    shared->changed.notify_all();
  }
  if (again) ask(shared);
}

bool EnsuredTopics::wait(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(shared_->mutex);
  return shared_->changed.wait_until(lock, deadline, [this] { return !shared_->asking; });
}

std::string EnsuredTopics::trouble() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->trouble;
}

}  // namespace kafka_events
