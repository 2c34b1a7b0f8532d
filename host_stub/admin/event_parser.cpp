// Runs the parser.
#include "admin/event_parser.h"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#include <string>
#include <utility>

#include "agent_plugin/status.h"

#include "admin/event_reader.h"
#include "admin/json_check.h"
#include "admin/text.h"

namespace host_stub {
namespace {

constexpr unsigned parse_flags =
    rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseValidateEncodingFlag;

}  // namespace

Result<EventFields> parse_event(std::string_view json) {
  if (!is_utf8(json)) return Failure{AGENT_E_INVALID, "it is not UTF-8"};
  rapidjson::MemoryStream stream(json.data(), json.size());
  rapidjson::Reader reader;
  EventReader event;
  const auto result = reader.Parse<parse_flags>(stream, event);
  if (!event.fault().empty()) return Failure{AGENT_E_INVALID, event.fault()};
  if (result.IsError()) {
    return Failure{AGENT_E_INVALID, std::string("not JSON: ") + rapidjson::GetParseError_En(result.Code()) + " (byte " +
                                        std::to_string(result.Offset() + 1) + ")"};
  }
  return std::move(event).finish();
}

bool is_one_json_object(std::string_view json) {
  const std::size_t first = json.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && json[first] == '{' && json_fault(json).empty();
}

}  // namespace host_stub
