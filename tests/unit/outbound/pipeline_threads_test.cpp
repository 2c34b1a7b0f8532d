// Many publishers, one delivery thread, an operator who stops and starts: every event has exactly one end.
#include <atomic>
#include <condition_variable>
#include <doctest/doctest.h>
#include <thread>

#include "fakes.h"
#include "outbound/pipeline.h"

using namespace kafka_events;

namespace {

// A queue of handles between send() and the delivery thread.
class QueueSink final : public RecordSink {
 public:
  Result<TopicId> open_topic(std::string_view) override { return TopicId{0}; }
  SendStatus send(const OutboundRecord& record) noexcept override {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= 500) return SendStatus::full;
    waiting_.push_back(record.event);
    ready_.notify_one();
    return SendStatus::accepted;
  }
  [[nodiscard]] std::string explain(SendStatus, const OutboundRecord&) const override { return "refused"; }

  // Empty only when closed.
  std::vector<EventHandle> take() {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
    return std::exchange(waiting_, {});
  }
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    ready_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable ready_;
  std::vector<EventHandle> waiting_;
  bool closed_ = false;
};

// Counts only; an event is its topic.
class CountingBus final : public EventBus {
 public:
  Result<void> publish(const EventDraft&, PublishCompletion*, std::uint64_t) override {
    return ++published, Result<void>{};
  }
  Result<SubscriptionToken> subscribe(std::string_view, std::span<const std::string>, EventHandler&) override {
    return SubscriptionToken{1};
  }
  void unsubscribe(SubscriptionToken) override {}
  void defer(EventHandle, std::uint32_t more) noexcept override { deferred += more; }
  void complete(EventHandle, Outcome, std::string_view) noexcept override { ++completed; }
  void complete_many(std::span<const EventHandle> events, Outcome) noexcept override { completed += events.size(); }
  [[nodiscard]] Event view(EventHandle event) const noexcept override {
    Event seen;
    seen.topic = *reinterpret_cast<const std::string*>(event);
    seen.handle = event;
    return seen;
  }
  [[nodiscard]] std::uint32_t listeners(std::string_view) const noexcept override { return 1; }

  std::atomic<std::uint64_t> published{0};
  std::atomic<std::uint64_t> deferred{0};
  std::atomic<std::uint64_t> completed{0};
};

}  // namespace

TEST_CASE("every answer of later has exactly one completion, whatever else happens") {
  CountingBus bus;
  QueueSink sink;
  test::FakeLog log;
  std::vector<config::RouteSettings> routes = {test::route("t::[0-4]$"), test::route("t::.*")};
  routes[0].continue_matching = true;
  routes[1].topic = "all-{tenant}";
  const auto pipeline = std::move(OutboundPipeline::create(routes, "", bus, sink, log)).value();
  pipeline->open();

  std::thread delivery([&] {
    for (std::vector<EventHandle> taken = sink.take(); !taken.empty(); taken = sink.take()) {
      std::vector<DeliveryReport> reports;
      for (const EventHandle event : taken) {
        DeliveryReport& report = reports.emplace_back();
        report.event = event;
        report.topic = "t-1";
        report.delivered = reports.size() % 7 != 0;
        report.reason = "x";
      }
      pipeline->on_deliveries(reports);
    }
  });
  std::vector<std::string> topics;
  for (int number = 0; number < 10; ++number) topics.push_back("t::" + std::to_string(number));
  std::atomic<std::uint64_t> later{0};
  std::vector<std::thread> publishers;
  for (int publisher = 0; publisher < 3; ++publisher) {
    publishers.emplace_back([&] {
      for (std::size_t round = 0; round < 5000; ++round) {
        const std::string& topic = topics[round % topics.size()];
        Event event = bus.view(reinterpret_cast<EventHandle>(&topic));
        event.tenant = "w";
        event.payload = "{}";
        if (pipeline->on_event(event) == HandlerAnswer::later) ++later;
      }
    });
  }
  for (int turn = 0; turn < 200; ++turn) {
    pipeline->close("stopped");
    CHECK(pipeline->statistics().routes.size() == 2);
    pipeline->open();
  }
  for (std::thread& publisher : publishers) publisher.join();
  sink.close();
  delivery.join();
  CHECK(later > 0);
  CHECK(bus.completed == later + bus.deferred);
  const OutboundStatistics statistics = pipeline->statistics();
  std::uint64_t sent = 0;
  std::uint64_t ended = 0;
  for (const RouteStatistics& of : statistics.routes) {
    sent += of.sent;
    ended += of.delivered + of.failed;
  }
  CHECK(sent == ended);
}
