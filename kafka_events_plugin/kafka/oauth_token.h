// The OAUTHBEARER token of a client, read from a file that something else keeps fresh (RFC 7628, KIP-255).
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/result.h"
#include "kafka/handles.h"

namespace kafka_events {

struct OAuthToken {
  std::string value;
  std::string principal;        ///< the claim "sub", or "agent"
  std::int64_t expires_ms = 0;  ///< since the Unix epoch: the claim "exp", or five minutes from `now`
};

/// Reads a token: visible ASCII, surrounding white space removed. For a JWT its claims are read, not verified: that is
/// the broker's task. No message holds anything of the text.
[[nodiscard]] Result<OAuthToken> parse_oauth_token(std::string_view text, std::chrono::system_clock::time_point now);

/// Answers an OAUTHBEARER_TOKEN_REFRESH event: the file's token for the client, or why there is none. librdkafka asks
/// again when four fifths of the token's life are over, and 10 s after a failure.
void refresh_oauth_token(rd_kafka_t* client, const std::string& file);

}  // namespace kafka_events
