// The event of the verb `request`, and what its answers look like.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cli/options.h"
#include "core/result.h"

namespace host_stub::cli {

struct RequestEvent {
  std::string id;           ///< of the event; fresh
  std::string correlation;  ///< what its answer is known by: the header kafka_correlationId that was given, else the id
  std::string json;         ///< on one line, for POST /events
};

/// AGENT_E_INVALID: it is no event. Reads the payload, if it lies in a file or comes from standard input.
[[nodiscard]] Result<RequestEvent> make_request(const RequestOptions& options);

/// The topics on which a host tells what became of a request, as a pattern for GET /events.
[[nodiscard]] std::string answer_pattern(std::string_view topic);

enum class AnswerKind : std::uint8_t { reply, timeout, undeliverable };

struct RequestAnswer {
  AnswerKind kind = AnswerKind::reply;
  std::string json;     ///< the event, as GET /events has it
  std::string payload;  ///< empty for a tombstone
  std::string reason;   ///< of a timeout or an undeliverable request; may be empty
};

/// An event of GET /events; none if it is about another request.
[[nodiscard]] std::optional<RequestAnswer> read_answer(std::string_view json, const RequestEvent& request,
                                                       std::string_view topic);

}  // namespace host_stub::cli
