// A redrive on a source and a sink in memory: what is published, what is remembered, what stays redrivable.
#include "inbound/redrive.h"

#include <doctest/doctest.h>
#include <map>
#include <vector>

#include "inbound/redrive_progress.h"

namespace {

using namespace kafka_events;
using namespace std::chrono_literals;

constexpr auto never = [] { return false; };
constexpr auto nothing = [] {};

/// A topic dlq-in with one partition; offset and metadata stay between redrives.
class MemorySource final : public DeadLetterSource {
 public:
  struct Letter {
    std::int64_t offset;
    std::string tenant;
    std::vector<std::pair<std::string, std::string>> headers;
  };
  void add(std::string tenant, std::string topic = "in") {
    letters.push_back({next_offset++, std::move(tenant), {{"__connect.errors.topic", std::move(topic)}, {"h", "v"}}});
  }

  Result<std::vector<std::string>> topics(Deadline) override { return std::vector<std::string>{"in", "dlq-in"}; }
  Result<std::vector<DeadLetterPartition>> partitions(std::span<const std::string> topics, Deadline) override {
    std::vector<DeadLetterPartition> found;
    if (topics.empty()) return found;
    DeadLetterPartition& only = found.emplace_back();
    only.partition.topic = "dlq-in";
    only.high = next_offset;
    only.committed = committed;
    only.metadata = metadata;
    return found;
  }
  Result<void> read(std::span<const DeadLetterPosition> from, Deadline) override {
    at_ = from[0].offset;
    return {};
  }
  Result<std::optional<DeadLetterRead>> next(Deadline) override {
    DeadLetterRead read;
    read.record.topic = "dlq-in";
    for (const Letter& letter : letters) {
      if (letter.offset < at_) continue;
      at_ = letter.offset + 1;
      headers_.clear();
      for (const auto& [name, value] : letter.headers) headers_.push_back({name, value});
      read.record.offset = letter.offset;
      read.record.key = letter.tenant;
      read.record.value = "value";
      read.record.headers = headers_;
      return std::optional(read);
    }
    read.end = true;
    read.record.offset = next_offset;
    return std::optional(read);
  }
  Result<void> commit(std::span<const DeadLetterPosition> positions, Deadline) override {
    if (fail_commits-- > 0) return Error(ErrorCode::timeout, "no answer");
    committed = positions[0].offset;
    metadata = positions[0].metadata;
    ++commits;
    return {};
  }

  std::vector<Letter> letters;
  std::int64_t next_offset = 0;
  std::int64_t committed = -1;
  std::string metadata;
  int commits = 0;
  int fail_commits = 0;

 private:
  std::int64_t at_ = 0;
  std::vector<Header> headers_;
};

class MemorySink final : public RecordSink {
 public:
  Result<TopicId> open_topic(std::string_view name) override {
    topic = name;
    return TopicId{0};
  }
  SendStatus send(const OutboundRecord& record) noexcept override {
    CHECK(record.event == nullptr);
    tenants.emplace_back(record.key);
    headers.emplace_back();
    for (const Header& each : record.headers) headers.back().emplace_back(each.name, each.value);
    DeliveryReport report;
    report.number = record.number;
    report.delivered = !(fail && fail(tenants.size()));
    report.failure = report.delivered ? Failure::none : failure;
    report.reason = report.delivered ? "" : "away";
    listener->on_deliveries({&report, 1});
    return SendStatus::accepted;
  }
  [[nodiscard]] std::string explain(SendStatus, const OutboundRecord&) const override { return "refused"; }

