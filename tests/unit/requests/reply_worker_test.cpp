// Which topics are read for answers, and how.
#include <doctest/doctest.h>

#include "config/properties.h"
#include "requests/pending_requests.h"

namespace {

using namespace kafka_events;

config::Settings with_routes(const std::vector<std::string>& reply_to, const std::string& prefix = "") {
  config::Settings settings;
  settings.topic_prefix = prefix;
  for (const std::string& each : reply_to) {
    config::RouteSettings route;
    route.reply_to = each;
    settings.routes.push_back(route);
  }
  config::WorkerSettings inbound;
  inbound.name = "inbound";
  inbound.group = "agents";
  inbound.properties = {{"bootstrap.servers", "127.0.0.1:9092", false, {}},
                        {"group.id", "agents", false, {}},
                        {"group.instance.id", "agent-1", false, {}},
                        {"auto.offset.reset", "earliest", false, {}},
                        {"sasl.password", "secret", true, {}}};
  settings.workers.push_back(inbound);
  return settings;
}

std::string value_of(const config::WorkerSettings& worker, std::string_view name) {
  const config::Property* found = config::find_property(worker.properties, name);
  return found == nullptr ? "(none)" : found->value;
}

}  // namespace

TEST_CASE("without a route that makes requests there is nothing to read") {
  CHECK_FALSE(reply_worker(with_routes({"", ""})).has_value());
}

TEST_CASE("names as they are, templates as patterns, each once, with the prefix") {
  const auto worker =
      reply_worker(with_routes({"answers", "{topic:kafka}.reply", "answers", "a-$tenant.${1}x", "b-$1"}));
  REQUIRE(worker.has_value());
  const std::vector<std::string> expected = {"answers", "^_?[A-Za-z0-9.-][A-Za-z0-9._-]*\\.reply$",
                                             "^a-[A-Za-z0-9._-]+\\.[A-Za-z0-9._-]+x$", "^b-[A-Za-z0-9._-]+$"};
  CHECK(worker->topics == expected);
  const auto prefixed = reply_worker(with_routes({"answers", "{topic:kafka}.reply"}, "test."));
  REQUIRE(prefixed.has_value());
  CHECK(prefixed->topics[0] == "test.answers");
  CHECK(prefixed->topics[1] == "^test\\._?[A-Za-z0-9.-][A-Za-z0-9._-]*\\.reply$");
}

TEST_CASE("a route that names whole topics gets no prefix") {
  config::Settings settings = with_routes({"answers"}, "test.");
  settings.routes[0].with_prefix = false;
  CHECK(reply_worker(settings)->topics[0] == "answers");
}

TEST_CASE("its group is this process's alone, it reads from now on, and it is no static member") {
  const auto worker = reply_worker(with_routes({"answers"}));
  REQUIRE(worker.has_value());
  CHECK(worker->name == "replies");
  CHECK(worker->group.starts_with("agents-replies-"));
  CHECK(worker->group == reply_worker(with_routes({"answers"}))->group);
  CHECK(value_of(*worker, "group.id") == worker->group);
  CHECK(value_of(*worker, "auto.offset.reset") == "latest");
  CHECK(value_of(*worker, "group.instance.id") == "(none)");
  CHECK(value_of(*worker, "topic.metadata.refresh.interval.ms") == "1000");
  CHECK(value_of(*worker, "bootstrap.servers") == "127.0.0.1:9092");
  CHECK(worker->keep_start);
  const config::Property* password = config::find_property(worker->properties, "sasl.password");
  REQUIRE(password != nullptr);
  CHECK(password->secret);
}

TEST_CASE("an interval that somebody wrote stays") {
  config::Settings settings = with_routes({"answers"});
  settings.workers[0].properties.push_back(
      {"topic.metadata.refresh.interval.ms", "5000", false, {"agent.yaml", 3, 1, ""}});
  CHECK(value_of(*reply_worker(settings), "topic.metadata.refresh.interval.ms") == "5000");
}

TEST_CASE("without a consumer the producer says where the brokers are") {
  config::Settings settings = with_routes({"answers"});
  settings.workers.clear();
  settings.producer.properties = {{"bootstrap.servers", "kafka:9092", false, {}},
                                  {"ssl.ca.location", "ca.pem", false, {}},
                                  {"linger.ms", "5", false, {}},
                                  {"compression.type", "zstd", false, {}}};
  const auto worker = reply_worker(settings);
  REQUIRE(worker.has_value());
  CHECK(value_of(*worker, "bootstrap.servers") == "kafka:9092");
  CHECK(value_of(*worker, "ssl.ca.location") == "ca.pem");
  CHECK(value_of(*worker, "linger.ms") == "(none)");
  CHECK(value_of(*worker, "compression.type") == "(none)");
}
