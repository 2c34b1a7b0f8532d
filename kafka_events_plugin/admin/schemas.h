// JSON Schemas of the answers, for the host's OpenAPI document.
#pragma once

#include <string_view>

namespace kafka_events::admin::schemas {

inline constexpr std::string_view result = R"({"type":"object","required":["result"],
 "properties":{"result":{"type":"string","examples":["Kafka plugin started","Kafka plugin stopped"]}}})";

inline constexpr std::string_view status = R"({"type":"object","required":["state","ready","producer","workers"],
 "properties":{
  "state":{"enum":["stopped","starting","running","draining","failed"]},
  "reason":{"type":"string","description":"Why it is not ready; empty if it is"},
  "ready":{"type":"boolean"},
  "brokers":{"type":"array","items":{"type":"object","properties":{
   "id":{"type":"integer"},"name":{"type":"string"},"connected":{"type":"boolean"}}}},
  "producer":{"type":"object","properties":{
   "running":{"type":"boolean"},"connected":{"type":"boolean"},"in_flight":{"type":"integer"},
   "delivered":{"type":"integer"},"failed":{"type":"integer"},"topics":{"type":"integer"},
   "recreated":{"type":"integer"}}},
  "routes":{"type":"array","items":{"type":"object","properties":{
   "name":{"type":"string"},"matched":{"type":"integer"},"sent":{"type":"integer"},"delivered":{"type":"integer"},
   "failed":{"type":"integer"},"busy":{"type":"integer"},"refused":{"type":"integer"}}}},
  "workers":{"type":"array","items":{"type":"object","properties":{
   "name":{"type":"string"},"group":{"type":"string"},"state":{"type":"string"},"reason":{"type":"string"},
   "member_id":{"type":"string"},"connected":{"type":"boolean"},"paused":{"type":"boolean"},
   "subscription":{"type":"array","items":{"type":"string"}},
   "assignment":{"type":"array","items":{"type":"object","properties":{
    "topic":{"type":"string"},"partition":{"type":"integer"},"position":{"type":["integer","null"]},
    "watermark":{"type":["integer","null"]},"committed":{"type":["integer","null"]},
    "high":{"type":["integer","null"]},"lag":{"type":["integer","null"]},"paused":{"type":"boolean"}}}},
   "counts":{"type":"object","additionalProperties":{"type":"integer"}}}}},
  "last_errors":{"type":"array","items":{"type":"object","properties":{
   "client":{"type":"string"},"time":{"type":"string","format":"date-time"},"code":{"type":"string"},
   "message":{"type":"string"},"times":{"type":"integer"}}}}}})";

inline constexpr std::string_view configuration = R"({"type":"object","required":["options","clients"],
 "properties":{
  "options":{"type":"array","items":{"type":"object","required":["key","value","source","becomes"],"properties":{
   "key":{"type":"string"},"value":{"type":"string"},"source":{"type":"string"},
   "becomes":{"type":"array","items":{"type":"string"}}}}},
  "clients":{"type":"array","items":{"type":"object","required":["client","properties"],"properties":{
   "client":{"type":"string"},"properties":{"type":"object","additionalProperties":{"type":"string"}}}}}}})";

inline constexpr std::string_view explanation = R"({"type":"object","required":["event_topic","routes"],
 "properties":{
  "event_topic":{"type":"string"},
  "not_sent_because":{"type":"string"},
  "routes":{"type":"array","items":{"type":"object","properties":{
   "route":{"type":"string"},"match":{"type":"string"},"place":{"type":"string"},"kafka_topic":{"type":"string"},
   "key":{"type":["string","null"]},"partition":{"type":"string"},"codec":{"type":"string"},
   "value_bytes":{"type":"integer"},"value_is_null":{"type":"boolean"},"value_is_copied":{"type":"boolean"},
   "headers":{"type":"array","items":{"type":"object","properties":{
    "name":{"type":"string"},"value":{"type":"string"}}}},
   "sent_event":{"type":"string"},"undeliverable_event":{"type":"string"},"problem":{"type":"string"}}}}}})";

}  // namespace kafka_events::admin::schemas
