// What would become of an event, told without sending it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace kafka_events {

/// One route that the event takes.
struct ExplainedRoute {
  std::string name;   ///< as in metrics
  std::string place;  ///< file:line:column, or empty for the default route
  std::string match;
  std::string kafka_topic;  ///< with the prefix; empty if `problem` says why there is none
  std::string key;
  bool key_is_null = true;
  std::string partition;  ///< "2", "by key: murmur2 over all partitions", …
  std::vector<std::pair<std::string, std::string>> headers;
  std::string codec;
  std::uint64_t value_bytes = 0;
  bool value_is_null = false;
  bool value_is_copied = false;     ///< not the payload itself
  std::string sent_event;           ///< topic of the status event; empty: none
  std::string undeliverable_event;  ///< likewise
  std::string problem;              ///< why it cannot be sent; empty: it can
};

struct Explanation {
  std::string event_topic;
  std::vector<ExplainedRoute> routes;  ///< empty: it is not sent
  std::string not_sent_because;        ///< if it is not sent
};

}  // namespace kafka_events
