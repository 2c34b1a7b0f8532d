// Event topic to all that can be known of its way from the topic alone, worked out once and then found without a lock.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "outbound/insert_only_table.h"
#include "outbound/router.h"

namespace kafka_events {

inline constexpr std::string_view sent_suffix = "::sent_to_external_queue";
inline constexpr std::string_view undeliverable_suffix = "::undeliverable";

/// Status events are never sent: two plugins that each announce what the other one sent would go on for ever.
[[nodiscard]] bool is_status_topic(std::string_view event_topic) noexcept;

/// One route that an event topic takes.
struct ResolvedRoute {
  static constexpr std::uint32_t not_open = std::numeric_limits<std::uint32_t>::max();

  const Route* route = nullptr;
  std::size_t index = 0;                                  ///< of the route
  std::vector<std::string_view> captures;                 ///< views into ResolvedTopic::topic
  bool topic_is_constant = false;                         ///< kafka_topic or problem is known, below
  std::string kafka_topic;                                ///< with the prefix
  std::string problem;                                    ///< why there is no Kafka topic
  bool implies_event_topic = false;                       ///< kafka_topic alone gives the event topic back
  bool may_be_plain = false;                              ///< see RecordBuilder::build_plain
  mutable std::atomic<std::uint32_t> topic_id{not_open};  ///< TopicId of kafka_topic, once it was opened
  enum class ComesBack : std::uint8_t { unknown, no, yes };
  mutable std::atomic<ComesBack> comes_back{ComesBack::unknown};  ///< a consumer of this process reads kafka_topic
};

struct ResolvedTopic {
  std::string topic;
  std::string plain_kafka_topic;  ///< what the topic rule alone makes of it, with the prefix
  bool can_be_undone = false;     ///< the topic rule gives the event topic back
  bool is_status = false;
  bool is_answer = false;             ///< to a record, see reply_event_prefix
  std::vector<ResolvedRoute> routes;  ///< empty: no route matches
  std::string sent_topic;
  std::string undeliverable_topic;
  bool sent_reaches_us = false;           ///< a route's pattern matches sent_topic too: the bus counts us as a listener
  bool undeliverable_reaches_us = false;  ///< likewise
  /// Delivery thread: batch number << 1 | somebody listens to sent_topic, so that the bus is asked once a batch.
  mutable std::atomic<std::uint64_t> listeners_seen{0};

  [[nodiscard]] std::string_view name() const noexcept { return topic; }
};

class RouteCache {
 public:
  static constexpr std::size_t default_max_topics = 4096;

  /// The router must outlive the cache.
  RouteCache(const Router& router, std::string_view topic_prefix, std::size_t max_topics = default_max_topics);

  /// The topic's routes. When the cache is full, `holder` owns them; else they live as long as the cache. Any thread.
  const ResolvedTopic& find(std::string_view topic, std::unique_ptr<ResolvedTopic>& holder);

  /// The same without the cache.
  [[nodiscard]] std::unique_ptr<ResolvedTopic> resolve(std::string_view topic) const;

  [[nodiscard]] std::size_t size() const noexcept { return table_.size(); }

 private:
  void resolve_route(const ResolvedTopic& topic, RouteMatch match, ResolvedRoute& out) const;

  const Router& router_;
  std::string topic_prefix_;
  InsertOnlyTable<ResolvedTopic> table_;
};

}  // namespace kafka_events