  DeliveryListener* listener = nullptr;
  std::string topic;
  std::vector<std::string> tenants;
  std::vector<std::vector<std::pair<std::string, std::string>>> headers;
  std::function<bool(std::size_t sent)> fail;
  Failure failure = Failure::transient;
};

struct Fixture {
  RedriveReport run(std::optional<std::string> tenant = std::nullopt, std::uint64_t limit = 1000,
                    const std::function<bool()>& stop = never) {
    worker.name = "inbound";
    worker.topics = {"in"};
    Redrive redrive(worker, "", maker_for_redrive(worker, "", {}).value(),
                    {"inbound", std::move(tenant), limit, 100'000}, source, sink);
    sink.listener = &redrive;
    redrive.run(stop, nothing);
    return redrive.report();
  }
  config::WorkerSettings worker;
  MemorySource source;
  MemorySink sink;
};

}  // namespace

TEST_CASE("everything is redriven once, in order, with its own headers and a count") {
  Fixture f;
  for (const char* tenant : {"a", "b", "c"}) f.source.add(tenant);
  const RedriveReport report = f.run();
  CHECK(report.redriven == 3);
  CHECK(report.left == 0);
  CHECK(report.problem.empty());
  CHECK_FALSE(report.running);
  CHECK(f.sink.topic == "in");
  CHECK(f.sink.tenants == std::vector<std::string>{"a", "b", "c"});
  CHECK(f.sink.headers[0] ==
        std::vector<std::pair<std::string, std::string>>{{"h", "v"}, {"kafka_events-redrive-count", "1"}});
  CHECK(f.source.committed == 3);
  CHECK(f.run().redriven == 0);
  CHECK(f.sink.tenants.size() == 3);
}

TEST_CASE("those of other tenants stay redrivable, and those redriven are not redriven again") {
  Fixture f;
  for (int i = 0; i < 12; ++i) f.source.add(i % 3 == 0 ? "x" : "y");
  const RedriveReport only_y = f.run("y");
  CHECK(only_y.redriven == 8);
  CHECK(only_y.skipped == 4);
  CHECK(only_y.left == 4);
  CHECK(f.source.committed == 0);
  CHECK(f.source.metadata == "1:+1-2,+1-2,+1-2,+1-2");
  CHECK(f.run("y").redriven == 0);
  const RedriveReport rest = f.run();
  CHECK(rest.redriven == 4);
  CHECK(rest.left == 0);
  CHECK(f.source.committed == 12);
  CHECK(f.source.metadata.empty());
}

TEST_CASE("the limit ends a redrive, and the next one goes on there") {
  Fixture f;
  for (int i = 0; i < 5; ++i) f.source.add(std::to_string(i));
  const RedriveReport first = f.run(std::nullopt, 2);
  CHECK(first.redriven == 2);
  CHECK(first.left == 3);
  CHECK(f.run().redriven == 3);
  CHECK(f.sink.tenants == std::vector<std::string>{"0", "1", "2", "3", "4"});
}

TEST_CASE("what the broker did not acknowledge stays redrivable") {
  Fixture f;
  for (int i = 0; i < 4; ++i) f.source.add(std::to_string(i));
  f.sink.fail = [](std::size_t sent) { return sent == 2; };
  const RedriveReport report = f.run();
  CHECK(report.redriven == 3);
  CHECK(report.failed == 1);
  CHECK(report.left == 1);
  CHECK(f.source.committed == 1);
  f.sink.fail = nullptr;
  CHECK(f.run().redriven == 1);
  CHECK(f.sink.tenants.back() == "1");
}

TEST_CASE("a record that can never be written ends the redrive with a reason") {
  Fixture f;
  for (int i = 0; i < 100; ++i) f.source.add(std::to_string(i));
  f.sink.fail = [](std::size_t) { return true; };
  f.sink.failure = Failure::permanent;
  const RedriveReport report = f.run();
  CHECK(report.failed == 1);
  CHECK(report.problem.find("away") != std::string::npos);
  CHECK(f.source.committed == -1);
}

TEST_CASE("only topics of the worker are written to") {
  Fixture f;
  f.source.add("a", "someone-elses");
  f.source.add("b");
  const RedriveReport report = f.run();
  CHECK(report.redriven == 1);
  CHECK(report.skipped == 1);
  CHECK(f.sink.tenants == std::vector<std::string>{"b"});
}

TEST_CASE("a commit that fails is tried again at the end") {
  Fixture f;
  f.source.add("a");
  f.source.fail_commits = 2;
  CHECK(f.run().problem.empty());
  CHECK(f.source.committed == 1);
}

TEST_CASE("when the position can remember no more holes it stops and says what to do") {
  Fixture f;
  for (int i = 0; i < 4000; ++i) f.source.add(i % 2 == 0 ? "x" : "y");
  const RedriveReport report = f.run("y", 100'000);
  CHECK(report.problem.find("Redrive without a tenant") != std::string::npos);
  CHECK(report.redriven > 500);
  CHECK(report.redriven < 2000);
  CHECK(f.source.metadata.size() <= DeadLetterSource::max_metadata_bytes);
  const std::uint64_t before = report.redriven;
  CHECK(f.run(std::nullopt, 100'000).redriven == 4000 - before);
  CHECK(f.source.committed == 4000);
}

TEST_CASE("gaps in the offsets are no holes") {
  Fixture f;
  f.source.add("a");
  f.source.next_offset += 5;  // a transaction's mark, or compaction
  f.source.add("b");
  f.source.next_offset += 1;
  CHECK(f.run().left == 0);
  CHECK(f.source.committed == 8);
}

TEST_CASE("a stop ends it soon, and what was redriven is remembered") {
  Fixture f;
  for (int i = 0; i < 1000; ++i) f.source.add(std::to_string(i));
  int asked = 0;
  const RedriveReport report = f.run(std::nullopt, 100'000, [&] { return ++asked > 10; });
  CHECK(report.problem == "the plugin was stopped");
  CHECK(report.redriven > 0);
  CHECK(static_cast<std::uint64_t>(f.source.committed) == report.redriven);
}
