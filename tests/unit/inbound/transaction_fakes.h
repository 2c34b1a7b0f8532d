// A transactional producer and a consumer small enough to see through, and a rig around an exactly_once pipeline.
#pragma once

#include <algorithm>
#include <deque>
#include <doctest/doctest.h>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/transaction.h"
#include "fakes.h"
#include "inbound/dead_letter_writer.h"
#include "inbound/pipeline.h"
#include "inbound/transaction_scope.h"

namespace kafka_events {

/// Keeps what was committed apart from what was only sent. Steps end as the script says, else done.
class FakeTransactionalSink final : public TransactionalSink {
 public:
  struct Sent {
    std::string topic, value;
    std::vector<std::pair<std::string, std::string>> headers;
    std::uint64_t number = 0;
  };
  std::deque<TransactionState> prepares, begins, commits, aborts;  // what is next; empty: done
  std::function<void()> on_commit = [] {};
  std::vector<std::string> calls;
  std::vector<Sent> open, visible;
  std::map<TopicPartition, std::int64_t> offsets;  // of the group
  std::string metadata;
  DeliveryListener* listener = nullptr;
  bool acknowledge = true;  // at once
  Failure failure = Failure::none;
  std::string failing;  // records with this value fail with `failure`
  SendStatus answer = SendStatus::accepted;

  Result<TopicId> open_topic(std::string_view name) override {
    topics_.emplace_back(name);
    return TopicId(topics_.size() - 1);
  }
  SendStatus send(const OutboundRecord& record) noexcept override {
    if (answer != SendStatus::accepted) return answer;
    Sent sent{topics_[static_cast<std::size_t>(record.topic)], std::string(record.value), {}, record.number};
    for (const Header& header : record.headers) sent.headers.emplace_back(header.name, header.value);
    open.push_back(sent);
    pending_.push_back(sent);
    return SendStatus::accepted;
  }
  [[nodiscard]] std::string explain(SendStatus, const OutboundRecord&) const override { return "refused"; }

  /// The broker's acknowledgements come, as on the delivery thread.
  void report() {
    for (const Sent& sent : std::exchange(pending_, {})) {
      DeliveryReport report;
      report.number = sent.number;
      report.topic = sent.topic;
      report.partition = 0;
      report.offset = 7;
      report.delivered = failure == Failure::none || sent.value != failing;
      if (!report.delivered) report.failure = failure;
      listener->on_deliveries({&report, 1});
    }
  }

  TransactionStep prepare(Deadline) override { return next("prepare", prepares); }
  TransactionStep begin() override { return next("begin", begins); }
  TransactionStep commit(std::span<const TransactionOffset> done, std::string_view group, Deadline) override {
    report();
    on_commit();
    TransactionStep step = next("commit", commits);
    if (!step.ok()) return step;
    metadata = group;
    for (const TransactionOffset& each : done) offsets[each.partition] = each.next_offset;
    visible.insert(visible.end(), open.begin(), open.end());
    open.clear();
    return step;
  }
  TransactionStep abort(Deadline) override {
    report();
    TransactionStep step = next("abort", aborts);
    if (step.ok()) open.clear();
    return step;
  }
  [[nodiscard]] std::string plain_group_metadata(std::string_view group) const override { return std::string(group); }
  Result<std::int64_t> committed_position(std::string_view, Deadline) override { return std::int64_t{-1}; }

  [[nodiscard]] auto count(std::string_view call) const { return std::ranges::count(calls, call); }

 private:
  TransactionStep next(std::string call, std::deque<TransactionState>& script) {
    calls.push_back(std::move(call));
    if (script.empty()) return {};
    const TransactionState state = script.front();
    script.pop_front();
    return {state, state == TransactionState::done ? "" : "as the script says"};
  }

  std::vector<std::string> topics_;
  std::vector<Sent> pending_;
};

struct FakeConsumer final : ConsumerControl {
  FakeTransactionalSink& sink;
  bool member = true;
  bool answers = true;
  std::string gave_up;

