#include <doctest/doctest.h>
#include <rapidjson/document.h>
#include <rapidjson/pointer.h>
#include <string>

#include "http_client.h"
#include "running_server.h"

using namespace host_admin_tests;

namespace {

rapidjson::Document parsed(const std::string& text) {
  rapidjson::Document document;
  document.Parse(text.c_str(), text.size());
  REQUIRE_FALSE(document.HasParseError());
  return document;
}

}  // namespace

TEST_CASE("status is what the host says") {
  const RunningServer running;
  const Response response = request(running.port, "GET", "/status");
  CHECK(response.body == R"({"label":"test agent"})");
  CHECK(response.fields.at("content-type") == "application/json");
  CHECK(response.fields.at("cache-control") == "no-store");
  CHECK(response.fields.at("x-content-type-options") == "nosniff");
}

TEST_CASE("readiness tells the reasons") {
  RunningServer running;
  CHECK(request(running.port, "GET", "/status/ready").body == R"({"ready":true})");
  running.control.present_health = {true, false, {"kafka_events: no broker", "other: \"starting\""}};
  const Response not_ready = request(running.port, "GET", "/status/ready");
  CHECK(not_ready.status == 503);
  CHECK(not_ready.fields.at("content-type") == "application/problem+json");
  const auto problem = parsed(not_ready.body);
  CHECK_FALSE(problem["ready"].GetBool());
  CHECK(std::string(problem["reasons"][1].GetString()) == "other: \"starting\"");
  CHECK(std::string(problem["detail"].GetString()) == "kafka_events: no broker; other: \"starting\"");
  CHECK(request(running.port, "GET", "/status/live").body == R"({"alive":true})");
  running.control.present_health.live = false;
  CHECK(request(running.port, "GET", "/status/live").status == 503);
}

TEST_CASE("plugins are listed") {
  RunningServer running;
  host_stub::PluginSummary plugin;
  plugin.name = "kafka_events";
  plugin.version = "1.0.0";
  plugin.instance = 3;
  plugin.state = "active";
  running.control.loaded = {plugin, plugin};
  const auto document = parsed(request(running.port, "GET", "/plugins").body);
  REQUIRE(document["plugins"].Size() == 2);
  CHECK(std::string(document["plugins"][0]["name"].GetString()) == "kafka_events");
  CHECK(document["plugins"][1]["instance"].GetInt() == 3);
  CHECK(document["plugins"][1]["ready"].GetBool());
}

TEST_CASE("metrics come in Prometheus' text format") {
  RunningServer running;
  running.control.collect = [](const agent_metrics_sink& sink) {
    sink.metric(sink.context, text("x_total"), AGENT_METRIC_COUNTER, text("X"));
    sink.sample(sink.context, nullptr, 0, 4);
  };
  const Response response = request(running.port, "GET", "/metrics");
  CHECK(response.fields.at("content-type") == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(response.body.starts_with("# HELP x_total X\n# TYPE x_total counter\nx_total 4\n"));
}

TEST_CASE("the OpenAPI document holds the host's and the plugins' routes") {
  RunningServer running(RunningServer::with_key("k"));
  PluginRoute route("DELETE", "/kafka/topics/{name}", [](const auto&, auto) {});
  REQUIRE(route.add_to(running.routes) == AGENT_OK);
  const auto document = parsed(request(running.port, "GET", "/api/openapi.json", "", "X-API-Key: k\r\n").body);
  for (const char* pointer :
       {"/paths/~1kafka~1topics~1{name}/delete/responses/200", "/paths/~1events/post/requestBody",
        "/paths/~1events/get/responses/200/content/text~1event-stream", "/paths/~1status~1ready/get",
        "/paths/~1metrics/get", "/paths/~1shutdown/post/responses/202", "/components/schemas/Problem",
        "/components/securitySchemes/apiKey"}) {
    CAPTURE(pointer);
    CHECK(rapidjson::Pointer(pointer).Get(document) != nullptr);
  }
}

TEST_CASE("the pages load nothing from elsewhere") {
  const RunningServer running;
  const Response root = request(running.port, "GET", "/");
  CHECK(root.status == 302);
  CHECK(root.fields.at("location") == "/admin");
  for (const std::string_view target : {"/admin", "/api/doc"}) {
    const Response page = request(running.port, "GET", target);
    CHECK(page.fields.at("content-type") == "text/html; charset=utf-8");
    CHECK(page.fields.at("content-security-policy").starts_with("default-src 'none'"));
    CHECK(page.body.size() > 2'000);
    for (const std::string_view outside : {"src=\"http", "href=\"http", "url(", "@import", "<script src", "<link"}) {
      CAPTURE(outside);
      CHECK(page.body.find(outside) == std::string::npos);
    }
  }
}

TEST_CASE("shutdown is asked of the host, by POST only") {
  RunningServer running;
  CHECK(request(running.port, "GET", "/shutdown").status == 405);
  CHECK(running.control.shutdowns == 0);
  CHECK(request(running.port, "POST", "/shutdown").status == 202);
  CHECK(eventually([&] { return running.control.shutdowns == 1; }));
}
