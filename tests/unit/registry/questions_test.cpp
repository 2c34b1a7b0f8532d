// What the client asks, and what becomes of the answers.
#include <doctest/doctest.h>

#include "support.h"

using namespace registry_test;

namespace {

const std::string record = R"({"type":"record","name":"A","fields":[]})";
const std::string quoted = R"({\"type\":\"record\",\"name\":\"A\",\"fields\":[]})";

Reply not_found(int code) { return {404, R"({"error_code":)" + std::to_string(code) + R"(,"message":"not there"})"}; }

}  // namespace

TEST_CASE("a schema is asked for once by its id, and is in memory then") {
  HttpServer server([](const Request&) { return Reply{200, R"({"schema":")" + quoted + R"(","references":[]})"}; });
  Client client({server.url()});
  const auto first = client.client->by_id(7);
  REQUIRE_FALSE(first.ok());
  CHECK(first.error().code == ErrorCode::unavailable);
  CHECK(first.error().message == "schema 7 is not known yet: the registry is being asked");
  const auto known = client.by_id(7);
  REQUIRE(known.ok());
  CHECK(known.value()->id == 7);
  CHECK(known.value()->text == record);
  CHECK(client.client->by_id(7).value() == known.value());
  REQUIRE(server.requests().size() == 1);
  CHECK(server.requests()[0].line == "GET /schemas/ids/7");
  CHECK(server.requests()[0].headers.find("Accept: application/vnd.schemaregistry.v1+json") != std::string::npos);
  CHECK(client.client->status().schemas == 1);
  CHECK(client.client->status().reachable);
  CHECK(client.client->status().trouble.empty());
  CHECK(client.log.lines().empty());
}

TEST_CASE("many callers are one question") {
  HttpServer server([](const Request&) { return Reply{200, R"({"schema":")" + quoted + R"("})"}; });
  Client client({server.url()});
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) threads.emplace_back([&] { CHECK(client.by_id(3).ok()); });
  for (std::thread& each : threads) each.join();
  CHECK(server.requests().size() == 1);
}

TEST_CASE("the latest and a fixed version of a subject") {
  HttpServer server([](const Request& request) {
    const bool latest = request.line.ends_with("/latest");
    return Reply{200, R"({"subject":"s","id":)" + std::string(latest ? "9" : "4") + R"(,"version":2,"schema":")" +
                          quoted + "\"}"};
  });
  Client client({server.url() + "/apis/ccompat/v7/"});
  CHECK(client.by_subject({.subject = "a/b-value"}).value()->id == 9);
  CHECK(client.by_subject({.subject = "a/b-value", .version = 2}).value()->id == 4);
  CHECK(client.client->by_id(4).ok());  // learnt with it
  REQUIRE(server.requests().size() == 2);
  CHECK(server.requests()[0].line == "GET /apis/ccompat/v7/subjects/a%2Fb-value/versions/latest");
  CHECK(server.requests()[1].line == "GET /apis/ccompat/v7/subjects/a%2Fb-value/versions/2");
}

TEST_CASE("a text is looked up, or registered") {
  HttpServer server([](const Request& request) {
    return request.line.ends_with("/versions") ? Reply{200, R"({"id":12})"} : not_found(40403);
  });
  Client client({server.url()});
  const auto unknown = client.by_subject({.subject = "s", .text = record});
  REQUIRE_FALSE(unknown.ok());
  CHECK(unknown.error().code == ErrorCode::not_found);
  CHECK(unknown.error().message ==
        "subject s: HTTP 404, error 40403: not there; register the schema there, or set auto_register: true");
  const auto registered = client.by_subject({.subject = "s", .text = record, .auto_register = true});
  REQUIRE(registered.ok());
  CHECK(registered.value()->id == 12);
  CHECK(registered.value()->text == record);
  CHECK(client.client->by_subject({.subject = "s", .text = record}).ok());  // now that it is there
  REQUIRE(server.requests().size() == 3);
  CHECK(server.requests()[0].line == "POST /subjects/s");
  CHECK(server.requests()[1].line == "POST /subjects/s?normalize=true");
  CHECK(server.requests()[2].line == "POST /subjects/s/versions");
  CHECK(server.requests()[2].body == R"({"schema":")" + quoted + "\"}");
  CHECK(server.requests()[2].headers.find("Content-Type: application/vnd.schemaregistry.v1+json") != std::string::npos);
  CHECK(client.client->status().registered == 1);
}

TEST_CASE("a refusal is explained in the words of the compatibility check") {
  HttpServer server([](const Request& request) {
    if (request.line.find("/compatibility/") == std::string::npos) {
      return Reply{409, R"({"error_code":409,"message":"incompatible"})"};
    }
    return Reply{200,
                 R"({"is_compatible":false,"messages":["READER_FIELD_MISSING_DEFAULT_VALUE at /fields/1","two"]})"};
  });
  Client client({server.url()});
  const auto refused = client.by_subject({.subject = "s", .text = record, .auto_register = true});
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == ErrorCode::invalid);
  CHECK(refused.error().message ==
        "the registry does not take the schema for subject s: HTTP 409, error 409: incompatible; compared with the "
        "latest "
        "version: READER_FIELD_MISSING_DEFAULT_VALUE at /fields/1; two");
  CHECK(server.requests().back().line == "POST /compatibility/subjects/s/versions/latest?verbose=true");
  CHECK(client.client->status().reachable);  // a decision is no trouble
}

TEST_CASE("references are followed, each after those it needs, and a circle of them ends") {
  HttpServer server([](const Request& request) {
    const auto schema = [](const char* name, const std::string& references) {
      return Reply{200, R"({"id":1,"schema":"\")" + std::string(name) + R"(\"","references":[)" + references + "]}"};
    };
    if (request.line == "GET /schemas/ids/1") {
      return schema("root", R"({"name":"x","subject":"x","version":1},{"name":"y","subject":"y","version":2})");
    }
    if (request.line == "GET /subjects/x/versions/1") return schema("x", R"({"name":"y","subject":"y","version":2})");
    return schema("y", R"({"name":"x","subject":"x","version":1})");
  });
  Client client({server.url()});
  const auto schema = client.by_id(1);
  REQUIRE(schema.ok());
  CHECK(schema.value()->references == std::vector<std::string>{"\"y\"", "\"x\""});
  CHECK(server.requests().size() == 3);
}

TEST_CASE("endless references are an error") {
  HttpServer server([n = 0](const Request&) mutable {
    return Reply{200, R"({"id":1,"schema":"\"int\"","references":[{"name":"x","subject":"x","version":)" +
                          std::to_string(++n) + "}]}"};
  });
  Client client({server.url()});
  const auto schema = client.by_id(1);
  REQUIRE_FALSE(schema.ok());
  CHECK(schema.error().code == ErrorCode::invalid);
  CHECK(schema.error().message.find("16 levels") != std::string::npos);
  CHECK(server.requests().size() <= 18);
}

TEST_CASE("several addresses: the one that answers goes on being asked; an id is unknown if all say so") {
  HttpServer first([](const Request& request) {
    return request.line == "GET /schemas/ids/2" ? not_found(40403) : Reply{500, "broken"};
  });
  HttpServer second([](const Request& request) {
    if (request.line == "GET /schemas/ids/3") return not_found(40403);
    return Reply{200, R"({"schema":"\"int\""})"};
  });
  Client client({first.url(), second.url()});
  CHECK(client.by_id(1).ok());
  CHECK(client.client->status().url == second.url());
  CHECK(client.by_id(3).error().code == ErrorCode::not_found);
  CHECK(client.by_id(2).ok());
  CHECK(first.requests().size() == 2);
}
