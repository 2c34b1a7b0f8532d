// Names of dead-letter topics and what dead letters say of themselves.
#include "inbound/dead_letter_topics.h"

#include <doctest/doctest.h>

namespace {

using namespace kafka_events;

config::WorkerSettings worker(std::vector<std::string> topics, std::string dead_letters = "dlq-{topic}") {
  config::WorkerSettings settings;
  settings.name = "inbound";
  settings.topics = std::move(topics);
  settings.dead_letter_topic = std::move(dead_letters);
  return settings;
}

InboundRecord with(const std::vector<Header>& headers) {
  InboundRecord record;
  record.headers = headers;
  return record;
}

}  // namespace

TEST_CASE("dead-letter topics are those whose original topic the worker reads, if that topic is still there or not") {
  const std::vector<std::string> there{"a-1", "a-2", "dlq-a-1", "dlq-a-9", "dlq-b", "dlq-", "other", "dev.dlq-a-1"};
  CHECK(dead_letter_topics(worker({"^a-.*$"}), "", there) == std::vector<std::string>{"dlq-a-1", "dlq-a-9"});
  CHECK(dead_letter_topics(worker({"^dev\\.a-.*$"}), "dev.", there) == std::vector<std::string>{"dev.dlq-a-1"});
  CHECK(dead_letter_topics(worker({"a-1"}, "other"), "", there) == std::vector<std::string>{"other"});
  CHECK(dead_letter_topics(worker({"a-1"}, "$topic"), "", there) == std::vector<std::string>{"a-1"});
  CHECK(dead_letter_topics(worker({"b"}), "", {}).empty());
}

TEST_CASE("the last of several headers with one name counts") {
  const std::vector<Header> headers{{"__connect.errors.topic", "elsewhere"},
                                    {"__connect.errors.topic", "a"},
                                    {"__connect.errors.partition", "3"},
                                    {"__connect.errors.offset", "12"},
                                    {"kafka_events-redrive-count", "2"}};
  const auto origin = origin_of(with(headers), worker({"a"}));
  REQUIRE(origin);
  CHECK(origin->topic == "a");
  CHECK(origin->partition == 3);
  CHECK(origin->offset == 12);
  CHECK(origin->redrive_count == 2);
}

TEST_CASE("a record that is not this worker's dead letter has no origin") {
  CHECK_FALSE(origin_of(with({}), worker({"a"})));
  CHECK_FALSE(origin_of(with({{"__connect.errors.topic", "b"}}), worker({"a"})));
  CHECK_FALSE(origin_of(with({{"__connect.errors.topic", Bytes()}}), worker({"a"})));
  CHECK_FALSE(
      origin_of(with({{"__connect.errors.topic", "a"}, {"__connect.errors.connector.name", "audit"}}), worker({"a"})));
  CHECK(origin_of(with({{"__connect.errors.topic", "a"}, {"__connect.errors.connector.name", "inbound"}}),
                  worker({"a"})));
}

TEST_CASE("numbers that are none are not known") {
  const auto origin = origin_of(with({{"__connect.errors.topic", "a"},
                                      {"__connect.errors.partition", "99999999999"},
                                      {"__connect.errors.offset", "x"},
                                      {"kafka_events-redrive-count", "-1"}}),
                                worker({"a"}));
  REQUIRE(origin);
  CHECK(origin->partition == -1);
  CHECK(origin->offset == -1);
  CHECK(origin->redrive_count == 0);
}

TEST_CASE("a redriven record has its own headers, and is counted") {
  std::string count;
  const std::vector<Header> headers{
      {"b", "1"}, {"__connect.errors.topic", "a"},     {"a", Bytes()},
      {"b", "2"}, {"kafka_events-redrive-count", "4"}, {"__connect.errors.exception.message", "m"}};
  const std::vector<Header> kept = redriven_headers(headers, 4, count);
  REQUIRE(kept.size() == 4);
  CHECK(kept[0].name == "b");
  CHECK(kept[1].name == "a");
  CHECK(is_null(kept[1].value));
  CHECK(kept[2].value == "2");
  CHECK(kept[3].name == "kafka_events-redrive-count");
  CHECK(kept[3].value == "5");
}
