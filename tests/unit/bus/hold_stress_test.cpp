// Publishers at full speed while versions take over from each other, back and forth, hundreds of times: whatever moment
// a publish comes at, each event reaches each handler of the plugin exactly once, in the order of its publisher.
#include <cstring>
#include <random>

#include "hold_helpers.h"

namespace host_stub::testing {
namespace {

constexpr std::size_t publishers = 3;
#if defined(__SANITIZE_THREAD__)
constexpr int takeovers = 150;
#else
constexpr int takeovers = 600;
#endif

/// The numbers that one handler, by its name, got of one topic, whichever version it belonged to. Not atomic: one
/// publisher's events are handled one after another, and ThreadSanitizer is to see that they are.
struct Ledger {
  std::uint64_t last = 0;
  std::uint64_t wrong = 0;
  void note(std::uint64_t number) {
    if (number != ++last) ++wrong;
  }
};
struct PerPublisher {
  Ledger one, both_one, both_two, nested, republished;
  std::uint64_t nested_number = 0;
  std::uint64_t republished_number = 0;
};
using Ledgers = std::array<PerPublisher, publishers>;

std::uint64_t number_of(const agent_event& event) {
  std::uint64_t number = 0;
  std::memcpy(&number, event.payload.data, sizeof(number));
  return number;
}

/// Topics end in the publisher's number.
std::size_t publisher_of(const agent_event& event) {
  return static_cast<std::size_t>(event.topic.data[event.topic.size - 1] - '0');
}

std::string topic_of(std::string_view kind, std::size_t publisher) {
  return std::string(kind) + "::" + std::to_string(publisher);
}

std::int32_t publish_number(EventBus& bus, std::string_view topic, std::uint64_t number,
                            const agent_event_completion* completion = nullptr) {
  return publish_to(bus, topic, {reinterpret_cast<const char*>(&number), sizeof(number)}, completion);
}

/// Completes events on a thread of its own.
class Completer {
 public:
  explicit Completer(EventBus& bus) : bus_(bus), thread_([this] { work(); }) {}
  ~Completer() {
    ending_ = true;
    thread_.join();
  }
  std::int32_t take(const agent_event& event) {
    const std::lock_guard lock(mutex_);
    taken_.push_back(&event);
    return AGENT_HANDLER_LATER;
  }

 private:
  void work() {
    for (bool last = false; !last;) {
      last = ending_;
      std::vector<const agent_event*> batch;
      {
        const std::lock_guard lock(mutex_);
        batch.swap(taken_);
      }
      bus_.complete_many(batch.data(), batch.size(), AGENT_OUTCOME_DONE);
      if (batch.empty()) std::this_thread::yield();
    }
  }
  EventBus& bus_;
  std::mutex mutex_;
  std::vector<const agent_event*> taken_;
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

/// A version of the plugin: it answers DONE, LATER and, for events that only one handler gets, BUSY; it publishes within
/// a handler. Its memory goes right after its subscriptions.
class Version {
 public:
  Version(EventBus& bus, Completer& later, Ledgers& ledgers, std::uint64_t owner)
      : bus_(bus),
        later_(later),
        ledgers_(ledgers),
        first_(bus, "first", "(one|both|inner|again)::", owner,
               [this](const agent_event& event) { return first(event); }),
        second_(bus, "second", "both::[0-9]$", owner, [this](const agent_event& event) { return second(event); }) {}

  std::atomic<bool> may_be_called{true};

 private:
  std::int32_t first(const agent_event& event) {
    if (!may_be_called) ++ledgers_[0].one.wrong;
    PerPublisher& mine = ledgers_[publisher_of(event)];
    const std::uint64_t number = number_of(event);
    switch (event.topic.data[0]) {
      case 'o':
        if (++calls_ % 128 == 0) return AGENT_HANDLER_BUSY;
        mine.one.note(number);
        return number % 4 == 0 ? later_.take(event) : AGENT_HANDLER_DONE;
      case 'b':
        mine.both_one.note(number);
        return number % 8 == 0 ? later_.take(event) : AGENT_HANDLER_DONE;
      case 'i':
        mine.nested.note(number);
        return AGENT_HANDLER_DONE;
      default:
        mine.republished.note(number);
        return AGENT_HANDLER_DONE;
    }
  }
  std::int32_t second(const agent_event& event) {
    if (!may_be_called) ++ledgers_[0].one.wrong;
    PerPublisher& mine = ledgers_[publisher_of(event)];
    mine.both_two.note(number_of(event));
    if (number_of(event) % 16 == 0) {
      publish_number(bus_, topic_of("inner", publisher_of(event)), ++mine.nested_number);
    }
    return number_of(event) % 3 == 0 ? later_.take(event) : AGENT_HANDLER_DONE;
  }

