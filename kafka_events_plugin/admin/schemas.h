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
  "producers":{"type":"array","description":"The same for each guarantee that a route asks for",
   "items":{"type":"object","properties":{"name":{"type":"string"}}}},
  "outbox":{"type":"object","description":"Only with an outbox","properties":{
   "mode":{"enum":["when_needed","always"]},"entries":{"type":"integer"},"bytes":{"type":"integer"},
   "max_bytes":{"type":"integer"},"refused":{"type":"integer"},"trouble":{"type":"string"},
   "direct":{"type":"boolean"},"waiting":{"type":"integer"},"taken_back":{"type":"integer"},
   "relayed":{"type":"integer"},"transactions":{"type":"object","properties":{
    "state":{"enum":["connecting","running","fenced","stopped"]},"trouble":{"type":"string"},
    "waiting":{"type":"integer"},"committed":{"type":"integer"},"aborted":{"type":"integer"},
    "published":{"type":"integer"}}}}},
  "schema_registry":{"type":"object","description":"Only with a schema registry","properties":{
   "url":{"type":"string"},"reachable":{"type":"boolean"},"trouble":{"type":"string"},"schemas":{"type":"integer"},
   "requests":{"type":"integer"},"failures":{"type":"integer"},"registered":{"type":"integer"},
   "waiting":{"type":"integer"}}},
  "requests":{"type":"object","description":"Only if a route has reply_to","properties":{
   "pending":{"type":"integer"},"sent":{"type":"integer"},"answered":{"type":"integer"},
   "timed_out":{"type":"integer"},"late":{"type":"integer"},"unknown":{"type":"integer"},
   "refused":{"type":"integer"},"p50_seconds":{"type":"number"},"p99_seconds":{"type":"number"}}},
  "tenants":{"type":"object","description":"Only with limits for tenants; never which ones","properties":{
   "known":{"type":"integer"},"active":{"type":"integer"},"in_flight":{"type":"integer"},
   "refused":{"type":"object","additionalProperties":{"type":"integer"}},"without_entry":{"type":"integer"},
   "bytes":{"type":"integer"}}},
  "single_writers":{"type":"array","description":"Only if a route is single_writer","items":{"type":"object",
   "properties":{"topic":{"type":"string"},"state":{"enum":["connecting","writing","fenced","stopped"]},
   "trouble":{"type":"string"},"committed":{"type":"integer"},"aborted":{"type":"integer"},
   "delivered":{"type":"integer"},"failed":{"type":"integer"},"waiting":{"type":"integer"}}}},
  "routes":{"type":"array","items":{"type":"object","properties":{
   "name":{"type":"string"},"matched":{"type":"integer"},"sent":{"type":"integer"},"delivered":{"type":"integer"},
   "failed":{"type":"integer"},"busy":{"type":"integer"},"refused":{"type":"integer"}}}},
  "workers":{"type":"array","items":{"type":"object","properties":{
   "name":{"type":"string"},"group":{"type":"string"},"state":{"type":"string"},"reason":{"type":"string"},
   "member_id":{"type":"string"},"connected":{"type":"boolean"},"paused":{"type":"boolean"},
   "paused_by_operator":{"type":"boolean"},
   "warning":{"type":"string","description":"What is wrong with its handlers; empty if nothing is"},
   "oldest_in_flight":{"type":["object","null"],"properties":{"topic":{"type":"string"},
    "partition":{"type":"integer"},"offset":{"type":"integer"},"age_seconds":{"type":"number"}}},
   "blocked_seconds":{"type":["number","null"],"description":"Its thread has been inside one handler for so long"},
   "subscription":{"type":"array","items":{"type":"string"}},
   "assignment":{"type":"array","items":{"type":"object","properties":{
    "topic":{"type":"string"},"partition":{"type":"integer"},"position":{"type":["integer","null"]},
    "watermark":{"type":["integer","null"]},"committed":{"type":["integer","null"]},
    "high":{"type":["integer","null"]},"lag":{"type":["integer","null"]},"paused":{"type":"boolean"},
    "paused_by_operator":{"type":"boolean"}}}},
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

inline constexpr std::string_view partition = R"({"type":"object","properties":{
  "topic":{"type":"string"},"partition":{"type":"integer","minimum":0}},"additionalProperties":false,
 "description":"Both, or neither for all partitions"})";

inline constexpr std::string_view seek = R"({"type":"object","properties":{
  "topic":{"type":"string"},"partition":{"type":"integer","minimum":0},
  "offset":{"oneOf":[{"type":"integer","minimum":0},{"enum":["beginning","end"]}]},
  "timestamp":{"type":"integer","description":"Milliseconds since 1970: the first record that is not older"}},
 "oneOf":[{"required":["offset"]},{"required":["timestamp"]}],"additionalProperties":false})";

inline constexpr std::string_view partitions = R"({"type":"object","required":["worker","partitions"],
 "properties":{"worker":{"type":"string"},
  "partitions":{"type":"array","items":{"type":"object","properties":{
   "topic":{"type":"string"},"partition":{"type":"integer"},"position":{"type":["integer","null"]},
   "watermark":{"type":["integer","null"]},"committed":{"type":["integer","null"]},
   "high":{"type":["integer","null"]},"lag":{"type":["integer","null"]},"paused":{"type":"boolean"},
   "paused_by_operator":{"type":"boolean"}}}}}})";

