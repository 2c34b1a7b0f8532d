// A handover as bytes: everything comes back, and nothing but what a version wrote is taken.
#include "plugin/handover_state.h"

#include <doctest/doctest.h>
#include <random>
#include <string>
#include <string_view>

#include "plugin/version.h"

namespace kafka_events {
namespace {

Handover sample() {
  PartitionHandover partition;
  partition.partition = {"invoices", 7};
  partition.next_offset = 1000;
  partition.position = 1010;
  partition.done = {{1002, 1004}, {1006, 1010}};
  partition.retries = {{1000, 3, false, -20, "handle", "the ledger was closed"}, {1001, 5, true, 400, "decode", ""}};
  partition.stopped = true;
  WorkerHandover worker;
  worker.worker = "audit";
  worker.consumer_deposited = true;
  worker.assigned = true;
  worker.partitions = {partition};
  worker.known_topics = {"invoices", "", "reminders"};
  worker.held_partitions = {{"reminders", 0}};
  worker.counters = {{"records", "", 18'446'744'073'709'551'615U}};
  Handover handover;
  handover.running = false;
  handover.workers = {worker};
  handover.senders.producers = {{"producer", true, true, {"a", "b"}, {{"delivered", "", 5}}}};
  handover.senders.at_least_once.in_flight = {{1, 9}};
  handover.senders.at_least_once.kept_free = {3, 7};
  handover.counters = {{"delivered", "default", 12}};
  handover.requests = {{"c-1", "acapy::ask", "wallet", "key", false, "e-1", 2500, 40, false},
                       {"c-2", "acapy::ask", "", "", true, "e-2", -10, 90, true}};
  handover.schemas = {{7, R"("string")", {R"("int")"}, {{"orders-value", -1}, {"orders-value", 2}}}};
  return handover;
}

}  // namespace

TEST_CASE("what is written is read back") {
  const Result<Handover> read = read_state(write_state(sample(), 1));
  REQUIRE(read.ok());
  const Handover& handover = read.value();
  CHECK_FALSE(handover.running);
  REQUIRE(handover.workers.size() == 1);
  const WorkerHandover& worker = handover.workers.front();
  CHECK(worker.worker == "audit");
  CHECK(worker.consumer_deposited);
  CHECK_FALSE(worker.producer_deposited);
  CHECK(worker.known_topics == std::vector<std::string>{"invoices", "", "reminders"});
  CHECK(worker.held_partitions == std::vector<TopicPartition>{{"reminders", 0}});
  CHECK(worker.counters.front().value == 18'446'744'073'709'551'615U);
  REQUIRE(worker.partitions.size() == 1);
  const PartitionHandover& partition = worker.partitions.front();
  CHECK(partition.partition == TopicPartition{"invoices", 7});
  CHECK(partition.next_offset == 1000);
  CHECK(partition.done == sample().workers[0].partitions[0].done);
  REQUIRE(partition.retries.size() == 2);
  CHECK(partition.retries[0].due_in_ms == -20);
  CHECK(partition.retries[0].reason == "the ledger was closed");
  CHECK(partition.retries[1].dead_letter);
  CHECK(partition.stopped);
  CHECK(handover.senders.producers.front().topics.size() == 2);
  CHECK(handover.senders.at_least_once.in_flight == sample().senders.at_least_once.in_flight);
  CHECK(handover.senders.at_least_once.kept_free == sample().senders.at_least_once.kept_free);
  CHECK(handover.counters.front().of == "default");
  REQUIRE(handover.requests.size() == 2);
  CHECK(handover.requests[0].correlation_id == "c-1");
  CHECK(handover.requests[0].tenant == "wallet");
  CHECK(handover.requests[0].due_in_ms == 2500);
  CHECK(handover.requests[1].null_key);
  CHECK(handover.requests[1].due_in_ms == -10);
  CHECK(handover.requests[1].late);
  REQUIRE(handover.schemas.size() == 1);
  CHECK(handover.schemas[0].id == 7);
  CHECK(handover.schemas[0].references.front() == R"("int")");
  REQUIRE(handover.schemas[0].subjects.size() == 2);
  CHECK(handover.schemas[0].subjects[0].version == -1);
}

TEST_CASE("a state that was cut short anywhere is refused") {
  const std::string state = write_state(sample(), 1);
  for (std::size_t length = 0; length < state.size(); ++length) {
    CHECK_FALSE(read_state(std::string_view(state).substr(0, length)).ok());
  }
}

TEST_CASE("a revision that this version does not know is refused by its number") {
  std::string state = write_state(sample(), 1);
  state[3] = 9;
  const Result<Handover> read = read_state(state);
  REQUIRE_FALSE(read.ok());
  CHECK(read.error().code == ErrorCode::unsupported);
  CHECK(read.error().message.find("revision 9") != std::string::npos);
  state[3] = 0;
  CHECK(read_state(state).error().code == ErrorCode::unsupported);
}

TEST_CASE("noise is refused or read as something, and never more") {
  std::mt19937 random(4711);
  const std::string state = write_state(sample(), 1);
  for (int round = 0; round < 20'000; ++round) {
    std::string noise = state;
    for (int change = 0; change < 4; ++change) noise[8 + random() % (noise.size() - 8)] = static_cast<char>(random());
    (void)read_state(noise);
  }
}

TEST_CASE("clients are told by name and digest") {
  const ClientKeys keys = {{"producer", "1234"}, {"worker.audit", "5678"}};
  const ClientKeys read = read_clients(write_clients(keys));
  CHECK(read == keys);
  CHECK(has(read, {"producer", "1234"}));
  CHECK_FALSE(has(read, {"producer", "5678"}));
  CHECK(read_clients("nothing of the kind").empty());
  CHECK(read_clients("").empty());
}

}  // namespace kafka_events
