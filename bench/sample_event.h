// An event as agents have them, for the benchmarks of codecs and templates.
#pragma once

#include <string>
#include <string_view>

#include "core/event.h"
#include "harness.h"

namespace bench {

/// A JSON object of exactly so many bytes, 100 at least: ids, a state, times, short texts, some escapes and letters
/// beyond ASCII. The last member is "thread": {"id": "9b2d7c1e"}.
inline std::string json_payload(std::size_t size) {
  constexpr std::string_view filler = R"(,"text":")";
  constexpr std::string_view end = R"(","thread":{"id":"9b2d7c1e"}})";
  std::string text = R"({"id":"3fa85f64-5717-4562-b3fc-2c963f66afa6","state":"active")";
  for (int number = 0; text.size() + 250 < size; ++number) {
    text.append(R"(,"routing_)").append(std::to_string(number));
    text += R"(":{"their_label":"J\u00fcrgen \"Bob\" Böhm","created_at":"2026-11-21T12:34:56.789Z","number":7919,)";
    text += R"("share":0.25,"flags":[true,false,null],"error":null})";
  }
  const std::size_t all_else = text.size() + filler.size() + end.size();
  if (all_else > size) give_up("a payload cannot be that small");
  return text.append(filler).append(size - all_else, 'x').append(end);
}

/// `payload` is borrowed.
inline kafka_events::Event sample_event(std::string_view payload) {
  kafka_events::Event event;
  event.topic = "acapy::record::connections::active";
  event.tenant = "3fa85f64-5717-4562-b3fc-2c963f66afa6";
  event.id = "0192f3c4-7d1e-7a53-9c1b-000000000001";
  event.content_type = "application/json";
  event.payload = payload;
  event.timestamp_us = 1'795'264'496'789'012;
  return event;
}

}  // namespace bench
