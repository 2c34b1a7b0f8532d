// A registry that misbehaves, or is away.
#include <doctest/doctest.h>

#include "support.h"

using namespace registry_test;

namespace {

const Reply good{200, R"({"schema":"\"int\""})"};

/// What status() says after the first request failed; then the server gets well, and the question is answered all the same.
std::string trouble_of(const Reply& reply, std::chrono::milliseconds timeout = patience) {
  std::atomic<bool> well{false};
  HttpServer server([&](const Request&) { return well ? good : reply; });
  Client client({server.url()}, false);
  client.settings.timeout = timeout;
  client.make();
  REQUIRE(client.client->start().ok());
  CHECK(client.client->by_id(1).error().code == ErrorCode::unavailable);
  REQUIRE(within(patience,
                 [&] { return client.client->status().failures > 0 && !client.client->status().trouble.empty(); }));
  const auto status = client.client->status();
  CHECK_FALSE(status.reachable);
  CHECK(status.waiting == 1);
  CHECK(client.client->by_id(1).error().message.find(status.trouble) != std::string::npos);
  well = true;
  CHECK(client.by_id(1).ok());
  CHECK(within(patience, [&] { return client.client->status().reachable; }));
  CHECK(client.log.lines().size() <= 2);
  return status.trouble.substr(status.trouble.find(": ") + 2);
}

