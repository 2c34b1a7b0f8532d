#include <atomic>
#include <doctest/doctest.h>
#include <string>
#include <thread>

#include "http_client.h"
#include "running_server.h"

using namespace host_admin_tests;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

void open_stream(Client& client, std::string_view query = "", std::string_view version = "1.1") {
  REQUIRE(client.send("GET /events" + std::string(query) + " HTTP/" + std::string(version) + "\r\nHost: x\r\n\r\n"));
  REQUIRE(client.read_until(": connected\n\n"));
}

agent_event_draft draft(std::string_view topic, agent_bytes payload = {nullptr, 0}) {
  agent_event_draft made{};
  made.size = sizeof made;
  made.topic = text(topic);
  made.payload = payload;
  return made;
}

agent_bytes bytes(std::string_view value) { return {value.data(), value.size()}; }

void publish(RunningServer& running, const agent_event_draft& event) {
  REQUIRE(running.bus.publish(event, 0, nullptr, nullptr, nullptr) == AGENT_OK);
}

}  // namespace

TEST_CASE("events arrive as one data line each, with all that they carry") {
  RunningServer running;
  Client client(running.port);
  open_stream(client);
  CHECK(client.received().find("Content-Type: text/event-stream\r\n") != std::string::npos);
  agent_event_draft event = draft("a::b", bytes("line 1\nline 2 \"ü\""));
  const agent_header headers[] = {{text("h"), bytes("1")}, {text("h"), bytes("\xFF")}, {text("n"), {nullptr, 0}}};
  event.headers = headers;
  event.header_count = 3;
  event.tenant = text("t");
  event.key = bytes("\xFE");
  event.id = text("i");
  event.timestamp_us = 7;
  event.content_type = text("text/plain");
  publish(running, event);
  CHECK(client.read_until(
      R"(data: {"topic":"a::b","tenant":"t","key_base64":"/g==","id":"i","timestamp_us":7,"content_type":"text/plain",)"
      R"("headers":[{"name":"h","value":"1"},{"name":"h","value_base64":"/w=="},{"name":"n","value":null}],)"
      R"("payload":"line 1\nline 2 \"ü\""})"
      "\n\n"));
}

TEST_CASE("payloads that are binary or absent are told apart from empty ones") {
  RunningServer running;
  Client client(running.port);
  open_stream(client);
  publish(running, draft("a", bytes(std::string_view("\0\xFF", 2))));
  CHECK(client.read_until(R"("payload_base64":"AP8="})"));
  publish(running, draft("a"));
  CHECK(client.read_until(R"("payload":null})"));
  publish(running, draft("a", bytes("")));
  CHECK(client.read_until(R"("payload":""})"));
}

TEST_CASE("patterns choose, several of them together, each event once") {
  RunningServer running;
  Client client(running.port);
  open_stream(client, "?pattern=%5Ea::&pattern=b::c%24&pattern=a::x");
  for (const std::string_view topic : {"a::x", "b::cd", "c", "b::c"}) publish(running, draft(topic));
  REQUIRE(client.read_until("\"topic\":\"b::c\""));
  const std::string& received = client.received();
  CHECK(received.find("\"b::cd\"") == std::string::npos);
  CHECK(received.find("\"c\"") == std::string::npos);
  const std::size_t first = received.find("\"a::x\"");
  CHECK(first != std::string::npos);
  CHECK(received.find("\"a::x\"", first + 1) == std::string::npos);
}

TEST_CASE("bad patterns and unknown parameters get 400 with the reason") {
  const RunningServer running;
  const Response response = request(running.port, "GET", "/events?pattern=%28a");
  CHECK(response.status == 400);
  CHECK(response.fields.at("content-type") == "application/problem+json");
  CHECK(response.body.find("missing )") != std::string::npos);
  CHECK(request(running.port, "GET", "/events?patern=a").status == 400);
  CHECK(request(running.port, "GET", "/events?pattern=%zz").status == 400);
}

TEST_CASE("HTTP/1.0 clients get the stream without chunks") {
  RunningServer running;
  Client client(running.port);
  open_stream(client, "", "1.0");
  CHECK(client.received().find("chunked") == std::string::npos);
  CHECK(client.received().ends_with("\r\n\r\n: connected\n\n"));
}

TEST_CASE("silence is broken by comments") {
  auto options = RunningServer::insecure();
  options.limits.heartbeat = milliseconds(20);
  const RunningServer running(options);
  Client client(running.port);
  open_stream(client);
  CHECK(client.read_until(": heartbeat\n\n"));
}

