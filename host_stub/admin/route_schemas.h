// JSON Schemas of what the host's own routes take and answer.
#pragma once

#include <string_view>

namespace host_stub::schemas {

inline constexpr std::string_view object = R"({"type":"object"})";
inline constexpr std::string_view live = R"({"type":"object","properties":{"alive":{"type":"boolean"}}})";
inline constexpr std::string_view ready = R"({"type":"object","properties":{"ready":{"type":"boolean"}}})";
inline constexpr std::string_view result = R"({"type":"object","properties":{"result":{"type":"string"}}})";

inline constexpr std::string_view plugins =
    R"({"type":"object","properties":{"plugins":{"type":"array","items":{"type":"object","properties":{)"
    R"("name":{"type":"string"},"version":{"type":"string"},"build_id":{"type":"string"},)"
    R"("description":{"type":"string"},"runtime":{"type":"string"},"path":{"type":"string"},)"
    R"("instance":{"type":"integer"},"state":{"type":"string"},"live":{"type":"boolean"},"ready":{"type":"boolean"},)"
    R"("reason":{"type":"string"},"swap":{"type":"object"}}}}}})";

inline constexpr std::string_view swap_order =
    R"({"type":"object","additionalProperties":false,"properties":{)"
    R"("path":{"type":"string","minLength":1,"description":"the new module; the running one's file if not given, and )"
    R"(then it is a reload of the configuration"},)"
    R"("probation_ms":{"type":"integer","minimum":0,"maximum":3600000},)"
    R"("timeout_ms":{"type":"integer","minimum":1,"maximum":600000,"description":"for each step"},)"
    R"("close_connections":{"type":"boolean","description":"make every connection anew"}}})";

inline constexpr std::string_view swap_report =
    R"({"type":"object","required":["swap"],"properties":{"swap":{"type":"object","properties":{)"
    R"("id":{"type":"integer"},"plugin":{"type":"string"},)"
    R"("outcome":{"enum":["running","probation","swapped","rolled_back","refused","stuck"]},)"
    R"("from":{"type":"object"},"to":{"type":"object"},"running":{"type":"string"},"reason":{"type":"string"},)"
    R"("steps":{"type":"array","items":{"type":"object","properties":{"name":{"type":"string"},)"
    R"("direction":{"enum":["forward","back"]},"outcome":{"enum":["running","done","failed","skipped"]},)"
    R"("at_ms":{"type":"number"},"milliseconds":{"type":"number"},"detail":{"type":"string"}}}},)"
    R"("began_us":{"type":"integer"},"milliseconds":{"type":"number"},"pause_ms":{"type":"number"},)"
    R"("events_held":{"type":"integer"},"events_refused":{"type":"integer"},"state_bytes":{"type":"integer"},)"
    R"("deposits":{"type":"integer"},"deposits_released":{"type":"integer"},)"
    R"("handles":{"enum":["taken over","made anew","none"]},"unmapped":{"type":["boolean","null"]},)"
    R"("why_mapped":{"type":"string"},"problems":{"type":"array","items":{"type":"object"}}}}}})";

inline constexpr std::string_view swaps =
    R"({"type":"object","properties":{"swaps":{"type":"array","items":{"type":"object"}}}})";

inline constexpr std::string_view event =
    R"({"type":"object","required":["topic"],"additionalProperties":false,"properties":{)"
    R"("topic":{"type":"string","minLength":1,"maxLength":1024,"examples":["acapy::outbound::message"]},)"
    R"("payload":{"description":"a string stands for its characters, null for a tombstone, anything else for its JSON text"},)"
    R"("payload_base64":{"type":"string","contentEncoding":"base64"},)"
    R"("tenant":{"type":["string","null"]},"key":{"type":["string","null"]},)"
    R"("key_base64":{"type":"string","contentEncoding":"base64"},"id":{"type":["string","null"]},)"
    R"("content_type":{"type":["string","null"]},"timestamp_us":{"type":["integer","null"],"minimum":0},)"
    R"("headers":{"oneOf":[{"type":"object","additionalProperties":{"type":["string","null"]}},)"
    R"({"type":"array","items":{"type":"object","required":["name"],"additionalProperties":false,"properties":{)"
    R"("name":{"type":"string"},"value":{"type":["string","null"]},)"
    R"("value_base64":{"type":"string","contentEncoding":"base64"}}}},{"type":"null"}]}}})";

inline constexpr std::string_view accepted =
    R"({"type":"object","required":["accepted"],"properties":{"accepted":{"type":"integer"},)"
    R"("done":{"type":"integer"},"failed":{"type":"integer"},"busy":{"type":"integer"},)"
    R"("results":{"type":"array","items":{"type":"object","properties":{"id":{"type":"string"},)"
    R"("topic":{"type":"string"},"outcome":{"enum":["done","failed","busy"]},"detail":{"type":"string"},)"
    R"("handlers":{"type":"integer"}}}}}})";

}  // namespace host_stub::schemas
