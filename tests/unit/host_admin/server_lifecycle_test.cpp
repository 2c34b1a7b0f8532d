#include <doctest/doctest.h>
#include <latch>
#include <string>
#include <thread>

#include "http_client.h"
#include "running_server.h"

using namespace host_admin_tests;
using host_stub::AdminServer;
using host_stub::AdminServerOptions;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

std::string refusal(AdminServerOptions options) {
  host_stub::EventBus bus;
  host_stub::RouteTable routes;
  FixedControl control;
  QuietLog log;
  const auto made = AdminServer::create(std::move(options), routes, bus, control, log);
  return made.ok() ? "" : made.error().message;
}

}  // namespace

TEST_CASE("without a key and without insecure mode there is no server") {
  const std::string message = refusal({});
  CHECK(message.find("--admin-api-key") != std::string::npos);
  CHECK(message.find("--admin-insecure-mode") != std::string::npos);
  AdminServerOptions both = RunningServer::insecure();
  both.api_key = "k";
  CHECK(refusal(both).find("exclude") != std::string::npos);
  CHECK(refusal(RunningServer::with_key("")).find("empty") != std::string::npos);
  CHECK(refusal(RunningServer::insecure()).empty());
}

TEST_CASE("a port in use is named, with what to do") {
  const RunningServer running;
  host_stub::EventBus bus;
  host_stub::RouteTable routes;
  FixedControl control;
  QuietLog log;
  AdminServerOptions options = RunningServer::insecure();
  options.port = running.port;
  auto second = AdminServer::create(options, routes, bus, control, log);
  REQUIRE(second.ok());
  const auto started = second.value()->start();
  REQUIRE_FALSE(started.ok());
  CHECK(started.error().status == AGENT_E_EXISTS);
  CHECK(started.error().message.find("127.0.0.1:" + std::to_string(running.port)) != std::string::npos);
  CHECK(started.error().message.find("--admin") != std::string::npos);
}

TEST_CASE("an address that is not of this machine is refused") {
  host_stub::EventBus bus;
  host_stub::RouteTable routes;
  FixedControl control;
  QuietLog log;
  AdminServerOptions options = RunningServer::insecure();
  options.host = "203.0.113.1";  // documentation range (RFC 5737)
  auto made = AdminServer::create(options, routes, bus, control, log);
  REQUIRE(made.ok());
  const auto started = made.value()->start();
  REQUIRE_FALSE(started.ok());
  CHECK(started.error().message.find("203.0.113.1") != std::string::npos);
}

TEST_CASE("the host's routes leave the table with the server") {
  RunningServer running;
  CHECK_FALSE(running.routes.routes().empty());
  running.server.reset();
  CHECK(running.routes.routes().empty());
}

TEST_CASE("stopping ends idle connections and event streams at once") {
  RunningServer running;
  Client idle(running.port);
  REQUIRE(idle.send("GET /status HTTP/1.1\r\nHost: x\r\n\r\n"));
  CHECK(idle.read().status == 200);
  Client stream(running.port);
  REQUIRE(stream.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n"));
  REQUIRE(stream.read_until(": connected"));
  const auto begin = std::chrono::steady_clock::now();
  CHECK(running.server->stop(seconds(10)));
  CHECK(std::chrono::steady_clock::now() - begin < seconds(5));
  CHECK(idle.is_closed());
  CHECK(stream.is_closed());
  CHECK(stream.received().ends_with("0\r\n\r\n"));
  CHECK(running.bus.statistics().subscriptions == 0);
}

TEST_CASE("stopping lets a running request finish") {
  RunningServer running;
  std::latch entered(1);
  std::latch may_leave(1);
  PluginRoute route("GET", "/held", [&](const auto&, std::uint64_t exchange) {
    entered.count_down();
    may_leave.wait();
    running.routes.respond(exchange, json("{}"));
  });
  REQUIRE(route.add_to(running.routes) == AGENT_OK);
  Client client(running.port);
  REQUIRE(client.send("GET /held HTTP/1.1\r\nHost: x\r\n\r\n"));
  entered.wait();
  bool finished = false;
  std::thread stopper([&] { finished = running.server->stop(seconds(10)); });
  may_leave.count_down();
  CHECK(client.read().status == 200);
  stopper.join();
  CHECK(finished);
}

TEST_CASE("a request that outlasts the deadline is cut off, and its late answer is not found") {
  RunningServer running;
  std::atomic<std::uint64_t> kept{0};
  PluginRoute route("GET", "/never", [&](const auto&, std::uint64_t exchange) { kept = exchange; });
  REQUIRE(route.add_to(running.routes) == AGENT_OK);
  Client client(running.port);
  REQUIRE(client.send("GET /never HTTP/1.1\r\nHost: x\r\n\r\n"));
  REQUIRE(eventually([&] { return kept != 0; }));
  CHECK_FALSE(running.server->stop(milliseconds(50)));
  CHECK(client.is_closed());
  CHECK(running.routes.respond(kept, json("{}")) == AGENT_E_NOT_FOUND);
}

TEST_CASE("stopping twice, and starting again, are answered") {
  RunningServer running;
  CHECK(running.server->stop(seconds(5)));
  CHECK(running.server->stop(seconds(5)));
  CHECK_FALSE(running.server->start().ok());
}
