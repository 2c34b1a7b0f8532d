// The demo's bookkeeping: whatever goes wrong with an event is seen.
#include "cli/demo_ledger.h"

#include <doctest/doctest.h>

#include "cli/demo_report.h"

using namespace host_stub;
using namespace host_stub::cli;

namespace {

EventFields event(const std::string& id, const std::string& payload) {
  EventFields fields;
  fields.topic = "acapy::a";
  fields.id = id;
  fields.payload = payload;
  return fields;
}

struct Said {
  std::string topic;
  std::string id;
  std::string payload;
  std::vector<EventHeader> headers;
};

void say(DemoLedger& ledger, const Said& said) {
  EventFields fields;
  fields.headers = said.headers;
  std::vector<agent_header> headers;
  const agent_event_draft draft = borrow_draft(fields, headers);
  agent_event shown{};
  shown.size = sizeof shown;
  shown.topic = {said.topic.data(), said.topic.size()};
  shown.id = {said.id.data(), said.id.size()};
  shown.payload = {said.payload.data(), said.payload.size()};
  shown.headers = draft.headers;
  shown.header_count = draft.header_count;
  ledger.on_event(shown);
}

void sent(DemoLedger& ledger, const std::string& id, const std::string& offset) {
  say(ledger, {"acapy::a::sent_to_external_queue",
               "",
               "",
               {{"event-id", id}, {"kafka-topic", "acapy-a"}, {"kafka-partition", "1"}, {"kafka-offset", offset}}});
}

void returned(DemoLedger& ledger, const std::string& offset, const std::string& payload) {
  say(ledger, {"returned::acapy-a", "acapy-a:1:" + offset, payload, {}});
}

}  // namespace

TEST_CASE("an event that is delivered once and comes back once is well, in either order") {
  DemoLedger ledger({event("e1", "one"), event("e2", "two")});
  CHECK_FALSE(ledger.complete());
  sent(ledger, "e1", "0");
  returned(ledger, "0", "one");
  returned(ledger, "1", "two");  // before its status event
  sent(ledger, "e2", "1");
  CHECK(ledger.complete());
  CHECK(astray(ledger.entries()).empty());
  CHECK(ledger.strangers() == 0);
  CHECK(ledger.counts().came_back == 2);
}

TEST_CASE("what goes wrong is named") {
  DemoLedger ledger({event("changed", "a"), event("twice", "b"), event("lost", "c"), event("never", "d"),
                     event("refused", "e"), event("given-up", "f"), event("doubled", "g")});
  sent(ledger, "changed", "0");
  returned(ledger, "0", "A");
  sent(ledger, "twice", "1");
  sent(ledger, "twice", "2");
  returned(ledger, "2", "b");
  sent(ledger, "lost", "3");
  ledger.on_refused(4, "no route matches its topic");
  say(ledger, {"acapy::a::undeliverable", "", "", {{"event-id", "given-up"}, {"reason", "timed out"}}});
  sent(ledger, "doubled", "6");
  returned(ledger, "6", "g");
  returned(ledger, "6", "g");
  returned(ledger, "99", "x");
  const std::vector<std::string> lines = astray(ledger.entries());
  REQUIRE(lines.size() == 7);
  CHECK(lines[0] == "changed (acapy::a): came back from acapy-a with another payload");
  CHECK(lines[1] == "twice (acapy::a): delivered 2 times");
  CHECK(lines[2] == "lost (acapy::a): never came back from acapy-a");
  CHECK(lines[3] == "never (acapy::a): never delivered");
  CHECK(lines[4] == "refused (acapy::a): not sent: no route matches its topic");
  CHECK(lines[5] == "given-up (acapy::a): undeliverable: timed out");
  CHECK(lines[6] == "doubled (acapy::a): came back 2 times from acapy-a");
  CHECK(ledger.strangers() == 1);
}

TEST_CASE("the table has a row per Kafka topic and a sum") {
  DemoLedger ledger({event("e1", "one"), event("e2", "two")});
  sent(ledger, "e1", "0");
  sent(ledger, "e2", "1");
  returned(ledger, "0", "one");
  const std::string table = demo_table(ledger.entries());
  CHECK(table.find("acapy-a      acapy::a        2       2          0              1          1:2") !=
        std::string::npos);
  CHECK(table.find("1 topics     1 event topics  2       2          0              1") != std::string::npos);
}
