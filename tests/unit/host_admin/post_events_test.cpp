#include <doctest/doctest.h>
#include <mutex>
#include <rapidjson/document.h>
#include <string>
#include <vector>

#include "http_client.h"
#include "running_server.h"

using namespace host_admin_tests;
using std::chrono::milliseconds;

namespace {

rapidjson::Document parsed(const Response& response) {
  rapidjson::Document document;
  document.Parse(response.body.c_str(), response.body.size());
  REQUIRE_FALSE(document.HasParseError());
  return document;
}

Response post(const RunningServer& running, std::string_view body, std::string_view target = "/events") {
  return request(running.port, "POST", target, body, {}, std::chrono::seconds(60));
}

std::string lines(int count, std::string_view topic = "a") {
  std::string body;
  for (int index = 0; index < count; ++index) {
    body += R"({"topic":")" + std::string(topic) + R"(","payload":)" + std::to_string(index) + "}\n";
  }
  return body;
}

std::string payload(const agent_event& event) {
  return event.payload.data == nullptr ? "(null)"
                                       : std::string(static_cast<const char*>(event.payload.data), event.payload.size);
}

}  // namespace

TEST_CASE("one event is published with all that it carries") {
  RunningServer running;
  std::string seen;
  Recorder recorder(running.bus, "a::", [&](const agent_event& event) {
    seen = string(event.topic) + "|" + string(event.tenant) + "|" +
           std::string(static_cast<const char*>(event.key.data), event.key.size) + "|" + string(event.id) + "|" +
           string(event.content_type) + "|" + payload(event) + "|" + std::to_string(event.timestamp_us) + "|" +
           string(event.headers[1].name) + "|" + std::to_string(event.header_count) + "|" +
           std::to_string(event.publisher);
    return AGENT_HANDLER_DONE;
  });
  const Response response = post(running, R"({"topic":"a::b","tenant":"t","key":"k","id":"i","content_type":"x/y",
    "payload":{"c": 1}, "timestamp_us": 5, "headers":[{"name":"h"},{"name":"h","value_base64":"/w=="}]})");
  CHECK(response.status == 202);
  CHECK(response.body == R"({"accepted":1})");
  CHECK(seen == R"(a::b|t|k|i|x/y|{"c":1}|5|h|2|0)");
}

