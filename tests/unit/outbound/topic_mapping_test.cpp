// The topic rule both ways, and Kafka's rules for names.
#include "outbound/topic_mapping.h"

#include <doctest/doctest.h>

using namespace kafka_events;

TEST_CASE("the separator is replaced and nothing else") {
  CHECK(to_kafka_topic("acapy::outbound::message") == "acapy-outbound-message");
  CHECK(to_kafka_topic("") == "");
  CHECK(to_kafka_topic("a:b") == "a:b");
  CHECK(to_kafka_topic("a:::b") == "a-:b");
  CHECK(to_kafka_topic("::a::") == "-a-");
  CHECK(to_kafka_topic("a::::b") == "a--b");
}

TEST_CASE("and back") {
  CHECK(to_event_topic("acapy-inbound-message") == "acapy::inbound::message");
  CHECK(to_event_topic("present_proof.v2") == "present_proof.v2");
  CHECK(to_event_topic("-") == "::");
}

TEST_CASE("the rule can be undone exactly when undoing it gives the topic back") {
  for (const char* topic : {"acapy::outbound::message", "acapy::record::present-proof", "a-b", "a:b", "a:::b", "::", "",
                            "a::::b", "acapy::record::present_proof_v2_0::request-sent"}) {
    CAPTURE(topic);
    CHECK(can_be_undone(topic) == (to_event_topic(to_kafka_topic(topic)) == topic));
  }
}

TEST_CASE("good Kafka topics are accepted") {
  for (const std::string& name :
       {std::string("a"), std::string("A-z_0.9"), std::string("..."), std::string(249, 'x')}) {
    CHECK_FALSE(check_kafka_topic(name));
  }
}

TEST_CASE("bad Kafka topics are refused with what is wrong and where, without the name") {
  CHECK(check_kafka_topic("")->message == "the name is empty");
  CHECK(check_kafka_topic(".")->message == "\".\" and \"..\" are not allowed");
  CHECK(check_kafka_topic(".."));
  CHECK(check_kafka_topic(std::string(250, 'x'))->message == "the name has 250 characters, 249 are allowed");
  const std::optional<TopicNameProblem> colon = check_kafka_topic("ab:c");
  REQUIRE(colon);
  CHECK(colon->position == 2);
  CHECK(colon->message.starts_with("':' at position 3 is not allowed"));
  CHECK(check_kafka_topic("a b")->message.starts_with("a space at"));
  CHECK(check_kafka_topic("a\n")->message.starts_with("a control character at"));
  CHECK(check_kafka_topic("\u00e9")->message.starts_with("a character outside ASCII at position 1"));
  CHECK(check_kafka_topic("a/../b"));
}
