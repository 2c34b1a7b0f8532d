// Properties: what librdkafka refuses becomes a problem at the place where it was written.
#include "kafka/properties.h"

#include <doctest/doctest.h>

#include "fakes.h"

using namespace kafka_events;

TEST_CASE("accepted properties make no problem, on either level") {
  const std::vector properties{property("bootstrap.servers", "127.0.0.1:9092"), property("acks", "all"),
                               property("partitioner", "murmur2_random"), property("auto.offset.reset", "latest")};
  CHECK(check_properties(properties).empty());
  CHECK(make_conf(properties, ConfKind::producer).ok());
}

TEST_CASE("all wrong properties are told at once, with their places") {
  const std::vector properties{property("linger.mss", "1"), property("linger.ms", "-5"), property("linger.ms", "1"),
                               property("dr_msg_cb", "x")};
  const auto problems = check_properties(properties);
  REQUIRE(problems.size() == 3);
  CHECK(problems[0].message.find("did you mean \"linger.ms\"?") != std::string::npos);
  CHECK(problems[0].place.line == 3);
  CHECK(problems[0].place.key_path == "kafka_events.librdkafka");
  CHECK(problems[1].message.find("linger.ms") != std::string::npos);
}

TEST_CASE("a property that this module depends on can't be set otherwise") {
  const auto problems = check_properties(std::vector{property("enable.auto.offset.store", "true")});
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].message.find("must be false") != std::string::npos);
}

TEST_CASE("a secret never gets into a message") {
  const auto problems = check_properties(
      std::vector{property("sasl.mechanism", "hunter2", true), property("ssl.key.pem", "hunter2", true)});
  for (const auto& problem : problems) CHECK(problem.message.find("hunter2") == std::string::npos);
}
