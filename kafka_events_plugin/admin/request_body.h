// The bodies of requests, checked field by field. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/admin_routes.h"
#include "core/consumer_command.h"
#include "core/topic_admin.h"
#include "inbound/dead_letter_list.h"
#include "inbound/redrive.h"

namespace kafka_events::admin {

/// What is wrong with a body, and where.
struct BodyProblem {
  std::string field;  ///< empty: the body as a whole
  std::string message;
};

template <class T>
using Parsed = std::variant<T, BodyProblem>;

/// {} or nothing: all partitions; {"topic", "partition"}: one. A seek takes "offset" (a number, "beginning" or "end") or
/// "timestamp" (milliseconds since the Unix epoch) as well.
[[nodiscard]] Parsed<ConsumerCommand> parse_command(ConsumerAction action, std::string_view body);

/// {"worker", "tenant", "limit", "rate"}, each optional.
[[nodiscard]] Parsed<RedriveRequest> parse_redrive(std::string_view body);

/// ?worker=&limit=
[[nodiscard]] Parsed<DeadLetterQuery> parse_query(const HttpRequest& request);

// request_body_topics.cpp

/// {"name", "partitions", "replication_factor", "config"}, or an array of 1 to 1000 of them. Names are checked by whoever
/// administers topics.
[[nodiscard]] Parsed<std::vector<TopicSpec>> parse_topics(std::string_view body);
/// {"total"}
[[nodiscard]] Parsed<std::int32_t> parse_total(std::string_view body);

}  // namespace kafka_events::admin
