// Topics over HTTP, without a server and without Kafka: what is asked, which status what became of it has.
#include <doctest/doctest.h>
#include <rapidjson/document.h>
#include <string>

#include "admin/routes.h"
#include "fakes.h"

namespace {

using namespace kafka_events;
using namespace kafka_events::admin;
using Kind = TopicOutcome::Kind;

class FakeTopics final : public TopicAdmin {
 public:
  Result<void> list(Deadline until, TopicListAnswer answer) override { return give({}, until, answer); }
  Result<void> describe(std::vector<std::string> names, Deadline until, TopicListAnswer answer) override {
    return give(std::move(names), until, answer);
  }
  Result<void> create(std::vector<TopicSpec> wanted, Deadline until, TopicOutcomesAnswer answer) override {
    created = std::move(wanted);
    return tell({}, until, answer);
  }
  Result<void> remove(std::vector<std::string> names, Deadline until, TopicOutcomesAnswer answer) override {
    return tell(std::move(names), until, answer);
  }
  Result<void> add_partitions(std::string name, std::int32_t total, Deadline until,
                              TopicOutcomesAnswer answer) override {
    partitions = total;
    return tell({std::move(name)}, until, answer);
  }

  std::vector<TopicSpec> created;
  std::vector<std::string> asked;
  std::int32_t partitions = 0;
  std::chrono::steady_clock::time_point deadline;
  std::optional<Error> refuse;
  std::optional<Error> fail_later;
  TopicList topics;
  TopicOutcomes outcomes;

 private:
  Result<void> give(std::vector<std::string> names, Deadline until, const TopicListAnswer& answer) {
    asked = std::move(names);
    deadline = until;
    if (refuse) return *refuse;
    answer(fail_later ? Result<TopicList>(*fail_later) : topics);
    return {};
  }
  Result<void> tell(std::vector<std::string> names, Deadline until, const TopicOutcomesAnswer& answer) {
    asked = std::move(names);
    deadline = until;
    if (refuse) return *refuse;
    answer(fail_later ? Result<TopicOutcomes>(*fail_later) : outcomes);
    return {};
  }
};

class TopicsBridge final : public test::FakeBridge {
 public:
  Result<void> topics(const TopicCall& call) override { return call(admin); }
  FakeTopics admin;
};

struct Fixture {
  Fixture() {
    REQUIRE(routes.add());
    server.path_parameters = {{"name", "orders"}};
  }
  HttpReply create(std::string body) { return server.call("POST", "/kafka/topics", {}, std::move(body)); }

  TopicsBridge bridge;
  FakeTopics& topics = bridge.admin;
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

const TopicView orders{
    "orders", false, {{0, 1, {1, 2}, {1, 2}}, {1, -1, {2, 3}, {3}}}, {{"retention.ms", "5", "topic"}}};

}  // namespace

TEST_CASE("a list has counts only, what is asked for by name has partitions and configuration") {
  Fixture f;
  f.topics.topics = {orders};
  const rapidjson::Document list = parse(f.server.call("GET", "/kafka/topics"));
  CHECK(f.topics.asked.empty());
  const rapidjson::Value& first = list["topics"][0];
  CHECK(text(first["name"]) == "orders");
  CHECK(first["partitions"].GetInt() == 2);
  CHECK(first["replication_factor"].GetInt() == 2);
  CHECK(first["without_leader"].GetInt() == 1);
  CHECK(first["under_replicated"].GetInt() == 1);
  CHECK_FALSE(first.HasMember("config"));

  const rapidjson::Document named = parse(f.server.call("GET", "/kafka/topics", {{"name", "orders"}, {"name", "b"}}));
  CHECK(f.topics.asked == std::vector<std::string>{"orders", "b"});
  CHECK(text(named["topics"][0]["config"][0]["value"]) == "5");

  const rapidjson::Document one = parse(f.server.call("GET", "/kafka/topics/{name}"));
  CHECK(f.topics.asked == std::vector<std::string>{"orders"});
  CHECK(one["assignment"][1]["leader"].GetInt() == -1);
  CHECK(one["assignment"][0]["replicas"].Size() == 2);
}

TEST_CASE("a topic, or several, with partitions, replicas and configuration of any plain type") {
  Fixture f;
  f.topics.outcomes = {{"a", Kind::created}};
  CHECK(f.create(R"({"name":"a"})").status == 201);
  REQUIRE(f.topics.created.size() == 1);
  CHECK_FALSE(f.topics.created[0].partitions.has_value());
  CHECK(f.create(R"([{"name":"a","partitions":6,"replication_factor":3,
                      "config":{"retention.ms":1000,"cleanup.policy":"compact","preallocate":true}},{"name":"b"}])")
            .status == 201);
  REQUIRE(f.topics.created.size() == 2);
  CHECK(f.topics.created[0].partitions == 6);
  CHECK(f.topics.created[0].replication_factor == 3);
  CHECK(f.topics.created[0].config == std::vector<std::pair<std::string, std::string>>{{"retention.ms", "1000"},
                                                                                       {"cleanup.policy", "compact"},
                                                                                       {"preallocate", "true"}});
}

