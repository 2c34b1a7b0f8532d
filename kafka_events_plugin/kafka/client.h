// What producer and consumer clients have in common: staying resident, ending by a deadline, errors and log lines as
// events.
#pragma once

#include <chrono>
#include <span>
#include <string>

#include "config/settings.h"
#include "core/result.h"
#include "kafka/handles.h"
#include "kafka/recent_errors.h"

namespace kafka_events {

/// Keeps librdkafka mapped for the life of the process, so that records, events and clients may outlive this module.
Result<void> keep_librdkafka_resident();

/// rd_kafka_new with the event API only, and its log forwarded into its main queue.
Result<rd_kafka_t*> new_client(std::span<const config::Property> properties, rd_kafka_type_t type);

/// Destroys a client. rd_kafka_destroy waits for ever while somebody holds a message of it, so it runs on a thread that
/// executes nothing but librdkafka; past the deadline that thread is let go (it ends with the last message) and false
/// is returned.
bool destroy_client(rd_kafka_t* client, std::chrono::steady_clock::time_point deadline);

/// Milliseconds from now to the deadline for librdkafka's timeouts, from 0 to `limit`.
[[nodiscard]] int remaining_ms(std::chrono::steady_clock::time_point deadline, int limit);

/// The text of an ERROR event for a person, with what to do where that is known.
[[nodiscard]] std::string error_text(rd_kafka_event_t* event, std::span<const config::Property> properties);

/// Serves the kinds of events that both clients treat alike: LOG and OAUTHBEARER_TOKEN_REFRESH. False: another kind.
bool serve_common_event(rd_kafka_t* client, rd_kafka_event_t* event, const std::string& oauth_token_file,
                        RecentErrors& client_log, Log& log);

/// Does this error put the connection in doubt?
[[nodiscard]] bool is_connection_error(rd_kafka_resp_err_t code) noexcept;

}  // namespace kafka_events
