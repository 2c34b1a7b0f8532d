// The plugin of the swap tests: counts the events of topics "count::…", and says each number that it gave in an event
// "counted::…" of the same payload. Its state is the count. Built as several versions, and to fail at any step:
//
//   COUNTER_VERSION            a semantic version
//   COUNTER_OLDEST, _NEWEST    revisions of its state; 0: it has no agent.handover
//   COUNTER_START_ONCE         start() fails the second time
//   COUNTER_CREATE             error, throw or hang: create() does
//
// The configuration is words: "later" answers LATER and counts on a thread of its own; "fail=STEP:HOW" fails at one of
// configure describe prepare quiesce resume save load start health handler errors destroy, by error, throw or hang; and
// destroy:leak leaves a thread behind. "slow_ready" is not ready, "reload" wants to be reloaded on change.
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "agent_plugin_cpp/agent_plugin.hpp"

#ifndef COUNTER_CREATE
#define COUNTER_CREATE ""
#endif

namespace {

constexpr std::string_view deposit_kind = "a number of the counter tests";

[[noreturn]] void hang() {
  for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
}

class Counter final : public agent::Plugin, public agent::Handover {
 public:
  explicit Counter(const agent_host* host)
      : Plugin(host), bus_(agent::Bus::of(host)), log_(agent::Log::of(host, "counter")) {
    const std::string how = COUNTER_CREATE;
    if (how == "hang") hang();
    if (how == "throw" || how == "error") throw std::runtime_error("create() fails on purpose");
  }
  ~Counter() override {
    stop_worker();
    std::free(deposit_);
    if (fails("destroy", "hang")) hang();
    if (fails("destroy", "leak")) std::thread(hang).detach();
  }

  agent::Status configure(const agent::Config& config) override {
    words_ = config.text();
    if (fails("configure", "error")) config.error("counter.fail", "refused on purpose", 1, 3);
    if (auto failed = fail_at("configure"); !failed.is_ok()) return failed;
    return config.status();
  }

  agent::Status start() override {
    if (auto failed = fail_at("start"); !failed.is_ok()) return failed;
#ifdef COUNTER_START_ONCE
    if (std::exchange(was_started_, true)) return {AGENT_E_FAILED, "start() works only once, on purpose"};
#endif
    const agent::Deposits deposits = agent::Deposits::of(host());
    if (deposits && deposit_ == nullptr) deposit_ = deposits.withdraw(deposit_kind, "it");
    if (deposit_ == nullptr) deposit_ = std::malloc(16);
    ending_ = false;
    worker_ = std::thread([this] { work(); });
    if (fails("errors", "error")) {
      for (int line = 0; line < 200; ++line) log_.error("an error on purpose");
    }
    return bus_.subscribe(
        "counter", {"^count::"}, [this](const agent::Event& event) { return on(event); }, in_);
  }

  agent::Status stop() override {
    in_.reset();
    stop_worker();
    return agent::ok();
  }

  agent::Health health() const override {
    if (fails("health", "hang")) hang();
    if (fails("health", "throw")) throw std::runtime_error("health fails on purpose");
    if (fails("health", "error")) return {false, false, "not alive on purpose"};
    if (words_.find("slow_ready") != std::string::npos) return {true, false, "not ready on purpose"};
    return {};
  }

#if COUNTER_OLDEST
  agent::Handover* handover() noexcept override { return this; }
#endif
  [[nodiscard]] std::uint32_t oldest_revision() const noexcept override { return COUNTER_OLDEST; }
  [[nodiscard]] std::uint32_t newest_revision() const noexcept override { return COUNTER_NEWEST; }
  [[nodiscard]] bool reload_on_change() const noexcept override { return words_.find("reload") != std::string::npos; }

  agent::Status describe(agent::StateWriter& to) override {
    if (auto failed = fail_at("describe"); !failed.is_ok()) return failed;
    return to.write("a number");
  }
  agent::Status prepare(const agent::PrepareRequest& /*request*/) override { return fail_at("prepare"); }
  agent::Status quiesce(std::chrono::milliseconds /*timeout*/) override { return fail_at("quiesce"); }
  agent::Status resume() override { return fail_at("resume"); }

