// State and category of ACA-Py event topics.
#include "codec/event_topic.h"

#include <doctest/doctest.h>

using kafka_events::parts_of;

TEST_CASE("a record topic has a category and a state") {
  CHECK(parts_of("acapy::record::connections::active").category == "connections");
  CHECK(parts_of("acapy::record::connections::active").state == "active");
  CHECK(parts_of("acapy::record::present_proof_v2_0::request-sent").state == "request-sent");
}

TEST_CASE("a record topic may lack its state, and a state may hold the separator") {
  CHECK(parts_of("acapy::record::oob_invitation").category == "oob_invitation");
  CHECK(parts_of("acapy::record::oob_invitation").state.empty());
  CHECK(parts_of("acapy::record::a::b::c").state == "b::c");
}

TEST_CASE("a webhook topic has a category only") {
  CHECK(parts_of("acapy::webhook::get-active-menu").category == "get-active-menu");
  CHECK(parts_of("acapy::webhook::get-active-menu").state.empty());
}

TEST_CASE("other topics have neither") {
  for (const char* topic : {"", "acapy::record", "acapy::basicmessage::received", "xacapy::record::a::b"}) {
    CHECK(parts_of(topic).category.empty());
    CHECK(parts_of(topic).state.empty());
  }
}
