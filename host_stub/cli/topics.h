// The verb `topics`: questions and changes to the topics of the Kafka that a running host is connected to.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/options.h"

namespace host_stub::cli {

struct TopicsOptions {
  enum class Action : std::uint8_t { list, create, remove, add_partitions, describe };
  ClientOptions client;
  Action action = Action::list;
  std::vector<std::string> names;
  std::optional<std::int64_t> partitions;
  std::optional<std::int64_t> replication_factor;
  std::vector<std::pair<std::string, std::string>> config;
  std::int64_t total = 0;
  bool yes = false;
  bool internal = false;
  std::chrono::seconds timeout{10};  ///< for Kafka to answer each request
  OutputFormat format = OutputFormat::text;
};

/// topics_options.cpp
[[nodiscard]] TopicsOptions read_topics(CommandLine& line);

/// Returns the exit status: 3 if it worked for some of the topics only.
[[nodiscard]] int run_topics(const TopicsOptions& options);

}  // namespace host_stub::cli
