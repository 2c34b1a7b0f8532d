#include "admin/route_table.h"

#include <atomic>
#include <condition_variable>
#include <doctest/doctest.h>
#include <latch>
#include <mutex>
#include <optional>
#include <thread>

#include "running_server.h"

using namespace host_admin_tests;
using host_stub::HttpReply;
using host_stub::RouteTable;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

struct StartedTable {
  explicit StartedTable(RouteTable::Options options = {}) : table(options) { REQUIRE(table.start().ok()); }
  RouteTable table;
  HttpReply get(std::string_view target, milliseconds timeout = seconds(10)) {
    return table.call("GET", target, "", timeout);
  }
};

}  // namespace

TEST_CASE("a handler gets method, path, decoded parameters, content type and body") {
  StartedTable routes;
  std::string seen;
  PluginRoute route("POST", "/kafka/topics/{name}", [&](const agent_http_request& request, std::uint64_t exchange) {
    seen = string(request.method) + " " + string(request.path) + " " + string(request.path_parameters[0]->name) + "=" +
           string(request.path_parameters[0]->value) + " " + string(request.query_parameters[1]->value) + " " +
           string(request.content_type) + " " +
           std::string(static_cast<const char*>(request.body.data), request.body.size) + " " +
           std::to_string(request.timeout_ms);
    routes.table.respond(exchange, json("{}", 201));
  });
  REQUIRE(route.add_to(routes.table) == AGENT_OK);
  const HttpReply reply =
      routes.table.call("POST", "/kafka/topics/a%20b?x=1&x=%C3%BC", "body", milliseconds(5'000), "text/x");
  CHECK(reply.status == 201);
  CHECK(seen == "POST /kafka/topics/a%20b name=a b ü text/x body 5000");
}

TEST_CASE("a path and method can be taken once, whatever its parameters are called") {
  StartedTable routes;
  PluginRoute first("GET", "/a/{x}", [](const auto&, auto) {});
  PluginRoute again("GET", "/a/{other}", [](const auto&, auto) {});
  PluginRoute post("POST", "/a/{x}", [](const auto&, auto) {});
  REQUIRE(first.add_to(routes.table) == AGENT_OK);
  agent_error error = AGENT_ERROR_INIT;
  std::uint64_t token = 0;
  CHECK(routes.table.add(again.route(), 8, &token, &error) == AGENT_E_EXISTS);
  CHECK(std::string(error.message).find("GET /a/{other}") != std::string::npos);
  CHECK(post.add_to(routes.table) == AGENT_OK);
}

TEST_CASE("malformed routes are refused with a reason") {
  StartedTable routes;
  const auto refused = [&](std::string method, std::string path) {
    PluginRoute route(std::move(method), std::move(path), [](const auto&, auto) {});
    return route.add_to(routes.table);
  };
  CHECK(refused("get", "/a") == AGENT_E_INVALID);
  CHECK(refused("", "/a") == AGENT_E_INVALID);
  CHECK(refused("GET", "a") == AGENT_E_INVALID);
  CHECK(refused("GET", "/{a}b") == AGENT_E_INVALID);
  PluginRoute route("GET", "/a", [](const auto&, auto) {});
  agent_route bad_schema = route.route();
  bad_schema.response_schema = text("{\"type\":");
  CHECK(routes.table.add(bad_schema, 7, nullptr, nullptr) == AGENT_E_INVALID);
  agent_route no_handler = route.route();
  no_handler.handle = nullptr;
  CHECK(routes.table.add(no_handler, 7, nullptr, nullptr) == AGENT_E_INVALID);
}

TEST_CASE("literal segments win over parameters") {
  StartedTable routes;
  PluginRoute any("GET", "/a/{x}", [&](const auto&, auto exchange) { routes.table.respond(exchange, json("any")); });
  PluginRoute one("GET", "/a/b", [&](const auto&, auto exchange) { routes.table.respond(exchange, json("one")); });
  REQUIRE(any.add_to(routes.table) == AGENT_OK);
  REQUIRE(one.add_to(routes.table) == AGENT_OK);
  CHECK(routes.get("/a/b").body == "one");
  CHECK(routes.get("/a/c").body == "any");
}

TEST_CASE("unknown paths get 404, unknown methods 405 with Allow, malformed targets 400") {
  StartedTable routes;
  PluginRoute get("GET", "/a", [](const auto&, auto) {});
  PluginRoute post("POST", "/a", [](const auto&, auto) {});
  REQUIRE(get.add_to(routes.table) == AGENT_OK);
  REQUIRE(post.add_to(routes.table) == AGENT_OK);
  CHECK(routes.get("/b").status == 404);
  CHECK(routes.get("/a/").status == 404);
  CHECK(routes.get("/a?x=%zz").status == 400);
  CHECK(routes.get("/%ff").status == 400);
  CHECK(routes.get("no-slash").status == 400);
  const HttpReply reply = routes.table.call("DELETE", "/a", "", seconds(10));
  CHECK(reply.status == 405);
  REQUIRE(reply.headers.size() == 1);
  CHECK(reply.headers[0].name == "Allow");
  CHECK(reply.headers[0].value == "GET, HEAD, POST");
  CHECK(reply.content_type == "application/problem+json");
}

TEST_CASE("an answer that comes too late is not found") {
  StartedTable routes;
  std::atomic<std::uint64_t> kept{0};
  PluginRoute route("GET", "/slow", [&](const auto&, auto exchange) { kept = exchange; });
  REQUIRE(route.add_to(routes.table) == AGENT_OK);
  CHECK(routes.get("/slow", milliseconds(30)).status == 504);
  CHECK(routes.table.respond(kept, json("{}")) == AGENT_E_NOT_FOUND);
  CHECK(routes.table.respond(999'999, json("{}")) == AGENT_E_NOT_FOUND);
}

TEST_CASE("only the first answer counts") {
  StartedTable routes;
  std::int32_t second = 0;
  PluginRoute route("GET", "/twice", [&](const auto&, auto exchange) {
    routes.table.respond(exchange, json("1"));
    second = routes.table.respond(exchange, json("2"));
  });
  REQUIRE(route.add_to(routes.table) == AGENT_OK);
  CHECK(routes.get("/twice").body == "1");
  routes.table.remove(route.token);  // the handler has returned
  CHECK(second == AGENT_E_NOT_FOUND);
}

TEST_CASE("answers come from any thread") {
  StartedTable routes;
  std::thread other;
  PluginRoute route("GET", "/later", [&](const auto&, auto exchange) {
    other = std::thread([&routes, exchange] { routes.table.respond(exchange, json("later")); });
  });
  REQUIRE(route.add_to(routes.table) == AGENT_OK);
  CHECK(routes.get("/later").body == "later");
  routes.table.remove(route.token);
  other.join();
}

TEST_CASE("answers that cannot be sent become 500") {
  StartedTable routes;
  std::int32_t code = 0;
  agent_http_reply bad = json("{}", 42);
  PluginRoute route("GET", "/bad", [&](const auto&, auto exchange) { code = routes.table.respond(exchange, bad); });
  REQUIRE(route.add_to(routes.table) == AGENT_OK);
  CHECK(routes.get("/bad").status == 500);
  bad = json("{}");
  bad.content_type = text("a\r\nSet-Cookie: b");
  CHECK(routes.get("/bad").status == 500);
  routes.table.remove(route.token);
  CHECK(code == AGENT_E_INVALID);
}

TEST_CASE("a handler that throws harms nobody else") {
  StartedTable routes;
  PluginRoute route("GET", "/throws", [](const auto&, auto) { throw std::runtime_error("oops"); });
  REQUIRE(route.add_to(routes.table) == AGENT_OK);
  CHECK(routes.get("/throws").status == 500);
  CHECK(routes.get("/throws").status == 500);
}

TEST_CASE("removal waits for the handler, then the route is gone and what it left open gets 503") {
  StartedTable routes;
  std::latch entered(1);
  std::latch may_leave(1);
  std::atomic<bool> left{false};
  PluginRoute route("GET", "/held", [&](const auto&, auto) {
    entered.count_down();
    may_leave.wait();
    left = true;
  });
  REQUIRE(route.add_to(routes.table) == AGENT_OK);
  std::optional<HttpReply> reply;
  std::thread caller([&] { reply = routes.get("/held"); });
  entered.wait();
  std::thread remover([&] {
    CHECK(routes.table.remove(route.token) == AGENT_OK);
    CHECK(left.load());
  });
  CHECK(eventually([&] { return routes.get("/held", milliseconds(5)).status == 404; }));
  CHECK_FALSE(left.load());
  may_leave.count_down();
  remover.join();
  caller.join();
  CHECK(reply->status == 503);
  CHECK(routes.table.remove(route.token) == AGENT_E_NOT_FOUND);
}

TEST_CASE("a handler may remove its own route and still answer") {
  StartedTable routes;
  std::int32_t removed = 1;
  PluginRoute* self = nullptr;
  PluginRoute route("GET", "/once", [&](const auto&, auto exchange) {
    removed = routes.table.remove(self->token);
    routes.table.respond(exchange, json("still"));
  });
  self = &route;
  REQUIRE(route.add_to(routes.table) == AGENT_OK);
  CHECK(routes.get("/once").body == "still");
  CHECK(removed == AGENT_OK);
  CHECK(routes.get("/once").status == 404);
}

TEST_CASE("removing all routes of an owner leaves the others, and reports a handler that hangs") {
  StartedTable routes;
  std::latch entered(1);
  std::latch may_leave(1);
  PluginRoute held("GET", "/held", [&](const auto&, auto exchange) {
    entered.count_down();
    may_leave.wait();
    routes.table.respond(exchange, json("{}"));
  });
  PluginRoute other("GET", "/other", [&](const auto&, auto exchange) { routes.table.respond(exchange, json("{}")); });
  REQUIRE(held.add_to(routes.table, 1) == AGENT_OK);
  REQUIRE(other.add_to(routes.table, 2) == AGENT_OK);
  std::thread caller([&] { CHECK(routes.get("/held").status == 200); });
  entered.wait();
  CHECK_FALSE(routes.table.remove_all_of(1, milliseconds(20)));
  may_leave.count_down();
  caller.join();
  CHECK(routes.get("/other").status == 200);
  CHECK(routes.table.remove_all_of(2, seconds(5)));
  CHECK(routes.table.routes().empty());
}

TEST_CASE("a full queue answers 503 at once") {
  StartedTable routes({.max_waiting_calls = 1, .max_exchanges = 100});
  std::latch entered(1);
  std::latch may_leave(1);
  PluginRoute route("GET", "/held", [&](const auto&, auto exchange) {
    entered.count_down(entered.try_wait() ? 0 : 1);
    may_leave.wait();
    routes.table.respond(exchange, json("{}"));
  });
  REQUIRE(route.add_to(routes.table) == AGENT_OK);
  std::thread running([&] { CHECK(routes.get("/held").status == 200); });
  entered.wait();
  std::atomic<int> unavailable{0};
  std::vector<std::thread> callers;
  for (int index = 0; index < 5; ++index) {
    callers.emplace_back([&] {
      if (routes.get("/held").status == 503) ++unavailable;
    });
  }
  CHECK(eventually([&] { return unavailable == 4; }));
  may_leave.count_down();
  running.join();
  for (std::thread& caller : callers) caller.join();
  CHECK(unavailable == 4);
}

TEST_CASE("a blocking plugin does not delay the host's own routes") {
  StartedTable routes;
  std::latch entered(1);
  std::latch may_leave(1);
  PluginRoute held("GET", "/held", [&](const auto&, auto exchange) {
    entered.count_down();
    may_leave.wait();
    routes.table.respond(exchange, json("{}"));
  });
  REQUIRE(held.add_to(routes.table) == AGENT_OK);
  host_stub::HostRoute own;
  own.info.method = "GET";
  own.info.path = "/own";
  own.handle = [&](host_stub::HttpCall&, std::uint64_t exchange) { routes.table.respond(exchange, HttpReply{}); };
  REQUIRE(routes.table.add(std::move(own)).ok());
  std::thread caller([&] { routes.get("/held"); });
  entered.wait();
  CHECK(routes.get("/own").status == 200);
  may_leave.count_down();
  caller.join();
}

TEST_CASE("before the start and after the stop requests get 503") {
  RouteTable table;
  PluginRoute route("GET", "/a", [&](const auto&, auto exchange) { table.respond(exchange, json("{}")); });
  REQUIRE(route.add_to(table) == AGENT_OK);
  CHECK(table.call("GET", "/a", "", seconds(5)).status == 503);
  REQUIRE(table.start().ok());
  CHECK(table.call("GET", "/a", "", seconds(5)).status == 200);
  CHECK(table.stop(seconds(5)));
  CHECK(table.call("GET", "/a", "", seconds(5)).status == 503);
}

TEST_CASE("stopping answers what waits, and reports a handler that hangs") {
  std::latch entered(1);
  std::latch may_leave(1);
  std::latch done(1);
  std::optional<HttpReply> reply;
  {
    StartedTable routes;
    PluginRoute held("GET", "/held", [&](const auto&, auto) {
      entered.count_down();
      may_leave.wait();
      done.count_down();
    });
    REQUIRE(held.add_to(routes.table) == AGENT_OK);
    std::thread caller([&] { reply = routes.get("/held"); });
    entered.wait();
    CHECK_FALSE(routes.table.stop(milliseconds(20)));
    caller.join();
    CHECK(reply->status == 503);
    may_leave.count_down();
    done.wait();
  }
}

TEST_CASE("routes come and go under load") {
  StartedTable routes;
  PluginRoute route("GET", "/a", [&](const auto&, auto exchange) { routes.table.respond(exchange, json("{}")); });
  std::atomic<bool> stop{false};
  std::atomic<int> odd{0};
  std::thread flapper([&] {
    while (!stop) {
      CHECK(route.add_to(routes.table) == AGENT_OK);
      CHECK(routes.table.remove(route.token) == AGENT_OK);
    }
  });
  std::vector<std::thread> callers;
  for (int index = 0; index < 4; ++index) {
    callers.emplace_back([&] {
      for (int count = 0; count < 500; ++count) {
        const int status = routes.get("/a").status;
        if (status != 200 && status != 404 && status != 503) ++odd;
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  stop = true;
  flapper.join();
  CHECK(odd == 0);
}