TEST_CASE("many events are published in order") {
  RunningServer running;
  std::vector<std::string> seen;
  Recorder recorder(running.bus, "a", [&](const agent_event& event) {
    seen.push_back(payload(event));
    return AGENT_HANDLER_DONE;
  });
  const Response response = post(running, lines(1'000));
  CHECK(response.body == R"({"accepted":1000})");
  REQUIRE(seen.size() == 1'000);
  bool ordered = true;
  for (std::size_t index = 0; index < seen.size(); ++index) ordered = ordered && seen[index] == std::to_string(index);
  CHECK(ordered);
}

TEST_CASE("one bad line stops all, and every bad line is named") {
  RunningServer running;
  std::atomic<int> handled{0};
  Recorder recorder(running.bus, "", [&](const agent_event&) {
    ++handled;
    return AGENT_HANDLER_DONE;
  });
  const Response response = post(running, lines(600) + "{\"topic\":\"a\",\"paylod\":1}\n\n{bad\n" + lines(3));
  CHECK(response.status == 400);
  CHECK(response.fields.at("content-type") == "application/problem+json");
  const auto problem = parsed(response);
  CHECK(problem["accepted"].GetInt() == 0);
  CHECK(problem["error_count"].GetInt() == 2);
  CHECK(problem["errors"][0]["line"].GetInt() == 601);
  CHECK(std::string(problem["errors"][0]["reason"].GetString()).find("did you mean \"payload\"") != std::string::npos);
  CHECK(problem["errors"][1]["line"].GetInt() == 603);
  CHECK(handled == 0);
}

TEST_CASE("bodies that are no event are refused") {
  const RunningServer running;
  for (const std::string_view body : {" ", "\n\n", "[]", "null", "{}", "{\"topic\":\"a\"", "\xFF", "topic=a"}) {
    CAPTURE(body);
    CHECK(post(running, body).status == 400);
  }
  CHECK(post(running, "").status == 400);
  CHECK(post(running, lines(1), "/events?wait=maybe").status == 400);
  CHECK(post(running, lines(1), "/events?wait=1&timeout_ms=0").status == 400);
  CHECK(post(running, lines(1), "/events?wait=1&timeout_ms=x").status == 400);
}

TEST_CASE("a full handler stops the rest, and the answer says how many were taken") {
  RunningServer running;
  std::atomic<int> room{5};
  std::atomic<int> offered{0};
  Recorder recorder(running.bus, "a", [&](const agent_event&) {
    ++offered;
    return room.fetch_sub(1) > 0 ? AGENT_HANDLER_DONE : AGENT_HANDLER_BUSY;
  });
  const Response response = post(running, lines(100));
  CHECK(response.status == 503);
  CHECK(response.fields.at("retry-after") == "1");
  CHECK(parsed(response)["accepted"].GetInt() == 5);
  CHECK(std::string(parsed(response)["detail"].GetString()).starts_with("line 6 was not taken"));
  CHECK(offered == 6);
}

TEST_CASE("a payload over the bus's limit gets 413 and names both sizes, before anything is published") {
  auto options = RunningServer::insecure();
  options.max_payload_bytes = 100;
  RunningServer running(options);
  std::atomic<int> handled{0};
  Recorder recorder(running.bus, "", [&](const agent_event&) {
    ++handled;
    return AGENT_HANDLER_DONE;
  });
  const Response response = post(running, lines(2) + R"({"topic":"a","payload":")" + std::string(101, 'x') + "\"}\n");
  CHECK(response.status == 413);
  const std::string reason = parsed(response)["errors"][0]["reason"].GetString();
  CHECK(reason.find("101") != std::string::npos);
  CHECK(reason.find("100") != std::string::npos);
  CHECK(handled == 0);
}

TEST_CASE("with wait=1 the answer holds every outcome, also those that come later") {
  RunningServer running;
  std::mutex mutex;
  std::vector<const agent_event*> later;
  Recorder recorder(running.bus, "", [&](const agent_event& event) -> std::int32_t {
    if (string(event.topic) == "fails") return AGENT_HANDLER_FAILED;
    if (string(event.topic) != "later") return AGENT_HANDLER_DONE;
    const std::lock_guard lock(mutex);
    later.push_back(&event);
    return AGENT_HANDLER_LATER;
  });
  std::thread completer([&] {
    CHECK(eventually([&] {
      const std::lock_guard lock(mutex);
      return later.size() == 2;
    }));
    running.bus.complete(later[0], AGENT_OUTCOME_DONE, {});
    running.bus.complete(later[1], AGENT_OUTCOME_FAILED, text("no \"luck\""));
  });
  const Response response = post(running,
                                 "{\"topic\":\"done\",\"id\":\"my id\"}\n{\"topic\":\"fails\"}\n{\"topic\":\"later\"}\n"
                                 "{\"topic\":\"later\"}\n",
                                 "/events?wait=1");
  completer.join();
  CHECK(response.status == 200);
  const auto answer = parsed(response);
  CHECK(answer["accepted"].GetInt() == 4);
  CHECK(answer["done"].GetInt() == 2);
  CHECK(answer["failed"].GetInt() == 2);
  CHECK(answer["busy"].GetInt() == 0);
  REQUIRE(answer["results"].Size() == 4);
  CHECK(std::string(answer["results"][0]["id"].GetString()) == "my id");
  CHECK(std::string(answer["results"][0]["outcome"].GetString()) == "done");
  CHECK(answer["results"][0]["handlers"].GetInt() == 1);
  CHECK(std::string(answer["results"][1]["outcome"].GetString()) == "failed");
  CHECK(std::string(answer["results"][3]["detail"].GetString()) == "no \"luck\"");
  CHECK(std::string(answer["results"][3]["topic"].GetString()) == "later");
  CHECK_FALSE(std::string(answer["results"][3]["id"].GetString()).empty());
}

TEST_CASE("with wait=1 a full handler stops the rest as well") {
  RunningServer running;
  std::atomic<int> room{2};
  Recorder recorder(running.bus, "a", [&](const agent_event&) {
    return room.fetch_sub(1) > 0 ? AGENT_HANDLER_DONE : AGENT_HANDLER_BUSY;
  });
  const Response response = post(running, lines(9), "/events?wait=1");
  CHECK(response.status == 503);
  const auto answer = parsed(response);
  CHECK(answer["accepted"].GetInt() == 2);
  CHECK(answer["done"].GetInt() == 2);
  CHECK(answer["busy"].GetInt() == 1);
  REQUIRE(answer["results"].Size() == 3);
  CHECK(std::string(answer["results"][2]["outcome"].GetString()) == "busy");
}

TEST_CASE("outcomes that do not come in time are told as pending") {
  RunningServer running;
  const agent_event* kept = nullptr;
  Recorder recorder(running.bus, "later", [&](const agent_event& event) {
    kept = &event;
    return AGENT_HANDLER_LATER;
  });
  const Response response =
      post(running, "{\"topic\":\"a\"}\n{\"topic\":\"later\"}\n", "/events?wait=1&timeout_ms=200");
  CHECK(response.status == 504);
  const auto answer = parsed(response);
  CHECK(answer["accepted"].GetInt() == 2);
  CHECK(answer["done"].GetInt() == 1);
  CHECK(answer["pending"].GetInt() == 1);
  running.bus.complete(kept, AGENT_OUTCOME_DONE, {});
}

TEST_CASE("an outcome may come after the server is gone") {
  RunningServer running;
  std::atomic<const agent_event*> kept{nullptr};
  Recorder recorder(running.bus, "later", [&](const agent_event& event) {
    kept = &event;
    return AGENT_HANDLER_LATER;
  });
  Client client(running.port);
  const std::string body = R"({"topic":"later"})";
  REQUIRE(client.send("POST /events?wait=1 HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
                      "\r\n\r\n" + body));
  REQUIRE(eventually([&] { return kept != nullptr; }));
  CHECK_FALSE(running.server->stop(milliseconds(20)));
  running.server.reset();
  running.bus.complete(kept, AGENT_OUTCOME_DONE, {});
}

TEST_CASE("a bus that is closed answers 503") {
  RunningServer running;
  running.bus.close();
  const Response response = post(running, lines(3));
  CHECK(response.status == 503);
  CHECK(parsed(response)["accepted"].GetInt() == 0);
}

TEST_CASE("a handler that blocks holds publishing up, but nothing else") {
  RunningServer running;
  std::atomic<bool> entered{false};
  std::atomic<bool> may_leave{false};
  Recorder recorder(running.bus, "a", [&](const agent_event&) {
    entered = true;
    while (!may_leave) std::this_thread::yield();
    return AGENT_HANDLER_DONE;
  });
  std::thread publisher([&] { CHECK(post(running, lines(1)).status == 202); });
  REQUIRE(eventually([&] { return entered.load(); }));
  CHECK(request(running.port, "GET", "/status").status == 200);
  CHECK(request(running.port, "GET", "/metrics").status == 200);
  may_leave = true;
  publisher.join();
}

TEST_CASE("a handler that takes too long leaves an exact count behind, not a hanging client") {
  auto options = RunningServer::insecure();
  options.limits.handler_timeout = milliseconds(100);
  RunningServer running(options);
  std::atomic<int> handled{0};
  std::atomic<bool> may_leave{false};
  Recorder recorder(running.bus, "a", [&](const agent_event&) {
    if (++handled == 3) {
      while (!may_leave) std::this_thread::yield();
    }
    return AGENT_HANDLER_DONE;
  });
  const Response response = post(running, lines(5));
  CHECK(response.status == 504);
  CHECK(parsed(response)["accepted"].GetInt() == 2);
  may_leave = true;
  CHECK(eventually([&] { return handled == 5; }));
}

TEST_CASE("a large body is published in slices, so that a small one gets in between") {
  RunningServer running;
  std::atomic<int> big{0};
  std::atomic<bool> small_came{false};
  std::atomic<int> big_before_small{0};
  Recorder recorder(running.bus, "", [&](const agent_event& event) {
    if (string(event.topic) == "small") {
      small_came = true;
      big_before_small = big.load();
      return AGENT_HANDLER_DONE;
    }
    ++big;
    return AGENT_HANDLER_DONE;
  });
  std::thread publisher([&] { CHECK(post(running, lines(50'000, "big")).body == R"({"accepted":50000})"); });
  REQUIRE(eventually([&] { return big > 0; }));
  CHECK(post(running, lines(1, "small")).status == 202);
  publisher.join();
  CHECK(small_came);
  CHECK(big_before_small < 50'000);
  CHECK(big == 50'000);
}
