// Pause, resume, seek, dead letters and redrive over HTTP, without a server.
#include <doctest/doctest.h>
#include <rapidjson/document.h>
#include <string>

#include "admin/routes.h"
#include "fakes.h"

namespace {

using namespace kafka_events;
using namespace kafka_events::admin;

struct Fixture {
  Fixture() {
    REQUIRE(routes.add());
    server.path_parameters = {{"worker", "audit"}};
  }
  HttpReply post(const std::string& verb, std::string body = {}) {
    return server.call("POST", "/kafka/consumers/{worker}/" + verb, {}, std::move(body));
  }
  HttpReply redrive(std::string body = {}) {
    return server.call("POST", "/kafka/dead-letters/redrive", {}, std::move(body));
  }

  test::FakeBridge bridge;
  test::QuietLog log;
  test::FakeServer server;
  Controller controller{bridge, log};
  Routes routes{server, controller, bridge};
};

rapidjson::Document parse(const HttpReply& reply) {
  rapidjson::Document document;
  document.Parse(reply.body.data(), reply.body.size());
  REQUIRE_MESSAGE(!document.HasParseError(), reply.body);
  return document;
}

std::string text(const rapidjson::Value& value) { return value.IsString() ? value.GetString() : "not a text"; }

}  // namespace

TEST_CASE("a command without a body is for all partitions, with one for the partition that it names") {
  Fixture f;
  f.bridge.partitions.push_back({"t", 2, 5, 5, 5, 9, 4, true, true});
  const HttpReply reply = f.post("pause");
  CHECK(reply.status == 200);
  const rapidjson::Document body = parse(reply);
  CHECK(text(body["worker"]) == "audit");
  CHECK(body["partitions"][0]["paused_by_operator"].GetBool());
  CHECK(f.post("resume", R"({"topic":"t","partition":2})").status == 200);
  REQUIRE(f.bridge.commands.size() == 2);
  CHECK(f.bridge.commands[0].first == "audit");
  CHECK(f.bridge.commands[0].second.action == ConsumerAction::pause);
  CHECK_FALSE(f.bridge.commands[0].second.partition.has_value());
  CHECK(f.bridge.commands[1].second.action == ConsumerAction::resume);
  CHECK(f.bridge.commands[1].second.partition == TopicPartition{"t", 2});
}

TEST_CASE("a seek goes to an offset, to either end, or to a time") {
  Fixture f;
  CHECK(f.post("seek", R"({"topic":"t","partition":0,"offset":7})").status == 200);
  CHECK(f.post("seek", R"({"offset":"beginning"})").status == 200);
  CHECK(f.post("seek", R"({"topic":"t","partition":0,"offset":"end"})").status == 200);
  CHECK(f.post("seek", R"({"timestamp":1700000000000})").status == 200);
  REQUIRE(f.bridge.commands.size() == 4);
  CHECK(f.bridge.commands[0].second.target.value == 7);
  CHECK(f.bridge.commands[1].second.target.place == SeekPlace::beginning);
  CHECK(f.bridge.commands[2].second.target.place == SeekPlace::end);
  CHECK(f.bridge.commands[3].second.target.place == SeekPlace::timestamp);
  CHECK(f.bridge.commands[3].second.target.value == 1700000000000);
}

TEST_CASE("what is wrong with a body is said, and where") {
  struct Case {
    const char* verb;
    const char* body;
    const char* field;
  };
  const Case cases[] = {
      {"pause", "[", ""},                                          // no JSON
      {"pause", "[]", ""},                                         // no object
      {"pause", R"({"topic":"t"})", "partition"},                  // half an address
      {"pause", R"({"partition":1})", "topic"},                    // the other half
      {"pause", R"({"topic":"t","partition":-1})", "partition"},   // below the range
      {"pause", R"({"topic":7,"partition":1})", "topic"},          // no text
      {"pause", R"({"topik":"t"})", "topik"},                      // unknown
      {"seek", R"({})", "offset"},                                 // no target
      {"seek", R"({"offset":1})", "topic"},                        // an offset means one partition
      {"seek", R"({"offset":"latest"})", "offset"},                // no such place
      {"seek", R"({"offset":"end","timestamp":1})", "timestamp"},  // two targets
      {"seek", R"({"topic":"t","partition":0,"offset":1.5})", "offset"},
  };
  for (const Case& each : cases) {
    Fixture f;
    const HttpReply reply = f.post(each.verb, each.body);
    CHECK_MESSAGE(reply.status == 400, each.body);
    const rapidjson::Document body = parse(reply);
    CHECK_MESSAGE((body.HasMember("field") ? text(body["field"]) : "") == each.field, each.body);
    CHECK(f.bridge.commands.empty());
  }
}

