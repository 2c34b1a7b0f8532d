#include <doctest/doctest.h>
#include <string>
#include <thread>
#include <vector>

#include "http_client.h"
#include "running_server.h"

using namespace host_admin_tests;

namespace {

std::string head(std::string_view line, std::string_view fields = "Host: x\r\n") {
  return std::string(line) + "\r\n" + std::string(fields) + "\r\n";
}

}  // namespace

TEST_CASE("connections are kept alive in HTTP/1.1 and closed in HTTP/1.0, unless the client says otherwise") {
  const RunningServer running;
  Client client(running.port);
  for (int count = 0; count < 3; ++count) {
    REQUIRE(client.send(head("GET /status HTTP/1.1")));
    CHECK(client.read().status == 200);
  }
  REQUIRE(client.send(head("GET /status HTTP/1.1", "Host: x\r\nConnection: close\r\n")));
  CHECK(client.read().fields.at("connection") == "close");
  CHECK(client.is_closed());
  Client old(running.port);
  REQUIRE(old.send(head("GET /status HTTP/1.0", "")));
  CHECK(old.read().status == 200);
  CHECK(old.is_closed());
}

TEST_CASE("pipelined requests are answered in order") {
  const RunningServer running;
  Client client(running.port);
  REQUIRE(
      client.send(head("GET /status HTTP/1.1") + head("GET /nothing HTTP/1.1") + head("GET /status/live HTTP/1.1")));
  CHECK(client.read().status == 200);
  CHECK(client.read().status == 404);
  CHECK(client.read().body == R"({"alive":true})");
}

TEST_CASE("HEAD is GET without the body") {
  const RunningServer running;
  Client client(running.port);
  REQUIRE(client.send(head("HEAD /status HTTP/1.1")));
  const Response response = client.read(true);
  CHECK(response.status == 200);
  CHECK(response.fields.at("content-length") == "22");
  REQUIRE(client.send(head("GET /status HTTP/1.1")));
  CHECK(client.read().body.size() == 22);
}

TEST_CASE("malformed requests get 400 as problem details") {
  const RunningServer running;
  const std::vector<std::string> requests{
      "garbage\r\n\r\n",
      "GET /status\r\n\r\n",
      "GET /status HTTP/3.9\r\nHost: x\r\n\r\n",
      "GET /status HTTP/1.1\r\nHost x\r\n\r\n",
      "GET /status HTTP/1.1\r\n\r\n",                        // no Host
      "GET /status HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",  // two of them
      "GET status HTTP/1.1\r\nHost: x\r\n\r\n",              // no path
      "GET /sta\x01tus HTTP/1.1\r\nHost: x\r\n\r\n",
      "POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
      "POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
      "POST /events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      std::string("\0\0\0\0\r\n\r\n", 8),
  };
  for (const std::string& text : requests) {
    CAPTURE(text);
    Client client(running.port);
    REQUIRE(client.send(text));
    const Response response = client.read();
    REQUIRE(response.status == 400);
    CHECK(response.fields.at("content-type") == "application/problem+json");
    CHECK(response.body.find("\"status\":400") != std::string::npos);
    CHECK(client.is_closed());
  }
  CHECK(request(running.port, "GET", "/status").status == 200);
}

TEST_CASE("a body may come in chunks, and after 100-continue") {
  const RunningServer running;
  Client client(running.port);
  REQUIRE(
      client.send("POST /events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
                  "chunked\r\n\r\n6\r\n{\"topi\r\n7\r\nc\":\"a\"}\r\n0\r\n\r\n"));
  CHECK(client.read().status == 202);
  REQUIRE(client.send("POST /events HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 13\r\n\r\n"));
  REQUIRE(client.read_until("HTTP/1.1 100 Continue\r\n\r\n"));
  CHECK(client.read().status == 100);
  REQUIRE(client.send(R"({"topic":"a"})"));
  CHECK(client.read().status == 202);
}