  EventBus& bus_;
  Completer& later_;
  Ledgers& ledgers_;
  std::atomic<std::uint64_t> calls_{0};
  NamedListener first_, second_;
};

struct Published {
  std::uint64_t one = 0, both = 0, accepted = 0;
};

void publish_until(EventBus& bus, std::size_t publisher, const std::atomic<bool>& ending,
                   std::atomic<std::uint64_t>& told, Published& published) {
  const std::string one = topic_of("one", publisher), both = topic_of("both", publisher);
  const agent_event_completion completion{sizeof(completion), 0, &told, 0,
                                          [](void* context, std::uint64_t, const agent_event_result* result) {
                                            auto& count = *static_cast<std::atomic<std::uint64_t>*>(context);
                                            if (result->outcome == AGENT_OUTCOME_DONE) ++count;
                                          }};
  for (std::uint64_t number = 1; !ending; ++number) {
    while (publish_number(bus, one, number, &completion) != AGENT_OK) {
    }
    CHECK(publish_number(bus, both, number, &completion) == AGENT_OK);
    published = {number, number, 2 * number};
  }
}

/// Drives versions 1, 2, 3 … of the plugin.
class Control {
 public:
  Control(EventBus& bus, Completer& later, Ledgers& ledgers) : bus_(bus), later_(later), ledgers_(ledgers) {
    current_ = std::make_unique<Version>(bus_, later_, ledgers_, owner_);
  }

  void take_over() {
    const std::uint64_t published = bus_.statistics().published + random_() % 3000;
    CHECK(eventually([&] { return bus_.statistics().published > published; }));
    const std::uint64_t next = ++last_owner_;
    const bool hurry = random_() % 4 == 0;  // often a handler is running at that moment
    auto hold = EventHold::begin(bus_, owner_, next, limits, hurry ? in(0ms) : in(20s));
    if (!hold.ok()) {
      CHECK(hurry);
      ++failed;
      return;
    }
    current_->may_be_called = false;
    if (random_() % 4 == 0) {  // the new version could not be loaded
      current_->may_be_called = true;
      return release(*hold.value(), owner_);
    }
    auto successor = std::make_unique<Version>(bus_, later_, ledgers_, next);
    if (random_() % 4 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(random_() % 5));  // a slow start
    release(*hold.value(), next);
    if (random_() % 3 == 0) return go_back(*successor, next);
    bus_.remove_all_of(owner_, in(20s));
    current_ = std::move(successor);
    owner_ = next;
  }

  int failed = 0;
  std::uint64_t released = 0;

 private:
  static constexpr HoldLimits limits{50'000'000, std::size_t{4} << 30};

  void go_back(Version& successor, std::uint64_t next) {
    const auto back = hold_events(bus_, next, owner_, limits);
    successor.may_be_called = false;
    current_->may_be_called = true;
    release(*back, owner_);
  }
  void release(EventHold& hold, std::uint64_t owner) {
    const EventHold::Released done = hold.release_to(owner, in(60s));
    CHECK(done.refused == 0);
    released += done.events;
  }

  EventBus& bus_;
  Completer& later_;
  Ledgers& ledgers_;
  std::mt19937 random_{7};
  std::uint64_t owner_ = 1;
  std::uint64_t last_owner_ = 1;
  std::unique_ptr<Version> current_;
};

}  // namespace

TEST_CASE("hundreds of takeovers under full load: every event once, in order, and every publisher told") {
  EventBus bus;
  Ledgers ledgers{};
  std::array<Published, publishers> published{};
  std::atomic<std::uint64_t> told{0};
  std::atomic<bool> ending{false};
  {
    Completer later(bus);
    Control control(bus, later, ledgers);
    const Listener republisher(bus, {"both::"}, [&](const agent_event& event) {
      const std::size_t publisher = publisher_of(event);
      if (number_of(event) % 16 == 0) {
        publish_number(bus, topic_of("again", publisher), ++ledgers[publisher].republished_number);
      }
      return AGENT_HANDLER_DONE;
    });
    std::vector<std::thread> threads;
    for (std::size_t number = 0; number < publishers; ++number) {
      threads.emplace_back([&, number] { publish_until(bus, number, ending, told, published[number]); });
    }
    for (int count = 0; count < takeovers; ++count) control.take_over();
    ending = true;
    for (std::thread& thread : threads) thread.join();
    MESSAGE(control.failed << " holds failed, " << control.released << " events were held");
    CHECK(control.failed > 0);
    CHECK(control.released > 0);
    CHECK(bus.wait_idle(in(20s)));
  }
  std::uint64_t accepted = 0;
  for (std::size_t number = 0; number < publishers; ++number) {
    const PerPublisher& got = ledgers[number];
    for (const Ledger* ledger : {&got.one, &got.both_one, &got.both_two, &got.nested, &got.republished}) {
      CHECK(ledger->wrong == 0);
    }
    CHECK(got.one.last == published[number].one);
    CHECK(got.both_one.last == published[number].both);
    CHECK(got.both_two.last == published[number].both);
    CHECK(got.nested.last == got.nested_number);
    CHECK(got.republished.last == got.republished_number);
    accepted += published[number].accepted;
  }
  CHECK(told == accepted);
  CHECK(bus.statistics().alive == 0);
  CHECK(bus.statistics().in_flight == 0);
}

}  // namespace host_stub::testing
