// W3C Trace Context (Recommendation of 23 November 2021): traces go on over Kafka, with a span of this agent's own.
//
//   00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01     version, trace id, parent (span) id, flags
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace kafka_events {

inline constexpr std::string_view trace_parent_header = "traceparent";
inline constexpr std::string_view trace_state_header = "tracestate";

inline constexpr std::size_t trace_parent_length = 55;
using TraceParentText = std::array<char, trace_parent_length>;

/// Lower-case hexadecimal, ids that are not all zero, a version that is not ff. Versions above 00 may be longer, after
/// one more '-' (section 4.3 of the Recommendation).
[[nodiscard]] bool is_trace_parent(std::string_view text) noexcept;

/// The same trace with a new span id, in version 00; of the flags of a higher version only "sampled" goes on, as this
/// version knows no other. `parent` must be valid. Returns a view of `out`. Takes no lock and allocates nothing; the ids
/// are random and not secret.
std::string_view continue_trace(std::string_view parent, TraceParentText& out) noexcept;

}  // namespace kafka_events
