// Where the answer to a record may go.
#include "inbound/reply_address.h"

#include <doctest/doctest.h>
#include <string>

using namespace kafka_events;

namespace {

std::string address(std::string_view reply_to, std::string_view topic, std::string_view wanted = {},
                    std::string_view prefix = {}) {
  ReplyAddress made = std::move(ReplyAddress::create(reply_to, "^[^!]*$", prefix)).value();
  return std::string(made.event_topic(topic, wanted));
}

}  // namespace

TEST_CASE("the worker's template makes the topic, with the prefix") {
  CHECK(address("{topic}.reply", "orders") == "kafka_events::reply::orders.reply");
  CHECK(address("{topic}.reply", "p-orders", {}, "p-") == "kafka_events::reply::p-orders.reply");
  CHECK(address("answers", "orders") == "kafka_events::reply::answers");
  CHECK(address("", "orders") == "");
  CHECK(address("", "orders", "named") == "kafka_events::reply::named");
}

TEST_CASE("an answer wants none, unless it names a topic: two agents must not go on answering each other") {
  CHECK(address("{topic}.reply", "orders.reply") == "");
  CHECK(address("{topic}.reply", "p-orders.reply", {}, "p-") == "");
  CHECK(address("re-{topic}-x", "re-orders-x") == "");
  CHECK(address("answers", "answers") == "");
  CHECK(address("{topic}.reply", "orders.reply", "named") == "kafka_events::reply::named");
  CHECK(address("{topic}.reply", ".reply") == "kafka_events::reply::.reply.reply");  // of no topic
  CHECK(address("{topic}", "orders") == "kafka_events::reply::orders");
}