TEST_CASE("errors have the status that a script can act on") {
  Fixture f;
  f.bridge.refuse = Error(ErrorCode::not_found, "there is no worker audit");
  CHECK(f.post("pause").status == 404);
  f.bridge.refuse = Error(ErrorCode::state, "worker audit is not running");
  CHECK(f.post("pause").status == 409);
  CHECK(text(parse(f.post("pause"))["detail"]) == "worker audit is not running");
  f.bridge.refuse = Error(ErrorCode::busy, "16 commands are waiting");
  CHECK(f.post("pause").status == 503);
  f.bridge.refuse.reset();
  f.bridge.fail_later = Error(ErrorCode::invalid, "offset 9 is not in t [0]");
  CHECK(f.post("seek", R"({"offset":"end"})").status == 400);
  f.bridge.fail_later = Error(ErrorCode::timeout, "inside a handler");
  CHECK(f.post("resume").status == 504);
}

TEST_CASE("dead letters are listed without what they hold, and hostile texts stay JSON") {
  Fixture f;
  DeadLetterItem item;
  item.topic = "dlq-t";
  item.offset = 4;
  item.origin.topic = "t";
  item.origin.reason = "bad \xFF octet";
  item.value_bytes = 12;
  item.redriven = true;
  f.bridge.letters.worker = "inbound";
  f.bridge.letters.topics.push_back({"dlq-t", 5, 2});
  f.bridge.letters.items.push_back(item);
  f.bridge.last = RedriveReport{true, "inbound", 3, 0, 0, 2, "", {}};
  const rapidjson::Document body = parse(f.server.call("GET", "/kafka/dead-letters", {{"limit", "7"}}));
  CHECK(f.bridge.queries[0].limit == 7);
  CHECK(f.bridge.queries[0].worker == "inbound");  // the only one need not be named
  CHECK(body["topics"][0]["open"].GetInt() == 2);
  const auto& letter = body["dead_letters"][0];
  CHECK(text(letter["reason"]) == "bad \xEF\xBF\xBD octet");
  CHECK(letter["redriven"].GetBool());
  CHECK(letter["original_offset"].IsNull());
  CHECK_FALSE(letter.HasMember("key"));
  CHECK_FALSE(letter.HasMember("payload"));
  CHECK(text(body["redrive"]["state"]) == "running");
  CHECK(f.server.call("GET", "/kafka/dead-letters", {{"limit", "0"}}).status == 400);
  CHECK(f.server.call("GET", "/kafka/dead-letters", {{"limit", "1001"}}).status == 400);
  f.bridge.workers = {"a", "b"};
  CHECK(f.server.call("GET", "/kafka/dead-letters").status == 400);
}

TEST_CASE("a redrive answers 200 when it is over, 202 while it runs, and a problem when it ended early") {
  Fixture f;
  f.bridge.report.redriven = 4;
  const HttpReply over = f.redrive(R"({"worker":"audit","tenant":"w-1","limit":10,"rate":50})");
  CHECK(over.status == 200);
  CHECK(text(parse(over)["state"]) == "done");
  CHECK(f.bridge.redrives[0].tenant == "w-1");
  CHECK(f.bridge.redrives[0].limit == 10);
  CHECK(f.bridge.redrives[0].rate == 50);
  f.bridge.report.running = true;
  CHECK(f.redrive().status == 202);
  CHECK(f.bridge.redrives[1].worker == "inbound");
  CHECK(f.bridge.redrives[1].rate == 100);
  f.bridge.report = {};
  f.bridge.report.problem = "no broker";
  const HttpReply early = f.redrive();
  CHECK(early.status == 503);
  CHECK(early.content_type == "application/problem+json");
  CHECK(text(parse(early)["detail"]) == "no broker");
  CHECK(f.redrive(R"({"rate":0})").status == 400);
  CHECK(f.redrive(R"({"limit":"many"})").status == 400);
}