inline constexpr std::string_view redrive_request = R"({"type":"object","properties":{
  "worker":{"type":"string","description":"Needed if there are several"},
  "tenant":{"type":"string","description":"Only dead letters of this tenant"},
  "limit":{"type":"integer","minimum":1,"maximum":1000000,"default":1000},
  "rate":{"type":"integer","minimum":1,"maximum":100000,"default":100,"description":"Records per second"}},
 "additionalProperties":false})";

inline constexpr std::string_view redrive = R"({"type":"object","required":["state","worker","redriven"],
 "properties":{
  "state":{"enum":["running","done","incomplete"]},"worker":{"type":"string"},
  "started":{"type":"string","format":"date-time"},"redriven":{"type":"integer"},"failed":{"type":"integer"},
  "skipped":{"type":"integer"},"left":{"type":"integer"},"problem":{"type":"string"}}})";

inline constexpr std::string_view topic_spec = R"({"type":["object","array"],"required":["name"],"properties":{
  "name":{"type":"string","pattern":"^[A-Za-z0-9._-]{1,249}$","description":"As Kafka has it, with any prefix"},
  "partitions":{"type":"integer","minimum":1,"maximum":100000,"description":"Without it the broker's default"},
  "replication_factor":{"type":"integer","minimum":1,"maximum":10000,"description":"Without it the broker's default"},
  "config":{"type":"object","additionalProperties":{"type":["string","number","boolean"]},
   "examples":[{"retention.ms":"86400000","cleanup.policy":"compact"}]}},
 "additionalProperties":false,"description":"One such object, or an array of 1 to 1000 of them",
 "items":{"type":"object","required":["name"]}})";

inline constexpr std::string_view topic_total = R"({"type":"object","required":["total"],"properties":{
  "total":{"type":"integer","minimum":1,"maximum":100000,"description":"How many partitions there are to be"}},
 "additionalProperties":false})";

inline constexpr std::string_view topic_outcomes = R"({"type":"object","required":["topics"],
 "description":"Status 200: all is as asked; 201: so it is, and something was created; 207: some failed. If all failed: a problem with code, the broker's name of the error, and the same list",
 "properties":{"topics":{"type":"array","items":{"type":"object","required":["name","result"],"properties":{
  "name":{"type":"string"},
  "result":{"enum":["created","existed","deleted","absent","extended","unchanged","failed"]},
  "code":{"type":"string","description":"The broker's, such as TOPIC_AUTHORIZATION_FAILED; empty unless failed"},
  "message":{"type":"string","description":"Why, and what to do; of one that existed what differs from the request"}}}}}})";

inline constexpr std::string_view topics = R"({"type":"object","required":["topics"],
 "properties":{"topics":{"type":"array","description":"Sorted by name; assignment and config only of named ones",
  "items":{"type":"object","required":["name","partitions"],"properties":{
   "name":{"type":"string"},"internal":{"type":"boolean","description":"Its name begins with __"},
   "partitions":{"type":"integer"},"replication_factor":{"type":"integer"},
   "without_leader":{"type":"integer","description":"Partitions"},
   "under_replicated":{"type":"integer","description":"Partitions"}}}}}})";

inline constexpr std::string_view topic = R"({"type":"object","required":["name","partitions","assignment","config"],
 "properties":{"name":{"type":"string"},"internal":{"type":"boolean"},"partitions":{"type":"integer"},
  "replication_factor":{"type":"integer"},"without_leader":{"type":"integer"},"under_replicated":{"type":"integer"},
  "assignment":{"type":"array","items":{"type":"object","properties":{
   "partition":{"type":"integer"},"leader":{"type":"integer","description":"-1: none at the moment"},
   "replicas":{"type":"array","items":{"type":"integer"}},"in_sync":{"type":"array","items":{"type":"integer"}}}}},
  "config":{"type":"array","items":{"type":"object","properties":{"name":{"type":"string"},
   "value":{"type":"string","description":"Secrets as [secret]"},"source":{"enum":["topic","broker","default"]}}}}}})";

inline constexpr std::string_view dead_letters = R"({"type":"object","required":["worker","topics","dead_letters"],
 "properties":{"worker":{"type":"string"},
  "topics":{"type":"array","items":{"type":"object","properties":{
   "topic":{"type":"string"},"records":{"type":"integer"},"open":{"type":"integer"}}}},
  "dead_letters":{"type":"array","description":"Newest first","items":{"type":"object","properties":{
   "topic":{"type":"string"},"partition":{"type":"integer"},"offset":{"type":"integer"},
   "original_topic":{"type":"string"},"original_partition":{"type":["integer","null"]},
   "original_offset":{"type":["integer","null"]},"stage":{"type":"string"},"exception":{"type":"string"},
   "reason":{"type":"string"},"redrive_count":{"type":"integer"},"timestamp_ms":{"type":["integer","null"]},
   "value_bytes":{"type":"integer"},"redriven":{"type":"boolean"}}}},
  "redrive":{"type":["object","null"],"description":"The one that runs, or the last one"}}})";

}  // namespace kafka_events::admin::schemas
