// What became of requests, counted. Any thread.
#pragma once

#include <atomic>
#include <cstdint>

#include "core/handover.h"

namespace kafka_events {

struct RequestCounts {
  std::atomic<std::uint64_t> sent{0};
  std::atomic<std::uint64_t> answered{0};
  std::atomic<std::uint64_t> timed_out{0};
  std::atomic<std::uint64_t> late{0};
  std::atomic<std::uint64_t> unknown{0};
  std::atomic<std::uint64_t> refused{0};

  [[nodiscard]] Counters all() const {
    return {{"requests.sent", "", sent}, {"requests.answered", "", answered}, {"requests.timed_out", "", timed_out},
            {"requests.late", "", late}, {"requests.unknown", "", unknown},   {"requests.refused", "", refused}};
  }
  void seed(const Counters& counters) {
    for (const CounterHandover& each : counters) {
      if (each.name == "requests.sent") sent = each.value;
      if (each.name == "requests.answered") answered = each.value;
      if (each.name == "requests.timed_out") timed_out = each.value;
      if (each.name == "requests.late") late = each.value;
      if (each.name == "requests.unknown") unknown = each.value;
      if (each.name == "requests.refused") refused = each.value;
    }
  }
};

}  // namespace kafka_events
