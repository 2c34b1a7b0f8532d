// The routes of one version of a plugin take the place of another's.
#include <atomic>
#include <doctest/doctest.h>
#include <future>
#include <latch>
#include <thread>

#include "admin/route_table.h"
#include "running_server.h"

using namespace host_admin_tests;
using host_stub::HttpReply;
using host_stub::RouteTable;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

struct Table {
  Table() { REQUIRE(routes.start().ok()); }
  std::string get(std::string_view target) {
    const HttpReply reply = routes.call("GET", target, "", seconds(10));
    return reply.status == 200 ? reply.body : std::to_string(reply.status);
  }
  PluginRoute::Handle answer(std::string text) {
    return [this, text](const agent_http_request&, std::uint64_t exchange) { routes.respond(exchange, json(text)); };
  }
  RouteTable routes;
};

}  // namespace

TEST_CASE("parked routes are checked and kept, but no request reaches them until they are exchanged") {
  Table table;
  PluginRoute old_one("GET", "/a/{x}", table.answer("old")), old_only("GET", "/old", table.answer("old"));
  PluginRoute new_one("GET", "/a/{y}", table.answer("new")), new_only("GET", "/new", table.answer("new"));
  PluginRoute again("GET", "/a/{z}", table.answer("again")), bad("GET", "a", table.answer("bad"));
  REQUIRE(old_one.add_to(table.routes, 1) == AGENT_OK);
  REQUIRE(old_only.add_to(table.routes, 1) == AGENT_OK);
  table.routes.park(2);
  REQUIRE(new_one.add_to(table.routes, 2) == AGENT_OK);
  REQUIRE(new_only.add_to(table.routes, 2) == AGENT_OK);
  CHECK(again.add_to(table.routes, 2) == AGENT_E_EXISTS);
  CHECK(bad.add_to(table.routes, 2) == AGENT_E_INVALID);
  CHECK(table.get("/a/1") == "old");
  CHECK(table.get("/new") == "404");
  CHECK(table.routes.routes().size() == 2);

  REQUIRE(table.routes.exchange(1, 2).ok());
  CHECK(table.get("/a/1") == "new");
  CHECK(table.get("/new") == "new");
  CHECK(table.get("/old") == "404");
  CHECK(table.routes.routes().size() == 2);

  REQUIRE(table.routes.exchange(2, 1).ok());  // and back
  CHECK(table.get("/a/1") == "old");
  CHECK(table.get("/old") == "old");
  CHECK(table.get("/new") == "404");
}

TEST_CASE("an exchange that meets somebody else's route names it and changes nothing") {
  Table table;
  PluginRoute old_one("GET", "/a", table.answer("old")), others("GET", "/b", table.answer("other"));
  PluginRoute new_one("GET", "/a", table.answer("new")), new_two("GET", "/b", table.answer("new"));
  REQUIRE(old_one.add_to(table.routes, 1) == AGENT_OK);
  REQUIRE(others.add_to(table.routes, 3) == AGENT_OK);
  table.routes.park(2);
  REQUIRE(new_one.add_to(table.routes, 2) == AGENT_OK);
  REQUIRE(new_two.add_to(table.routes, 2) == AGENT_OK);
  const auto exchanged = table.routes.exchange(1, 2);
  REQUIRE_FALSE(exchanged.ok());
  CHECK(exchanged.error().status == AGENT_E_EXISTS);
  CHECK(exchanged.error().message.find("GET /b") != std::string::npos);
  CHECK(table.get("/a") == "old");
  CHECK(table.get("/b") == "other");
  REQUIRE(table.routes.remove(others.token) == AGENT_OK);
  REQUIRE(table.routes.exchange(1, 2).ok());
  CHECK(table.get("/b") == "new");
}

TEST_CASE("parked routes can be removed, one by one and all of an owner's, and so can their being parked") {
  Table table;
  PluginRoute one("GET", "/a", table.answer("1")), two("GET", "/b", table.answer("2")),
      live("GET", "/c", table.answer("3"));
  table.routes.park(2);
  REQUIRE(one.add_to(table.routes, 2) == AGENT_OK);
  REQUIRE(two.add_to(table.routes, 2) == AGENT_OK);
  CHECK(table.routes.remove(one.token) == AGENT_OK);
  CHECK(table.routes.remove(one.token) == AGENT_E_NOT_FOUND);
  CHECK(table.routes.remove_all_of(2));
  CHECK(table.routes.remove(two.token) == AGENT_E_NOT_FOUND);
  REQUIRE(live.add_to(table.routes, 2) == AGENT_OK);
  CHECK(table.get("/c") == "3");
}

TEST_CASE("either side of an exchange may have no routes; from nobody, parked routes just become live") {
  Table table;
  PluginRoute parked("GET", "/a", table.answer("new"));
  table.routes.park(2);
  REQUIRE(parked.add_to(table.routes, 2) == AGENT_OK);
  REQUIRE(table.routes.exchange(0, 2).ok());
  CHECK(table.get("/a") == "new");
  REQUIRE(table.routes.exchange(2, 3).ok());
  CHECK(table.get("/a") == "404");
  REQUIRE(table.routes.exchange(7, 2).ok());
  CHECK(table.get("/a") == "new");
}

TEST_CASE("a request in a handler is answered as before; one that waits for its turn goes to the new version") {
  Table table;
  std::latch inside(1), let_go(1);
  PluginRoute slow("GET", "/slow", [&](const agent_http_request&, std::uint64_t exchange) {
    inside.count_down();
    let_go.wait();
    table.routes.respond(exchange, json("old"));
  });
  PluginRoute old_quick("GET", "/a/{x}", table.answer("old")), old_only("GET", "/old", table.answer("old"));
  std::string name;
  PluginRoute new_quick("GET", "/a/{y}", [&](const agent_http_request& request, std::uint64_t exchange) {
    name = string(request.path_parameters[0]->name) + "=" + string(request.path_parameters[0]->value);
    table.routes.respond(exchange, json("new"));
  });
  for (PluginRoute* route : {&slow, &old_quick, &old_only}) REQUIRE(route->add_to(table.routes, 1) == AGENT_OK);
  table.routes.park(2);
  REQUIRE(new_quick.add_to(table.routes, 2) == AGENT_OK);

  auto running = std::async(std::launch::async, [&] { return table.get("/slow"); });
  inside.wait();
  std::promise<HttpReply> waiting, unknown;  // behind it, for the same thread
  for (auto* reply : {&waiting, &unknown}) {
    host_stub::HttpCall call{"GET", reply == &waiting ? "/a/1" : "/old", {}, {}, seconds(10), {}, {}};
    table.routes.dispatch(std::move(call), "", [reply](HttpReply came) { reply->set_value(std::move(came)); });
  }
  REQUIRE(table.routes.exchange(1, 2).ok());
  let_go.count_down();
  CHECK(running.get() == "old");
  const HttpReply reply = waiting.get_future().get();
  CHECK(reply.body == "new");
  CHECK(name == "y=1");
  CHECK(unknown.get_future().get().status == 503);
  CHECK(table.routes.remove_all_of(1, milliseconds(10'000)));
}
