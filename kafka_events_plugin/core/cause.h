// Which inbound record the calling thread is handing to its handlers, so that what they publish meanwhile is known to be
// caused by it: hops, and the answer's correlation id, go on without the handler's help.
#pragma once

#include <cstdint>
#include <string_view>

namespace kafka_events {

/// Views are valid while the handlers of the record run on this thread.
struct Cause {
  std::string_view record_id{};       ///< topic:partition:offset
  std::string_view origin{};          ///< of the record; empty: it says none
  std::uint32_t hops = 0;             ///< agents that wrote it on its way here, as far as it says; see loop_headers.h
  std::string_view correlation_id{};  ///< of a request; empty: it is none
  std::string_view trace_parent{};    ///< W3C traceparent; empty: none
};

/// Null: this thread handles no inbound record. Cheap: one thread-local load.
[[nodiscard]] const Cause* current_cause() noexcept;

/// While this lives, `cause` is the calling thread's. Not nested across records: the innermost counts.
class CauseScope {
 public:
  explicit CauseScope(const Cause& cause) noexcept;
  ~CauseScope();
  CauseScope(const CauseScope&) = delete;
  CauseScope& operator=(const CauseScope&) = delete;

 private:
  const Cause* before_;
};

}  // namespace kafka_events