  explicit FakeConsumer(FakeTransactionalSink& of) : sink(of) {}
  Result<std::string> group_metadata() override {
    if (!member) return Error(ErrorCode::state, "the membership was lost");
    return std::string("generation 3");
  }
  Result<std::vector<Watermark>> committed(std::span<const TopicPartition> partitions,
                                           std::chrono::steady_clock::time_point) override {
    if (!answers) return Error(ErrorCode::timeout, "nobody answers");
    std::vector<Watermark> known;
    for (const TopicPartition& each : partitions) {
      const auto found = sink.offsets.find(each);
      known.push_back({each, found == sink.offsets.end() ? -1 : found->second});
    }
    return known;
  }
  void give_up(std::string reason) override { gave_up = std::move(reason); }
};

/// What the outbound pipeline would be told after a commit.
struct StatusEvents final : DeliveryListener {
  struct Report {
    std::string event_id, payload;
    std::int64_t offset;
  };
  std::vector<Report> reports;
  void on_deliveries(std::span<const DeliveryReport> all) noexcept override {
    for (const DeliveryReport& each : all) {
      REQUIRE(each.source != nullptr);
      CHECK(each.event == nullptr);
      reports.push_back({std::string(each.source->id), std::string(each.source->payload), each.offset});
    }
  }
};

struct TransactionRig {
  SilentLog log;
  FakeBus bus;
  RecordMaker records;
  FakeTransactionalSink sink;
  FakeTransactionalSink other_sink;  // of dead letters of other workers: nothing may reach it
  StatusEvents status;
  OpenTransactions transactions;
  TransactionScope scope{sink, bus, status};
  FakeConsumer consumer{sink};
  std::unique_ptr<DeadLetterWriter> writer;
  std::unique_ptr<InboundPipeline> pipeline;

  explicit TransactionRig(config::WorkerSettings settings = {}) {
    settings.name = "ledger";
    settings.qos = config::Qos::exactly_once;
    settings.transactional_id = "agent-1.ledger";
    settings.retries.backoff = std::chrono::milliseconds(5);
    settings.retries.max_backoff = std::chrono::milliseconds(10);
    sink.listener = &scope;
    transactions.add(scope);
    auto made_writer = DeadLetterWriter::create(
        bus, other_sink, [](DeliveryListener&) { return Result<void>(); }, log, &transactions);
    REQUIRE(made_writer.ok());
    writer = std::move(made_writer).value();
    REQUIRE(writer->start().ok());
    auto made = InboundPipeline::create(settings, "", bus, writer.get(), log, &scope);
    REQUIRE(made.ok());
    pipeline = std::move(made).value();
    pipeline->attach(&consumer);
    pipeline->on_assigned(std::vector<TopicPartition>{{"in", 0}, {"in", 1}});
  }
  ~TransactionRig() {
    pipeline.reset();
    while (bus.waiting() > 0) bus.complete_next(Outcome::done);
    CHECK(records.released == records.created);
    CHECK(other_sink.open.empty());
  }

  void take(std::int64_t offset, std::int32_t partition = 0, std::string value = "{}") {
    pipeline->on_record(records.make("in", partition, offset, std::move(value)));
  }
  void turn() { pipeline->on_turn(std::chrono::steady_clock::now()); }
  /// Turns until it holds, as the consumer's thread does; false if it did not come true.
  bool turn_until(const std::function<bool()>& holds) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!holds() && std::chrono::steady_clock::now() < deadline) turn();
    return holds();
  }
  [[nodiscard]] std::int64_t offset(std::int32_t partition = 0) const {
    const auto found = sink.offsets.find({"in", partition});
    return found == sink.offsets.end() ? -1 : found->second;
  }
  [[nodiscard]] std::vector<std::string> visible() const {
    std::vector<std::string> values;
    for (const auto& sent : sink.visible) values.push_back(sent.value);
    return values;
  }
  /// As the outbound pipeline does with an event of an exactly_once route. Null sink: nothing is open for it.
  SendStatus publish(std::string id, std::string payload, std::string cause = "") {
    const Header headers[] = {{cause_header, cause}};
    Event event;
    event.id = id;
    event.payload = payload;
    if (!cause.empty()) event.headers = headers;
    RecordSink* to = transactions.sink_for(event);
    if (to == nullptr) return SendStatus::kept;  // it would go another way
    OutboundRecord record;
    record.topic = to->open_topic("out").value();
    record.value = payload;
    record.source = &event;
    record.event = reinterpret_cast<EventHandle>(&record);  // any, completed on the fake bus without effect
    return to->send(record);
  }
};

}  // namespace kafka_events
