// Routes and workers as the pipelines get them.
#include "config/workers.h"
#include "support.h"

using namespace config_test;

TEST_CASE("without a word there is the ACA-Py plugin's route and its worker") {
  const Settings settings = settings_of("");
  REQUIRE(settings.routes.size() == 1);
  CHECK(settings.routes[0].name == "default");
  CHECK(settings.routes[0].match == "^acapy::outbound::.*");
  CHECK(settings.routes[0].topic == "{topic:kafka}");
  CHECK(settings.routes[0].key == "{tenant}");
  CHECK(settings.routes[0].status_events);
  REQUIRE(settings.workers.size() == 1);
  CHECK(settings.workers[0].name == "inbound");
  CHECK(settings.workers[0].group == "kafka_events");
  CHECK(settings.workers[0].topics == std::vector<std::string>{"^acapy-inbound-.*$"});
  CHECK(settings.workers[0].retries.attempts == 5);
}

TEST_CASE("routes come in the order of the file, topic_maps last, with every option") {
  const Settings settings = settings_of(
      "  outbound:\n    - {match: \"^(a)\", topic: \"a-{header.kind}-{payload./x/y}\", key: \"{state} {1}\", "
      "partitions: [3, 1],\n"
      "       codec: json, qos: at_most_once, status_events: false, continue: true}\n    - match: b\n"
      "  topic_maps: {\"^b::(.*)$\": \"b-$1-$wallet_id\"}\n");
  REQUIRE(settings.routes.size() == 3);
  const RouteSettings& route = settings.routes[0];
  CHECK(route.name == "outbound.0");
  CHECK(route.topic == "a-{header.kind}-{payload./x/y}");
  CHECK(route.key == "{state} {1}");
  CHECK(route.partitions == std::vector<std::int32_t>{3, 1});
  CHECK(route.codec == CodecKind::envelope);
  CHECK(route.qos == Qos::at_most_once);
  CHECK_FALSE(route.status_events);
  CHECK(route.continue_matching);
  CHECK(route.place.line == 3);
  CHECK(settings.routes[2].name == "topic_maps.0");
  CHECK(settings.routes[2].topic == "b-$1-$wallet_id");
  CHECK(settings.routes[2].key == "{tenant}");
}

TEST_CASE("[] switches a direction off") {
  const Settings settings = settings_of("  outbound: []\n  inbound: {topics: []}\n");
  CHECK(settings.routes.empty());
  CHECK(settings.workers.empty());
}

TEST_CASE("the outbox is off unless its block is there, and sizes have units") {
  CHECK(settings_of("").outbox.mode == OutboxMode::off);
  const OutboxSettings plain = settings_of("  outbox: {path: /var/o}\n").outbox;
  CHECK(plain.mode == OutboxMode::when_needed);
  CHECK(plain.path == "/var/o");
  CHECK(plain.max_bytes == 1073741824);
  CHECK(plain.fsync == FsyncKind::group);
  CHECK(plain.group_interval.count() == 5);
  const OutboxSettings full =
      settings_of("  outbox: {path: o, mode: always, max_bytes: 64 MiB, fsync: each, group_interval_ms: 20}\n").outbox;
  CHECK(full.mode == OutboxMode::always);
  CHECK(full.path.ends_with("o"));
  CHECK(full.max_bytes == 67108864);
  CHECK(full.fsync == FsyncKind::each);
  CHECK(full.group_interval.count() == 20);
  for (const auto& [text, bytes] : {std::pair{"2MB", 2000000}, {"1048576", 1048576}, {"2048kib", 2097152}}) {
    CHECK(settings_of("  outbox: {path: o, max_bytes: " + std::string(text) + "}\n").outbox.max_bytes ==
          static_cast<std::uint64_t>(bytes));
  }
  CHECK(settings_of("  outbox: {mode: off}\n").outbox.mode == OutboxMode::off);
}

