// Runs the parser over a text and keeps nothing.
#include "admin/json_check.h"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include "admin/text.h"

namespace host_stub {
namespace {

struct DepthGuard : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, DepthGuard> {
  unsigned depth = 0;
  bool StartObject() { return ++depth <= max_json_depth; }
  bool EndObject(rapidjson::SizeType /*members*/) { return depth-- > 0; }
  bool StartArray() { return ++depth <= max_json_depth; }
  bool EndArray(rapidjson::SizeType /*elements*/) { return depth-- > 0; }
};

}  // namespace

std::string json_fault(std::string_view text) {
  if (!is_utf8(text)) return "it is not UTF-8";
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::Reader reader;
  DepthGuard guard;
  const auto result = reader.Parse<rapidjson::kParseIterativeFlag>(stream, guard);
  if (!result.IsError()) return {};
  if (result.Code() == rapidjson::kParseErrorTermination) {
    return "nested deeper than " + std::to_string(max_json_depth) + " levels";
  }
  return std::string(rapidjson::GetParseError_En(result.Code())) + " (byte " + std::to_string(result.Offset() + 1) +
         ")";
}

}  // namespace host_stub