  agent::Status save(const agent::SaveRequest& request, agent::StateWriter& state) override {
    if (auto failed = fail_at("save"); !failed.is_ok()) return failed;
    in_.reset();
    stop_worker();
    const agent::Deposits deposits = agent::Deposits::of(host());
    if (deposits && !request.close_connections && request.other == "a number") {
      if (deposits.deposit(deposit_kind, "it", deposit_, &std::free).is_ok()) deposit_ = nullptr;
    }
    std::string text = std::to_string(request.revision) + " " + std::to_string(count_);
    if (request.revision >= 2) text += " further";
    return state.write(text);
  }

  agent::Status load(agent::StateReader& state) override {
    if (auto failed = fail_at("load"); !failed.is_ok()) return failed;
    const std::string text = state.read_all(256);
    const auto space = text.find(' ');
    if (space == std::string::npos) return {AGENT_E_INVALID, "the state is damaged"};
    const unsigned revision = static_cast<unsigned>(std::strtoul(text.c_str(), nullptr, 10));
    if (revision - COUNTER_OLDEST > unsigned{COUNTER_NEWEST} - COUNTER_OLDEST)
      return {AGENT_E_UNSUPPORTED, "another revision"};
    count_ = std::strtoull(text.c_str() + space, nullptr, 10);
    return agent::ok();
  }

 private:
  [[nodiscard]] bool fails(const char* step, const char* how) const {
    return words_.find(std::string("fail=") + step + ":" + how) != std::string::npos;
  }
  [[nodiscard]] agent::Status fail_at(const char* step) const {
    if (fails(step, "hang")) hang();
    if (fails(step, "throw")) throw std::runtime_error(std::string(step) + "() throws on purpose");
    if (fails(step, "error")) return {AGENT_E_FAILED, std::string(step) + "() fails on purpose"};
    return agent::ok();
  }

  agent::Answer on(const agent::Event& event) {
    if (fails("handler", "hang")) hang();
    if (words_.find("later") == std::string::npos) {
      const std::lock_guard lock(counting_);
      count(event);
      return agent::Answer::done;
    }
    const std::lock_guard lock(mutex_);
    waiting_.push_back(event.get());
    changed_.notify_all();
    return agent::Answer::later;
  }

  void count(const agent::Event& event) {
    const std::string number = std::to_string(++count_);
    (void)bus_.publish(agent::Draft("counted::" + std::string(event.topic().substr(7)))
                           .payload(event.payload())
                           .header("count", number)
                           .header("version", COUNTER_VERSION));
  }

  /// Ends when it is told to and nothing waits any more.
  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [&] { return ending_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      const agent_event* event = waiting_.front();
      waiting_.pop_front();
      lock.unlock();
      {
        const std::lock_guard counting(counting_);
        count(agent::Event(event));
      }
      bus_.complete(event, agent::Outcome::done);
      lock.lock();
    }
  }

  void stop_worker() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
      changed_.notify_all();
    }
    if (worker_.joinable()) worker_.join();
  }

  agent::Bus bus_;
  agent::Log log_;
  std::string words_;
  agent::Subscription in_;
  void* deposit_ = nullptr;
  std::mutex counting_;
  std::uint64_t count_ = 0;  // guarded by counting_
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<const agent_event*> waiting_;  // guarded by mutex_
  bool ending_ = false;                     // likewise
  std::thread worker_;
#ifdef COUNTER_START_ONCE
  bool was_started_ = false;
#endif
};

}  // namespace

extern "C" AGENT_EXPORT const agent_plugin_module* agent_plugin_entry(void) {
  static constexpr agent_plugin_module block =
      agent::module<Counter>("counter", COUNTER_VERSION, "test", "Counts events, for the swap tests");
  return &block;
}