bool contains(const std::string& text, std::string_view part) {
  if (text.find(part) == std::string::npos) MESSAGE(text);
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("an answer that says nothing is trouble, told in words, and no decision") {
  CHECK(trouble_of({500, R"({"error_code":50001,"message":"store\nis away"})"}) ==
        "HTTP 500, error 50001 (it is in trouble): store is away");
  CHECK(contains(trouble_of({401, ""}), "HTTP 401 (it does not know the user or the password)"));
  CHECK(contains(trouble_of({404, "<html>no such page</html>"}), "Apicurio's ends in /apis/ccompat/v7"));
  CHECK(contains(trouble_of({404, R"({"error_code":404,"message":"HTTP 404 Not Found"})"}),
                 "is the URL that of the API?"));
  CHECK(contains(trouble_of({302, "", Reply::Way::whole, "Location: http://127.0.0.1:9/\r\n"}), "a redirect"));
  CHECK(contains(trouble_of({200, "[]"}), "no JSON object"));
  CHECK(contains(trouble_of({200, std::string(100000, '[')}), "no JSON object"));
  CHECK(contains(trouble_of({200, R"({"schema":7})"}), "neither `schema` nor `id`"));
  CHECK(contains(trouble_of({200, "", Reply::Way::endless}), "longer than 4 MiB"));
}

TEST_CASE("a server that does not speak HTTP, hangs, resets or is slow is one that does not answer") {
  trouble_of({200, "\x16\x03garbage\r\n\r\n", Reply::Way::raw});
  trouble_of({200, "", Reply::Way::raw});
  trouble_of({200, "", Reply::Way::reset});
  constexpr std::chrono::milliseconds soon{200};
  CHECK(contains(trouble_of({200, "", Reply::Way::hang}, soon), "timed out"));
  CHECK(contains(trouble_of({200, std::string(2000, ' '), Reply::Way::slow}, soon), "timed out"));
}

TEST_CASE("a registry that is away: what is known stays, one line tells it, one that it is back") {
  auto server = std::make_unique<HttpServer>([](const Request&) { return good; });
  const std::uint16_t port = server->port();
  Client client({server->url()});
  REQUIRE(client.by_id(1).ok());
  server.reset();
  CHECK(client.client->by_id(2).error().code == ErrorCode::unavailable);
  REQUIRE(within(patience, [&] { return client.client->status().failures >= 3; }));
  CHECK(client.client->by_id(1).ok());
  REQUIRE(client.log.lines().size() == 1);
  CHECK(contains(client.log.lines()[0], "the schema registry does not answer: http://127.0.0.1:"));
  server = std::make_unique<HttpServer>([](const Request&) { return good; }, port);
  CHECK(client.by_id(2).ok());
  REQUIRE(within(patience, [&] { return client.log.lines().size() == 2; }));
  CHECK(contains(client.log.lines()[1], "the schema registry answers again"));
}

TEST_CASE("one question in trouble does not hold up the others") {
  HttpServer server([](const Request& request) { return request.line.ends_with("/1") ? Reply{500, ""} : good; });
  Client client({server.url()});
  CHECK_FALSE(client.client->by_id(1).ok());
  for (std::uint32_t id = 2; id < 50; ++id) CHECK(client.by_id(id).ok());
  CHECK(client.client->by_id(1).error().code == ErrorCode::unavailable);
}

TEST_CASE("stop() ends a request that hangs at once, and start() asks it again") {
  std::atomic<bool> well{false};
  HttpServer server([&](const Request&) { return well ? good : Reply{200, "", Reply::Way::hang}; });
  Client client({server.url()});
  CHECK_FALSE(client.client->by_id(1).ok());
  REQUIRE(within(patience, [&] { return !server.requests().empty(); }));
  const auto began = std::chrono::steady_clock::now();
  client.client->stop();
  CHECK(std::chrono::steady_clock::now() - began < std::chrono::milliseconds(500));
  client.client->stop();
  CHECK(client.client->by_id(1).error().code == ErrorCode::unavailable);
  CHECK(client.client->status().waiting == 0);
  well = true;
  REQUIRE(client.client->start().ok());
  CHECK(client.by_id(1).ok());
}

TEST_CASE("nobody can put more questions than the queue holds") {
  HttpServer server([](const Request&) { return Reply{200, "", Reply::Way::hang}; });
  Client client({server.url()});
  for (std::uint32_t id = 1; id < 5000; ++id) CHECK(client.client->by_id(id).error().code == ErrorCode::unavailable);
  CHECK(client.client->status().waiting <= 1001);
}

TEST_CASE("user and password go to the registry and nowhere else") {
  HttpServer server([](const Request&) { return Reply{401, R"({"error_code":401,"message":"Unauthorized"})"}; });
  Client client({"http://joe:hidden@127.0.0.1:" + std::to_string(server.port())}, false);
  REQUIRE(client.client->start().ok());
  CHECK_FALSE(client.client->by_id(1).ok());
  REQUIRE(within(patience, [&] { return !client.client->status().trouble.empty() && !client.log.lines().empty(); }));
  CHECK(contains(server.requests()[0].headers, "Authorization: Basic am9lOmhpZGRlbg=="));
  CHECK(client.client->status().url == server.url());
  for (const std::string& text :
       {client.client->status().trouble, client.log.lines()[0], client.client->by_id(1).error().message}) {
    CHECK(text.find("hidden") == std::string::npos);
    CHECK(text.find("joe") == std::string::npos);
  }
}

TEST_CASE("settings: user and password beside the URL") {
  HttpServer server([](const Request&) { return good; });
  Client client({server.url()}, false);
  client.settings.username = "joe";
  client.settings.password = "hidden";
  client.make();
  REQUIRE(client.client->start().ok());
  CHECK(client.by_id(1).ok());
  CHECK(contains(server.requests()[0].headers, "Authorization: Basic am9lOmhpZGRlbg=="));
}

TEST_CASE("settings that cannot be used are told before anything starts") {
  MemoryLog log;
  const auto complaint = [&](const kafka_events::config::RegistrySettings& settings) {
    const auto made = SchemaRegistryClient::create(settings, log);
    REQUIRE_FALSE(made.ok());
    CHECK(made.error().code == ErrorCode::invalid);
    return made.error().message;
  };
  kafka_events::config::RegistrySettings settings;
  CHECK(contains(complaint(settings), "schema_registry.url: is empty"));
  settings.urls = {"ftp://joe:hidden@host"};
  CHECK(contains(complaint(settings), "begins with http:// or https://"));
  CHECK(complaint(settings).find("hidden") == std::string::npos);
  settings.urls = {"http://[::1"};
  complaint(settings);
  settings.urls = {"http://127.0.0.1:1"};
  settings.ca_file = "/no/such/file";
  CHECK(contains(complaint(settings), "schema_registry.ca: /no/such/file cannot be read"));
  settings.ca_file = "/proc/self/cmdline";
  CHECK(contains(complaint(settings), "is not in PEM"));
}
