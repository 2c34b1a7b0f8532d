// What is measured of memory, each in the process that calls it: run them with in_child().
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "bench_kafka.h"

namespace bench {

/// Topics of events, published once each, all to one Kafka topic.
struct TopicSteps {
  std::size_t known = 4'000;   ///< less than any cache holds
  std::size_t many = 10'000;   ///< more than the plugin's cache
  std::size_t most = 100'000;  ///< more than the bus's
  std::size_t beyond = 200'000;
};

/// Bytes of heap for each topic: up to known; from many to most; from most to beyond.
std::vector<double> memory_of_topics(BenchKafka& kafka, const TopicSteps& steps);

/// Bytes of heap for each of so many tenants beyond the first ones, all with limits; each has had one event.
std::vector<double> memory_of_tenants(BenchKafka& kafka, std::size_t tenants);

/// Resident bytes for each event that Kafka has not acknowledged. On a mock cluster of its own, held back.
std::vector<double> memory_in_flight(std::size_t events, std::size_t payload);
/// The same with librdkafka alone.
std::vector<double> memory_in_flight_raw(std::size_t events, std::size_t payload);

/// Resident bytes after a tenth of the events, and after all of them.
std::vector<double> memory_over_time(BenchKafka& kafka, std::size_t events, std::size_t payload);

}  // namespace bench
