// Event topic to all that can be known of its way from the topic alone, worked out once and then found without a lock.
#pragma once

#include <array>
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

/// The event topic of a status event, put together where it is needed: without an allocation as long as it is short.
class StatusTopic {
 public:
  StatusTopic(std::string_view event_topic, std::string_view suffix);
  StatusTopic(const StatusTopic&) = delete;
  StatusTopic& operator=(const StatusTopic&) = delete;
  operator std::string_view() const noexcept { return text_; }  // NOLINT(google-explicit-constructor): it is one

 private:
  std::array<char, 256> few_;
  std::string many_;
  std::string_view text_;
};

/// Status events are never sent: two plugins that each announce what the other one sent would go on for ever.
[[nodiscard]] bool is_status_topic(std::string_view event_topic) noexcept;

/// One route that an event topic takes. Small: there is one for each topic that is known.
struct ResolvedRoute {
  static constexpr std::uint32_t not_open = std::numeric_limits<std::uint32_t>::max();

  const Route* route = nullptr;
  std::vector<std::string_view> captures;                 ///< views into ResolvedTopic::topic
  std::string_view kafka_topic;                           ///< with the prefix; of `text`, or of all topics of the route
  std::unique_ptr<const std::string> text;                ///< what only this topic has: kafka_topic, or its problem
  std::uint32_t index = 0;                                ///< of the route
  mutable std::atomic<std::uint32_t> topic_id{not_open};  ///< TopicId of kafka_topic, once it was opened
  bool topic_is_constant = false;                         ///< kafka_topic or has_problem is known
  bool has_problem = false;                               ///< there is no Kafka topic: `text` says why
  bool implies_event_topic = false;                       ///< kafka_topic alone gives the event topic back
  bool may_be_plain = false;                              ///< see RecordBuilder::build_plain
  enum class ComesBack : std::uint8_t { unknown, no, yes };
  mutable std::atomic<ComesBack> comes_back{ComesBack::unknown};  ///< a consumer of this process reads kafka_topic
};

struct ResolvedTopic {
  std::string topic;
  std::vector<ResolvedRoute> routes;  ///< empty: no route matches
  /// Delivery thread: batch number << 1 | somebody listens to status events, so that the bus is asked once a batch.
  mutable std::atomic<std::uint64_t> listeners_seen{0};
  bool can_be_undone = false;  ///< the topic rule gives the event topic back
  bool is_status = false;
  bool is_answer = false;        ///< to a record, see reply_event_prefix
  bool sent_reaches_us = false;  ///< a route's pattern matches <topic>::sent… too: the bus counts us as a listener
  bool undeliverable_reaches_us = false;  ///< likewise

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
  void name_topic(const ResolvedTopic& topic, ResolvedRoute& out) const;
  void resolve_route(const ResolvedTopic& topic, RouteMatch match, ResolvedRoute& out) const;

  const Router& router_;
  std::string topic_prefix_;
  std::vector<std::string> literal_topics_;  // Kafka topics, by route; empty: it depends on the event, or is none
  InsertOnlyTable<ResolvedTopic> table_;
};

}  // namespace kafka_events
