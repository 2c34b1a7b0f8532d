// -o name=value beats the file and is held to the same rules.
#include "support.h"

using namespace config_test;

TEST_CASE("an override beats the file, and says so") {
  const Override changes[] = {{"kafka_events.consumer-config.group_id", "mine"}, {"client_id", "me"}};
  const Settings settings = settings_of("  client_id: a\n  consumer_config: {group_id: b}\n", changes);
  CHECK(settings.client_id == "me");
  CHECK(settings.workers.front().group == "mine");
  CHECK(effective(settings, "kafka_events.client_id")->source == "-o");
  CHECK(effective(settings, "kafka_events.consumer-config.group_id")->source == "-o");
}

TEST_CASE("a later override wins, and maps on the way are made") {
  const Override changes[] = {{"producer-config.linger_ms", "1"}, {"producer_config.linger-ms", "2"}};
  CHECK(producer(settings_of("  client_id: a\n", changes), "linger.ms") == "2");
  CHECK(producer(settings_of("  producer-config:\n", changes), "linger.ms") == "2");
}

TEST_CASE("values are read as YAML") {
  const Override changes[] = {{"bootstrap_servers", "[a, 'b:1']"},
                              {"librdkafka.socket.keepalive.enable", "true"},
                              {"topic_maps.^a.b::(.*)$", "x-$1"},
                              {"inbound", "{max_in_flight: 5}"},
                              {"sasl_plain_password", "@not yaml: at all,"}};
  const LoadResult result = load_text("kafka_events:\n", std::span(changes).first(4));
  REQUIRE_MESSAGE(result.settings.has_value(), all_lines(result));
  CHECK(producer(*result.settings, "bootstrap.servers") == "a:9092,b:1");
  CHECK(producer(*result.settings, "socket.keepalive.enable") == "true");
  CHECK(result.settings->routes.front().match == "^a.b::(.*)$");
  CHECK(result.settings->workers.front().max_in_flight == 5);
}

TEST_CASE("items of lists have numbers") {
  const Override changes[] = {{"outbound.1.topic", "z"}};
  const Settings settings = settings_of("  outbound: [{match: a, topic: x}, {match: b, topic: y}]\n", changes);
  CHECK(settings.routes[0].topic == "x");
  CHECK(settings.routes[1].topic == "z");
}

TEST_CASE("an override of one place leaves another one with the same alias alone") {
  const Override changes[] = {{"consumer-config.client_id", "changed"}};
  const Settings settings = settings_of("  consumer-config: &c {client_id: same}\n  producer-config: *c\n", changes);
  CHECK(consumer(settings, "client.id") == "changed");
  CHECK(producer(settings, "client.id") == "same");
}

TEST_CASE("wrong overrides are errors with the place -o") {
  const auto line = [](std::string path, std::string value) {
    const Override change[] = {{std::move(path), std::move(value)}};
    return problems_of("  client_id: a\n  outbound: [{match: a}]\n", change);
  };
  CHECK(line("kafka_events.clientid", "x") ==
        "-o: kafka_events.clientid: is not a known option (did you mean \"client_id\"?)\n");
  CHECK(line("request_timeout_ms", "5") == "-o: kafka_events.request_timeout_ms: 5 is out of range (10..300000)\n");
  CHECK(line("client_id.x", "5") == "-o: client_id.x: leads through a value that is no map\n");
  CHECK(line("outbound.3.topic", "5").find("\"3\" is no item of this list") != std::string::npos);
  CHECK(line("outbound..topic", "5").find("has an empty part") != std::string::npos);
  CHECK(line("bootstrap_servers", "[a").find("-o: bootstrap_servers: YAML: this \"[\" is not closed") == 0);
  CHECK(line("client_id", "").find("is empty; write") != std::string::npos);
}