TEST_CASE("a client that leaves is unsubscribed") {
  RunningServer running;
  {
    Client client(running.port);
    open_stream(client);
    CHECK(running.bus.statistics().subscriptions == 1);
  }
  CHECK(eventually([&] { return running.bus.statistics().subscriptions == 0; }));
  CHECK(eventually([&] { return running.bus.statistics().alive == 0; }));
}

TEST_CASE("streams over the limit get 503") {
  auto options = RunningServer::insecure();
  options.limits.max_streams = 1;
  const RunningServer running(options);
  Client client(running.port);
  open_stream(client);
  CHECK(request(running.port, "GET", "/events").status == 503);
  client.close();
  Client next(running.port);
  CHECK(eventually([&] {
    Client again(running.port);
    again.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\n");
    return again.read_until(": connected\n\n", milliseconds(200));
  }));
}

TEST_CASE("a client that is too slow loses the newest events, and is told how many") {
  auto options = RunningServer::insecure();
  options.limits.max_stream_events = 100;
  RunningServer running(options);
  Client client(running.port);
  open_stream(client);
  const std::string payload(64 * 1024, 'x');  // the sockets' buffers hold a few hundred of these at most
  constexpr int published = 2'000;
  for (int index = 0; index < published; ++index) {
    agent_event_draft event = draft("a", bytes(payload));
    const std::string id = "id-" + std::to_string(index);
    event.id = text(id);
    publish(running, event);
  }
  CHECK(running.bus.statistics().alive <= 110);  // what waits is bounded
  REQUIRE(client.read_until("event: lagged\ndata: {\"dropped\":", seconds(20)));
  REQUIRE(client.read_until("}\n\n"));
  agent_event_draft last = draft("last");
  publish(running, last);
  REQUIRE(client.read_until("\"topic\":\"last\"", seconds(20)));
  const std::string& received = client.received();
  int arrived = 0;
  int dropped = 0;
  for (std::size_t at = received.find("\"id\":\"id-"); at != std::string::npos;
       at = received.find("\"id\":\"id-", at + 1)) {
    ++arrived;
  }
  constexpr std::string_view mark = "{\"dropped\":";
  for (std::size_t at = received.find(mark); at != std::string::npos; at = received.find(mark, at + 1)) {
    dropped += std::stoi(received.substr(at + mark.size(), 12));
  }
  CHECK(arrived + dropped == published);
  CHECK(dropped > 0);
}

TEST_CASE("the queue is bounded in bytes as well") {
  auto options = RunningServer::insecure();
  options.limits.max_stream_bytes = 1u << 20;
  RunningServer running(options);
  Client client(running.port);
  open_stream(client);
  const std::string payload(512 * 1024, 'x');
  for (int index = 0; index < 200; ++index) publish(running, draft("a", bytes(payload)));
  CHECK(running.bus.statistics().alive <= 6);
  CHECK(client.read_until("event: lagged", seconds(20)));
}

TEST_CASE("20,000 events of 1 KB reach two clients completely and in order") {
  RunningServer running;
  Client first(running.port);
  Client second(running.port);
  open_stream(first);
  open_stream(second);
  const std::string payload(1'024, 'x');
  constexpr int count = 20'000;
  const auto give_up = std::chrono::steady_clock::now() + seconds(60);
  std::thread publisher([&] {
    for (int index = 0; index < count; ++index) {
      agent_event_draft event = draft("load", bytes(payload));
      event.timestamp_us = index + 1;
      running.bus.publish(event, 0, nullptr, nullptr, nullptr);
      // Not faster than the slower client, whatever machine or sanitizer this runs on.
      while (running.bus.statistics().alive > 1'000 && std::chrono::steady_clock::now() < give_up) {
        std::this_thread::yield();
      }
    }
  });
  const auto begin = std::chrono::steady_clock::now();
  std::thread reader([&] { CHECK(second.read_until("\"timestamp_us\":" + std::to_string(count) + ",", seconds(60))); });
  CHECK(first.read_until("\"timestamp_us\":" + std::to_string(count) + ",", seconds(60)));
  const auto elapsed = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begin).count();
  reader.join();
  publisher.join();
  MESSAGE("two streams of 20,000 events: ", elapsed, " ms");
  for (Client* client : {&first, &second}) {
    const std::string& received = client->received();
    CHECK(received.find("event: lagged") == std::string::npos);
    std::size_t at = 0;
    bool complete = true;
    for (int index = 1; index <= count && complete; ++index) {
      at = received.find("\"timestamp_us\":" + std::to_string(index) + ",", at);
      complete = at != std::string::npos;
    }
    CHECK(complete);
  }
}
