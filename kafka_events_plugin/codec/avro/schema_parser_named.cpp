// Records with their fields, enums, aliases, logical types.

#include <algorithm>
#include <array>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <utility>

#include "codec/avro/schema_parser.h"
#include "codec/avro/text_values.h"
#include "codec/avro/words.h"

namespace kafka_events::avro {

bool is_name(std::string_view name, bool dotted) {
  bool first = true;
  for (const char character : name) {
    if (character == '.' && dotted && !first) {
      first = true;
      continue;
    }
    const bool letter =
        character == '_' || (character >= 'A' && character <= 'Z') || (character >= 'a' && character <= 'z');
    if (!letter && (first || character < '0' || character > '9')) return false;
    first = false;
  }
  return !first;
}

std::string_view member_text(const rapidjson::Value& json, const char* name) {
  const auto member = json.FindMember(name);
  if (member == json.MemberEnd() || !member->value.IsString()) return {};
  return {member->value.GetString(), member->value.GetStringLength()};
}

std::string json_text_of(const rapidjson::Value& json) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  json.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

void read_logical_type(Type& type, const rapidjson::Value& json) {
  struct Known {
    std::string_view name;
    Kind kind;
    Logical logical;
  };
  constexpr std::array<Known, 8> known = {{
      {"uuid", Kind::string, Logical::uuid},
      {"date", Kind::int_type, Logical::date},
      {"time-millis", Kind::int_type, Logical::time_millis},
      {"time-micros", Kind::long_type, Logical::time_micros},
      {"timestamp-millis", Kind::long_type, Logical::timestamp_millis},
      {"timestamp-micros", Kind::long_type, Logical::timestamp_micros},
      {"local-timestamp-millis", Kind::long_type, Logical::local_timestamp_millis},
      {"local-timestamp-micros", Kind::long_type, Logical::local_timestamp_micros},
  }};
  const std::string_view name = member_text(json, "logicalType");
  for (const Known& candidate : known) {
    if (candidate.name == name && candidate.kind == type.kind) type.logical = candidate.logical;
  }
  if (name != "decimal" || (type.kind != Kind::bytes && type.kind != Kind::fixed)) return;
  const auto precision = json.FindMember("precision");
  const auto scale = json.FindMember("scale");
  if (precision == json.MemberEnd() || !precision->value.IsUint()) return;
  type.precision = precision->value.GetUint();
  if (scale != json.MemberEnd()) {
    if (!scale->value.IsUint()) return;
    type.scale = scale->value.GetUint();
  }
  if (type.precision == 0 || type.precision > max_decimal_digits || type.scale > type.precision) return;
  type.logical = Logical::decimal;
}

bool SchemaParser::read_aliases(std::vector<std::string>& aliases, const Json& json, const std::string* space,
                                const std::string& place) {
  const auto member = json.FindMember("aliases");
  if (member == json.MemberEnd()) return true;
  if (!member->value.IsArray()) return fail(place, "\"aliases\" is no array");
  for (const Json& alias : member->value.GetArray()) {
    if (!alias.IsString()) return fail(place, "an alias is no text");
    std::string name(alias.GetString(), alias.GetStringLength());
    if (space != nullptr && !space->empty() && name.find('.') == std::string::npos) name.insert(0, *space + ".");
    aliases.push_back(std::move(name));
  }
  return true;
}

bool SchemaParser::read_record(Type& type, const Json& json, const std::string& space, const std::string& place) {
  const auto fields = json.FindMember("fields");
  if (fields == json.MemberEnd() || !fields->value.IsArray()) return fail(type.name, "\"fields\" is missing");
  type.fields.reserve(fields->value.Size());
  for (const Json& field : fields->value.GetArray()) {
    if (!read_field(type, field, space, place)) return false;
  }
  for (std::uint32_t index = 0; index < type.fields.size(); ++index) {
    if (type.index.emplace(type.fields[index].name, index).second) continue;
    return fail(type.name, joined({"there are two fields ", type.fields[index].name}));
  }
  return true;
}

bool SchemaParser::read_field(Type& type, const Json& json, const std::string& space, const std::string& place) {
  if (!json.IsObject()) return fail(type.name, "a field is no object");
  Field field;
  field.name = member_text(json, "name");
  if (!is_name(field.name, false)) return fail(type.name, "a field's \"name\" is missing or no name");
  const std::string own_place = place.empty() ? field.name : place + "." + field.name;
  const auto its_type = json.FindMember("type");
  if (its_type == json.MemberEnd()) return fail(own_place, "\"type\" is missing");
  if (!read_aliases(field.aliases, json, nullptr, own_place)) return false;
  field.type = read(its_type->value, space, own_place);
  if (field.type == nullptr) return false;
  if (const auto value = json.FindMember("default"); value != json.MemberEnd()) {
    field.has_default = true;
    field.default_json = json_text_of(value->value);
  }
  type.fields.push_back(std::move(field));
  return true;
}

bool SchemaParser::read_symbols(Type& type, const Json& json, const std::string& place) {
  const auto symbols = json.FindMember("symbols");
  if (symbols == json.MemberEnd() || !symbols->value.IsArray()) return fail(place, "\"symbols\" is missing");
  for (const Json& symbol : symbols->value.GetArray()) {
    const bool is_text = symbol.IsString();
    type.symbols.emplace_back(is_text ? symbol.GetString() : "");
    if (!is_name(type.symbols.back(), false)) return fail(place, "a symbol is no name");
  }
  for (std::uint32_t index = 0; index < type.symbols.size(); ++index) {
    if (!type.index.emplace(type.symbols[index], index).second) return fail(place, "a symbol stands there twice");
  }
  const auto fallback = json.FindMember("default");
  if (fallback == json.MemberEnd()) return true;
  const auto known = type.index.find(member_text(json, "default"));
  if (known == type.index.end()) return fail(place, "\"default\" is none of its symbols");
  type.default_symbol = known->second;
  return true;
}

}  // namespace kafka_events::avro
