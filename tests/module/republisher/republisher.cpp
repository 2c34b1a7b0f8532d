// A plugin that handles inbound events as a user's would: it notes each in a file and publishes it again.
//
// Environment: REPUBLISHER_PATTERN (of what it handles), REPUBLISHER_TOPIC (what it publishes; none if unset),
// REPUBLISHER_NOTES (a file that gets one line with the event's id for each handling, in one write),
// REPUBLISHER_MODE: now (done at once), wait (done when what it published is), thread (the same, but published by a
// thread that names the cause).
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <fcntl.h>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unistd.h>

#include "agent_plugin_cpp/agent_plugin.hpp"

namespace {

std::string environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

class Republisher final : public agent::Plugin {
 public:
  explicit Republisher(const agent_host* host)
      : Plugin(host),
        bus_(agent::Bus::of(host)),
        table_(static_cast<const agent_event_bus*>(host->get_extension(host, AGENT_EXT_EVENT_BUS))),
        topic_(environment("REPUBLISHER_TOPIC", "")),
        mode_(environment("REPUBLISHER_MODE", "now")) {}
  ~Republisher() override { Republisher::end(); }

  agent::Status start() override {
    if (table_ == nullptr) return agent::Status(AGENT_E_UNSUPPORTED, "the host does not offer " AGENT_EXT_EVENT_BUS);
    if (const std::string notes = environment("REPUBLISHER_NOTES", ""); !notes.empty()) {
      notes_ = open(notes.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    }
    ending_ = false;
    thread_ = std::thread([this] { run(); });
    const std::string pattern = environment("REPUBLISHER_PATTERN", "^acapy::inbound::");
    agent::Status subscribed = bus_.subscribe(
        "republisher", {pattern}, [this](const agent::Event& event) { return handle(event); }, in_);
    if (!subscribed.is_ok()) end();
    return subscribed;
  }

  agent::Status stop() override {
    end();
    return agent::ok();
  }

 private:
  void end() {
    in_.reset();
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
    if (notes_ >= 0) close(notes_);
    notes_ = -1;
  }

  /// One event that was answered "later", until what it caused is done.
  struct Caused {
    Republisher* self;
    const agent_event* cause;
  };

  agent::Answer handle(const agent::Event& event) {
    if (notes_ >= 0) {
      const std::string line = std::string(event.id()) + "\n";
      if (write(notes_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) return agent::Answer::failed;
    }
    if (topic_.empty()) return agent::Answer::done;
    if (mode_ == "now") return bus_.publish(draft(event)) ? agent::Answer::done : agent::Answer::failed;
    if (mode_ == "wait") {
      publish(event.get(), false);
      return agent::Answer::later;
    }
    {
      const std::lock_guard lock(mutex_);
      waiting_.push_back(event.get());
    }
    changed_.notify_one();
    return agent::Answer::later;
  }

  [[nodiscard]] agent::Draft draft(const agent::Event& event) const {
    agent::Draft draft(topic_);
    draft.key(event.key()).payload_of(event);
    return draft;
  }

  /// The cause is completed as what it caused is.
  void publish(const agent_event* cause, bool name_cause) {
    const agent::Event event(cause);
    agent::Draft again = draft(event);
    if (name_cause) again.header("agent-cause", event.id());
    const agent_event_draft built = again.build();
    auto caused = std::make_unique<Caused>(Caused{this, cause});
    const agent_event_completion completion{sizeof completion, 0, caused.get(), 0, &completed};
    agent_error error = AGENT_ERROR_INIT;
    const std::int32_t status = table_->publish(host(), &built, &completion, nullptr, &error);
    if (status == AGENT_OK || status == AGENT_E_BUSY) {
      (void)caused.release();  // completed() has it
      return;
    }
    bus_.complete(cause, agent::Outcome::failed, "not published");
  }

  static void completed(void* context, std::uint64_t /*cookie*/, const agent_event_result* result) noexcept {
    const std::unique_ptr<Caused> caused(static_cast<Caused*>(context));
    const bool done = result->outcome == AGENT_OUTCOME_DONE;
    caused->self->bus_.complete(caused->cause, done ? agent::Outcome::done : agent::Outcome::failed);
  }

  void run() {
    std::unique_lock lock(mutex_);
    while (!ending_ || !waiting_.empty()) {
      if (waiting_.empty()) {
        changed_.wait(lock);
        continue;
      }
      const agent_event* event = waiting_.front();
      waiting_.pop_front();
      lock.unlock();
      publish(event, true);
      lock.lock();
    }
  }

  agent::Bus bus_;
  const agent_event_bus* table_;
  const std::string topic_;
  const std::string mode_;
  int notes_ = -1;
  std::thread thread_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<const agent_event*> waiting_;
  bool ending_ = false;
  agent::Subscription in_;  // last: no event comes when the others go
};

}  // namespace

extern "C" AGENT_EXPORT const agent_plugin_module* agent_plugin_entry(void) {
  static constexpr agent_plugin_module block =
      agent::module<Republisher>("republisher", "1.0.0", "test", "Publishes inbound events again");
  return &block;
}