TEST_CASE("everything but liveness and readiness needs the key") {
  const RunningServer running(RunningServer::with_key("correct horse"));
  const auto status = [&](std::string_view method, std::string_view target, std::string_view fields = "") {
    return request(running.port, method, target, "", fields).status;
  };
  CHECK(status("GET", "/status/live") == 200);
  CHECK(status("GET", "/status/ready") == 200);
  for (const std::string_view target : {"/status", "/metrics", "/plugins", "/api/doc", "/api/openapi.json", "/",
                                        "/admin", "/events", "/nothing", "/status/live/", "/status%2Flive"}) {
    CAPTURE(target);
    CHECK(status("GET", target) == 401);
  }
  CHECK(status("POST", "/shutdown") == 401);
  CHECK(status("POST", "/events") == 401);
  CHECK(status("GET", "/status", "X-API-Key: wrong\r\n") == 401);
  CHECK(status("GET", "/status", "X-API-Key: correct horse battery\r\n") == 401);
  CHECK(status("GET", "/status", "x-api-key: correct horse\r\n") == 200);
  const Response refused = request(running.port, "GET", "/status");
  CHECK(refused.fields.at("www-authenticate").find("X-API-Key") != std::string::npos);
  CHECK(refused.fields.at("content-type") == "application/problem+json");
  CHECK(refused.body.find("correct") == std::string::npos);
}

TEST_CASE("a request without the key is refused before its body is read") {
  const RunningServer running(RunningServer::with_key("k"));
  Client client(running.port);
  REQUIRE(client.send("POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"));
  CHECK(client.read().status == 401);
}

TEST_CASE("pages of other sites can do nothing, even in insecure mode") {
  RunningServer running;
  const auto post = [&](std::string_view fields) {
    return request(running.port, "POST", "/shutdown", "", fields).status;
  };
  CHECK(post("Origin: http://evil.example\r\n") == 403);
  CHECK(post("Origin: null\r\n") == 403);
  CHECK(post("Sec-Fetch-Site: cross-site\r\n") == 403);
  CHECK(request(running.port, "GET", "/status", "", "Sec-Fetch-Site: cross-site\r\n").status == 403);
  CHECK(running.control.shutdowns == 0);
  CHECK(request(running.port, "GET", "/admin", "", "Sec-Fetch-Site: cross-site\r\n").status == 200);
  CHECK(post("Origin: http://127.0.0.1:" + std::to_string(running.port) + "\r\nSec-Fetch-Site: same-origin\r\n") ==
        202);
  CHECK(request(running.port, "OPTIONS", "/status").fields.count("access-control-allow-origin") == 0);
}

TEST_CASE("a plugin's route answers over HTTP; a slow one gets 504, a removed one 404") {
  auto options = RunningServer::insecure();
  options.limits.handler_timeout = std::chrono::milliseconds(50);
  RunningServer running(options);
  std::atomic<std::uint64_t> kept{0};
  PluginRoute fast("GET", "/p/{x}", [&](const agent_http_request& request, std::uint64_t exchange) {
    running.routes.respond(exchange, json(std::string("\"").append(string(request.path_parameters[0]->value)) + "\""));
  });
  PluginRoute slow("GET", "/slow", [&](const auto&, std::uint64_t exchange) { kept = exchange; });
  REQUIRE(fast.add_to(running.routes) == AGENT_OK);
  REQUIRE(slow.add_to(running.routes) == AGENT_OK);
  CHECK(request(running.port, "GET", "/p/a%20b").body == "\"a b\"");
  CHECK(request(running.port, "GET", "/slow").status == 504);
  CHECK(running.routes.respond(kept, json("{}")) == AGENT_E_NOT_FOUND);
  running.routes.remove_all_of(7);
  CHECK(request(running.port, "GET", "/p/a").status == 404);
}

TEST_CASE("a client that leaves before the answer harms nothing") {
  RunningServer running;
  std::atomic<std::uint64_t> kept{0};
  PluginRoute route("GET", "/later", [&](const auto&, std::uint64_t exchange) { kept = exchange; });
  REQUIRE(route.add_to(running.routes) == AGENT_OK);
  {
    Client client(running.port);
    REQUIRE(client.send(head("GET /later HTTP/1.1")));
    REQUIRE(eventually([&] { return kept != 0; }));
  }
  running.routes.respond(kept, json("{}"));
  CHECK(request(running.port, "GET", "/status").status == 200);
}

TEST_CASE("many clients at once all get their own answers") {
  RunningServer running;
  PluginRoute route("GET", "/echo/{x}", [&](const agent_http_request& request, std::uint64_t exchange) {
    running.routes.respond(exchange, json(string(request.path_parameters[0]->value)));
  });
  REQUIRE(route.add_to(running.routes) == AGENT_OK);
  std::atomic<int> right{0};
  std::vector<std::thread> clients;
  for (int index = 0; index < 16; ++index) {
    clients.emplace_back([&, index] {
      Client client(running.port);
      for (int count = 0; count < 100; ++count) {
        const std::string own = std::to_string(index) + "-" + std::to_string(count);
        client.send(head("GET /echo/" + own + " HTTP/1.1"));
        if (client.read().body == own) ++right;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  CHECK(right == 1'600);
}