TEST_CASE("transactions have an id and a timeout of their own") {
  const Settings settings = settings_of(
      "  producer-config: {transactional_id: agent-7, transaction_timeout_ms: 5000}\n  outbox: {path: o}\n"
      "  outbound: [{match: a, qos: exactly_once}]\n  inbound: {qos: exactly_once}\n");
  CHECK(settings.producer.transactional_id == "agent-7");
  CHECK(settings.producer.transaction_timeout.count() == 5000);
  CHECK(settings.routes[0].qos == Qos::exactly_once);
  CHECK(settings.workers[0].qos == Qos::exactly_once);
}

TEST_CASE("a named worker has its own group and takes the rest from inbound") {
  const Settings settings = settings_of(
      "  topic_prefix: dev.\n  inbound: {retries: {attempts: 2}, on_failure: stop, max_in_flight: 9, codec: envelope}\n"
      "  workers:\n    - {name: audit, topics: [audit-events], regex_topic: \"r-.*|s\", partitions: [0, 1],\n"
      "       event_topic: \"audit::{topic}\", retries: {backoff_ms: 5}}\n    - {name: b, topics: \"^x\", group: own, "
      "qos: at_most_once}\n");
  REQUIRE(settings.workers.size() == 3);
  const WorkerSettings& audit = settings.workers[1];
  CHECK(audit.group == "kafka_events-audit");
  CHECK(property(audit.properties, "group.id") == "kafka_events-audit");
  CHECK(audit.topics == std::vector<std::string>{"dev.audit-events", "^dev\\.(r-.*|s)$"});
  CHECK(audit.partitions == std::vector<std::int32_t>{0, 1});
  CHECK(audit.event_topic == "audit::{topic}");
  CHECK(audit.codec == CodecKind::raw);
  CHECK(audit.retries.attempts == 2);
  CHECK(audit.retries.backoff == std::chrono::milliseconds(5));
  CHECK(audit.on_failure == OnFailure::stop);
  CHECK(audit.max_in_flight == 9);
  CHECK(settings.workers[2].group == "own");
  CHECK(settings.workers[2].qos == Qos::at_most_once);
}

TEST_CASE("a worker with every key is taken") {
  const Settings settings = settings_of(
      "  workers:\n    - { name: audit, group: audit-group, topics: [audit-events], regex_topic: \"regex-topic-.*\", "
      "partitions: [0, 1], event_topic: \"audit::{topic}\", codec: json, qos: at_least_once }\n");
  CHECK(settings.workers[1].group == "audit-group");
  CHECK(settings.workers[1].codec == CodecKind::envelope);
}

TEST_CASE("only patterns look for new topics every second, unless an interval was chosen") {
  constexpr std::string_view refresh = "topic.metadata.refresh.interval.ms";
  const auto interval = [&](std::string_view body) { return consumer(settings_of(body), refresh); };
  CHECK(interval("") == "1000");
  CHECK(interval("  inbound: {topics: [plain]}\n") == "300000");
  CHECK(interval("  consumer-config: {metadata_max_age_ms: 5000}\n") == "5000");
  CHECK(interval("  librdkafka: {topic.metadata.refresh.interval.ms: 4000}\n") == "4000");
}

TEST_CASE("subscriptions get the prefix, and patterns match whole names") {
  CHECK(subscription("plain", "p.") == "p.plain");
  CHECK(subscription("^a.*", "") == "^a.*$");
  CHECK(subscription("^a$", "p.") == "^p\\.a$");
  CHECK(subscription("^a|b", "p") == "^p(a|b)$");
}

TEST_CASE("dead letters may not come back to the worker that wrote them") {
  CHECK(problems_of("  inbound: {dead_letter_topic: \"acapy-inbound-{topic}\"}\n").find("its own dead letters") !=
        std::string::npos);
  CHECK(problems_of("  inbound: {dead_letter_topic: \"acapy-inbound-{topic}\", on_failure: skip}\n").empty());
  CHECK(problems_of("  inbound: {topics: [a, dlq-b]}\n").empty());
  CHECK(problems_of("  inbound: {topics: [a, dlq-a]}\n").find("its own dead letters") != std::string::npos);
}
