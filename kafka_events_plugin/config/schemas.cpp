// Schema files are read and looked at as JSON here; what Avro has to say about them, the codec says.
#include "config/schemas.h"

#include <array>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#include <string>
#include <string_view>

#include "config/text_checks.h"

namespace kafka_events::config {

namespace {

// Whoever reads the schema afterwards may do so recursively.
constexpr int deepest = 100;

// Nothing of the values is kept but what the outermost one is.
struct OutermostValue : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, OutermostValue> {
  bool seen = false;
  int depth = 0;
  bool schema = false;  ///< a schema is a name, a definition or a union
  bool Default() { return note(false); }
  bool String(const char* /*text*/, rapidjson::SizeType /*length*/, bool /*copy*/) { return note(true); }
  bool Key(const char* /*text*/, rapidjson::SizeType /*length*/, bool /*copy*/) { return true; }
  bool StartObject() { return note(true) && ++depth <= deepest; }
  bool EndObject(rapidjson::SizeType /*members*/) { return --depth >= 0; }
  bool StartArray() { return note(true) && ++depth <= deepest; }
  bool EndArray(rapidjson::SizeType /*items*/) { return --depth >= 0; }

 private:
  bool note(bool may_be_schema) {
    if (!seen) schema = may_be_schema;
    seen = true;
    return true;
  }
};

// What is wrong with the text of a file; empty: nothing.
std::string json_problem(std::string_view text) {
  if (const std::size_t offset = first_invalid_utf8(text); offset != std::string_view::npos) {
    return "is not UTF-8 (byte " + std::to_string(offset) + ")";
  }
  OutermostValue outermost;
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::Reader reader;
  // Iterative: the depth of a file must not be that of the stack.
  constexpr unsigned flags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
  const rapidjson::ParseResult result = reader.Parse<flags>(stream, outermost);
  if (outermost.depth > deepest) return "is nested deeper than " + std::to_string(deepest) + " levels";
  if (result.IsError()) {
    const Mark mark = mark_at(text, result.Offset());
    return "is not JSON: line " + std::to_string(mark.line) + ", column " + std::to_string(mark.column) + ": " +
           rapidjson::GetParseError_En(result.Code());
  }
  return outermost.schema ? std::string() : "is no Avro schema: it is neither a map, a list nor a name";
}

std::string read_schema(const Values& values, std::string_view name, const LoadInput& input, Report& report) {
  const Value* file = values.find(name);
  if (file == nullptr) return {};
  if (!input.read_file) {
    report.error(file->place, "cannot be read here: there are no files");
    return {};
  }
  Result<std::string> content = input.read_file(file->text());
  if (!content) {
    report.error(file->place, content.error().message);
    return {};
  }
  if (std::string problem = json_problem(content.value()); !problem.empty()) {
    report.error(file->place, file->text() + " " + problem);
    return {};
  }
  return std::move(content).value();
}

bool is_true(const Values& values, std::string_view name) {
  const Value* value = values.find(name);
  return value != nullptr && value->text() == "true";
}

void check_contradictions(const Values& values, Report& report) {
  const Value* value_schema = values.find("value_schema");
  const Value* key_schema = values.find("key_schema");
  const Value* version = values.find("schema_version");
  if (key_schema != nullptr && is_true(values, "key_from_registry")) {
    report.error(values.find("key_from_registry")->place, "contradicts key_schema; remove one of the two");
  }
  if (version != nullptr && version->text() != "latest" && value_schema != nullptr) {
    report.error(version->place, "contradicts value_schema, which is the schema already; remove one of the two");
  }
  const bool refused =
      report.is_refused(values.path + ".value_schema") || report.is_refused(values.path + ".key_schema");
  if (is_true(values, "auto_register") && value_schema == nullptr && key_schema == nullptr && !refused) {
    report.error(values.find("auto_register")->place, "there is nothing to register; write value_schema as well");
  }
}

constexpr std::array<std::string_view, 9> schema_option_names = {"value_schema",  "key_schema",  "key_from_registry",
                                                                 "value_subject", "key_subject", "schema_version",
                                                                 "auto_register", "avro_json",   "logical_types"};

void warn_of_unused(const Values& values, Report& report) {
  for (const std::string_view name : schema_option_names) {
    if (const Value* value = values.find(name)) report.warning(value->place, "has no effect without codec avro");
  }
}

}  // namespace

SchemaSettings make_schema(const Values& values, Block block, const LoadInput& input, Report& report) {
  SchemaSettings schema;
  schema.value_schema = read_schema(values, "value_schema", input, report);
  schema.key_schema = read_schema(values, "key_schema", input, report);
  const auto get = [&](std::string_view name) { return values.get(option(block, name)); };
  schema.key_from_registry = get("key_from_registry").text() == "true";
  schema.json = get("avro_json").text() == "avro" ? AvroJson::avro : AvroJson::plain;
  schema.logical_types = get("logical_types").text() == "readable" ? LogicalTypes::readable : LogicalTypes::raw;
  if (block == Block::route) {
    schema.value_subject = get("value_subject").text();
    schema.key_subject = get("key_subject").text();
    schema.auto_register = get("auto_register").text() == "true";
    if (const Value version = get("schema_version"); version.text() != "latest") {
      schema.version = static_cast<std::int32_t>(std::stol(version.text()));
    }
  }
  check_contradictions(values, report);
  if (values.get(option(block, "codec")).text() != "avro" && !report.is_refused(values.path + ".codec")) {
    warn_of_unused(values, report);
  }
  return schema;
}

void check_registry_is_there(const Values& top, Report& report) {
  const auto refused = [&](std::string_view name) { return report.is_refused("kafka_events." + std::string(name)); };
  if (top.child("schema_registry").written || refused("schema_registry")) return;
  for (const std::string_view name : {"inbound", "workers", "outbound"}) {
    const auto found = top.children.find(name);
    if (found == top.children.end()) continue;
    for (const Values& each : found->second) {
      const Value* codec = each.find("codec");
      if (codec == nullptr || codec->text() != "avro") continue;
      report.error(codec->place,
                   "avro needs a schema registry, and there is none; add schema_registry: {url: \"http://…:8081\"}");
    }
  }
}

}  // namespace kafka_events::config
