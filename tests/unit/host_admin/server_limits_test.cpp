#include <doctest/doctest.h>
#include <string>
#include <vector>

#include "http_client.h"
#include "running_server.h"

using namespace host_admin_tests;
using std::chrono::milliseconds;

namespace {

bool is_problem(const Response& response, int status) {
  const auto type = response.fields.find("content-type");
  return response.status == status && type != response.fields.end() && type->second == "application/problem+json" &&
         response.body.find("\"status\":" + std::to_string(status)) != std::string::npos;
}

}  // namespace

TEST_CASE("a body over the limit gets 413, announced or not") {
  auto options = RunningServer::insecure();
  options.limits.max_body_bytes = 1'000;
  const RunningServer running(options);
  CHECK(is_problem(request(running.port, "POST", "/events", std::string(1'001, 'x')), 413));
  Client announced(running.port);
  REQUIRE(announced.send("POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n"));
  CHECK(is_problem(announced.read(), 413));
  CHECK(announced.is_closed());
  Client chunked(running.port);
  REQUIRE(chunked.send("POST /events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" +
                       std::string(1'001, 'x')));
  CHECK(is_problem(chunked.read(), 413));
  const std::string fits = R"({"topic":"a","payload":")" + std::string(970, 'x') + "\"}";
  CHECK(request(running.port, "POST", "/events", fits).status == 202);
}

TEST_CASE("the default body limit lets 8 MiB through and no more") {
  const RunningServer running;
  const std::string frame = R"({"topic":"a","payload":""})";
  const std::size_t limit = 8u << 20;
  const auto body = [&](std::size_t size) {
    return R"({"topic":"a","payload":")" + std::string(size - frame.size(), 'x') + "\"}";
  };
  const auto post = [&](const std::string& text) {
    return request(running.port, "POST", "/events", text, {}, std::chrono::seconds(60));
  };
  CHECK(post(body(limit)).status == 202);
  CHECK(is_problem(post(body(limit + 1)), 413));
}

TEST_CASE("a header over the limit gets 431") {
  const RunningServer running;
  CHECK(is_problem(request(running.port, "GET", "/status", "", "X-Long: " + std::string(16'384, 'x') + "\r\n"), 431));
  CHECK(is_problem(request(running.port, "GET", "/" + std::string(20'000, 'x')), 431));
  CHECK(request(running.port, "GET", "/status", "", "X-Long: " + std::string(15'000, 'x') + "\r\n").status == 200);
  Client endless(running.port);
  REQUIRE(endless.send("GET /status HTTP/1.1\r\nHost: x\r\nX-Long: " + std::string(100'000, 'x')));
  CHECK(is_problem(endless.read(), 431));
}

TEST_CASE("a request that is sent too slowly gets 408") {
  auto options = RunningServer::insecure();
  options.limits.request_timeout = milliseconds(80);
  const RunningServer running(options);
  const std::vector<std::string> beginnings{
      "G",
      "GET /status HTTP/1.1\r\nHost: x\r\nX-Slow: ",
      "POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
      "POST /events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
  };
  for (const std::string& beginning : beginnings) {
    CAPTURE(beginning);
    Client client(running.port);
    REQUIRE(client.send(beginning));
    CHECK(is_problem(client.read(), 408));
    CHECK(client.is_closed());
  }
}

TEST_CASE("drops of data do not extend the time for a request") {
  auto options = RunningServer::insecure();
  options.limits.request_timeout = milliseconds(200);
  const RunningServer running(options);
  Client client(running.port);
  REQUIRE(client.send("GET /status HTTP/1.1\r\nHost: x\r\n"));
  const auto begin = std::chrono::steady_clock::now();
  Response response;
  while (response.status == 0 && std::chrono::steady_clock::now() - begin < std::chrono::seconds(5)) {
    client.send("X: y\r\n");
    response = client.read(false, milliseconds(20));
  }
  CHECK(is_problem(response, 408));
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(2));
}

TEST_CASE("idle connections are closed without a word") {
  auto options = RunningServer::insecure();
  options.limits.idle_timeout = milliseconds(50);
  const RunningServer running(options);
  Client client(running.port);
  REQUIRE(client.send("GET /status HTTP/1.1\r\nHost: x\r\n\r\n"));
  CHECK(client.read().status == 200);
  CHECK(client.is_closed());
  CHECK(client.received().empty());
}

TEST_CASE("connections over the limit get 503, and a freed one can be used again") {
  auto options = RunningServer::insecure();
  options.limits.max_connections = 2;
  const RunningServer running(options);
  Client first(running.port);
  Client second(running.port);
  for (Client* client : {&first, &second}) {
    REQUIRE(client->send("GET /status HTTP/1.1\r\nHost: x\r\n\r\n"));
    CHECK(client->read().status == 200);
  }
  const Response refused = request(running.port, "GET", "/status");
  CHECK(is_problem(refused, 503));
  CHECK(refused.fields.at("retry-after") == "1");
  second.close();
  CHECK(eventually([&] { return request(running.port, "GET", "/status").status == 200; }));
}

TEST_CASE("a client that does not take its answer is given up") {
  auto options = RunningServer::insecure();
  options.limits.write_timeout = milliseconds(100);
  options.limits.max_connections = 1;
  RunningServer running(options);
  const std::string huge(64u << 20, 'x');
  PluginRoute route("GET", "/huge",
                    [&](const auto&, std::uint64_t exchange) { running.routes.respond(exchange, json(huge)); });
  REQUIRE(route.add_to(running.routes) == AGENT_OK);
  Client client(running.port);
  REQUIRE(client.send("GET /huge HTTP/1.1\r\nHost: x\r\n\r\n"));
  CHECK(eventually([&] { return request(running.port, "GET", "/status").status == 200; }));
}