TEST_CASE("what is wrong with a body is said, and where; Kafka is not asked") {
  struct Case {
    const char* body;
    const char* field;
  };
  for (const Case& each : {Case{"", "name"}, Case{"[]", ""}, Case{"7", ""}, Case{R"({"nam":"a"})", "nam"},
                           Case{R"([{"name":"a"},{"name":"b","partitions":0}])", "[1].partitions"},
                           Case{R"({"name":"a","partitions":1.5})", "partitions"},
                           Case{R"({"name":"a","replication_factor":"1"})", "replication_factor"},
                           Case{R"({"name":"a","config":[]})", "config"},
                           Case{R"({"name":"a","config":{"x":null}})", "config.x"}, Case{R"({"name":"a")", ""}}) {
    Fixture f;
    const HttpReply reply = f.create(each.body);
    CHECK_MESSAGE(reply.status == 400, each.body);
    const rapidjson::Document body = parse(reply);
    CHECK_MESSAGE((body.HasMember("field") ? text(body["field"]) : "") == each.field, each.body);
    CHECK(f.topics.created.empty());
  }
  Fixture f;
  for (const char* body : {"", R"({"total":0})", R"({"total":"3"})", R"({"totl":3})"}) {
    CHECK(f.server.call("POST", "/kafka/topics/{name}/partitions", {}, body).status == 400);
  }
  CHECK(f.server.call("GET", "/kafka/topics", {{"timeout_ms", "soon"}}).status == 400);
}

TEST_CASE("the status says whether all, some or none of it was done") {
  Fixture f;
  f.topics.outcomes = {{"a", Kind::existed, {}, "partitions 3 (asked for: 6)"}};
  const HttpReply existed = f.create(R"({"name":"a"})");
  CHECK(existed.status == 200);
  CHECK(text(parse(existed)["topics"][0]["message"]) == "partitions 3 (asked for: 6)");
  f.topics.outcomes = {{"a", Kind::created}, {"b", Kind::failed, "POLICY_VIOLATION", "too many"}};
  CHECK(f.create(R"([{"name":"a"},{"name":"b"}])").status == 207);
  f.topics.outcomes = {{"orders", Kind::absent}};
  CHECK(f.server.call("DELETE", "/kafka/topics/{name}").status == 200);
  f.topics.outcomes = {{"orders", Kind::extended}};
  CHECK(f.server.call("POST", "/kafka/topics/{name}/partitions", {}, R"({"total":12})").status == 200);
  CHECK(f.topics.partitions == 12);
}

TEST_CASE("when nothing was done it is a problem with the broker's code") {
  struct Case {
    const char* code;
    int status;
  };
  for (const Case& each : {Case{"TOPIC_AUTHORIZATION_FAILED", 403}, Case{"UNKNOWN_TOPIC_OR_PART", 404},
                           Case{"INVALID_CONFIG", 422}, Case{"POLICY_VIOLATION", 422}, Case{"REQUEST_TIMED_OUT", 504},
                           Case{"THROTTLING_QUOTA_EXCEEDED", 503}, Case{"NOT_CONTROLLER", 502}}) {
    Fixture f;
    f.topics.outcomes = {{"a", Kind::failed, each.code, "the broker's words"}};
    const HttpReply reply = f.create(R"({"name":"a"})");
    CHECK(reply.status == each.status);
    CHECK(reply.content_type == "application/problem+json");
    const rapidjson::Document body = parse(reply);
    CHECK(text(body["code"]) == each.code);
    CHECK(text(body["detail"]) == "a: the broker's words");
    CHECK(text(body["topics"][0]["result"]) == "failed");
  }
}

TEST_CASE("errors as a whole: at once, later, and where nobody administers topics") {
  struct Case {
    ErrorCode code;
    int status;
  };
  for (const Case& each : {Case{ErrorCode::invalid, 400}, Case{ErrorCode::not_found, 404}, Case{ErrorCode::state, 409},
                           Case{ErrorCode::busy, 503}, Case{ErrorCode::timeout, 504}, Case{ErrorCode::failed, 502},
                           Case{ErrorCode::unsupported, 501}}) {
    Fixture f;
    f.topics.refuse = Error(each.code, "why");
    CHECK(f.server.call("GET", "/kafka/topics").status == each.status);
    CHECK(f.create(R"({"name":"a"})").status == each.status);
    f.topics.refuse.reset();
    f.topics.fail_later = Error(each.code, "why");
    const HttpReply reply = f.server.call("DELETE", "/kafka/topics/{name}");
    CHECK(reply.status == each.status);
    CHECK(text(parse(reply)["detail"]) == "why");
  }
  test::FakeBridge without;
  Fixture f;
  Controller controller(without, f.log);
  test::FakeServer server;
  Routes routes(server, controller, without);
  REQUIRE(routes.add());
  CHECK(server.call("GET", "/kafka/topics").status == 501);
}

TEST_CASE("the time for Kafka is the asker's, and a little less than the host's own limit") {
  Fixture f;
  const auto left = [&] {
    return std::chrono::duration<double>(f.topics.deadline - std::chrono::steady_clock::now()).count();
  };
  (void)f.server.call("GET", "/kafka/topics", {{"timeout_ms", "1500"}});
  CHECK(left() == doctest::Approx(1.5).epsilon(0.2));
  (void)f.server.call("GET", "/kafka/topics", {{"timeout_ms", "60000"}});
  CHECK(left() == doctest::Approx(4).epsilon(0.2));  // the fake host's limit is 5 s
}
