// The text of a schema (Avro specification 1.11.1, "Schema Declaration"). Avro C's own parser takes neither types behind a
// second "type", nor names without a namespace inside one, nor references to other texts.

#include "codec/avro/schema_parser.h"

#include <optional>
#include <rapidjson/error/en.h>

#include "codec/avro/words.h"

namespace kafka_events::avro {
namespace {

constexpr std::size_t max_schema_bytes = 4U << 20U;
constexpr std::size_t max_schema_depth = 100;
constexpr std::uint32_t max_fixed_bytes = 16U << 20U;

std::optional<Kind> kind_of(std::string_view name) {
  for (std::size_t kind = 0; kind < static_cast<std::size_t>(Kind::union_type); ++kind) {
    if (name_of(static_cast<Kind>(kind)) == name) return static_cast<Kind>(kind);
  }
  if (name == "error") return Kind::record;
  return std::nullopt;
}

bool is_primitive(Kind kind) { return kind <= Kind::string; }

std::string qualified(std::string_view name, std::string_view space) {
  if (name.find('.') != std::string_view::npos || space.empty()) return std::string(name);
  return std::string(space).append(".").append(name);
}

std::string space_of(std::string_view full_name) {
  const std::size_t dot = full_name.rfind('.');
  return dot == std::string_view::npos ? std::string() : std::string(full_name.substr(0, dot));
}

}  // namespace

bool SchemaParser::fail(const std::string& place, std::string_view why) {
  if (error_.empty()) error_.append(place).append(place.empty() ? "" : ": ").append(why);
  return false;
}

Type& SchemaParser::add(Kind kind) {
  Type& type = types_.emplace_back();
  type.kind = kind;
  type.name = name_of(kind);
  return type;
}

// One for all that say nothing more of it.
const Type* SchemaParser::primitive(Kind kind) {
  const Type*& type = primitives_[kind];
  if (type == nullptr) type = &add(kind);
  return type;
}

Result<void> SchemaParser::add_text(std::string_view text) {
  if (text.size() > max_schema_bytes) return Error(ErrorCode::invalid, "the schema is longer than 4 MiB");
  rapidjson::Document json;
  json.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseFullPrecisionFlag |
             rapidjson::kParseValidateEncodingFlag>(text.data(), text.size());
  if (json.HasParseError()) {
    // A primitive's bare name is what some registries give for one.
    if (const std::optional<Kind> kind = kind_of(text); kind && is_primitive(*kind)) {
      root_ = primitive(*kind);
      return {};
    }
    return Error(ErrorCode::invalid, std::string(rapidjson::GetParseError_En(json.GetParseError())) + " at offset " +
                                         std::to_string(json.GetErrorOffset()));
  }
  root_ = read(json, "", "");
  if (root_ == nullptr) return Error(ErrorCode::invalid, error_);
  return {};
}

const Type* SchemaParser::read(const Json& json, const std::string& space, const std::string& place) {
  if (depth_ == max_schema_depth) return fail(place, "types nest deeper than 100 levels"), nullptr;
  ++depth_;
  const Type* type = nullptr;
  if (json.IsString()) {
    type = read_name({json.GetString(), json.GetStringLength()}, space, place);
  } else if (json.IsArray()) {
    type = read_union(json, space, place);
  } else if (json.IsObject()) {
    type = read_object(json, space, place);
  } else {
    fail(place, "a type is a name, an object or an array");
  }
  --depth_;
  return type;
}

const Type* SchemaParser::read_name(std::string_view name, const std::string& space, const std::string& place) {
  if (const std::optional<Kind> kind = kind_of(name); kind && is_primitive(*kind)) return primitive(*kind);
  auto known = names_.find(qualified(name, space));
  if (known == names_.end()) known = names_.find(name);
  if (known != names_.end()) return known->second;
  fail(place, std::string("there is no type ").append(name.substr(0, 200)));
  return nullptr;
}

const Type* SchemaParser::read_object(const Json& json, const std::string& space, const std::string& place) {
  const auto inner = json.FindMember("type");
  if (inner == json.MemberEnd()) return fail(place, "\"type\" is missing"), nullptr;
  if (!inner->value.IsString()) return read(inner->value, space, place);
  const std::optional<Kind> kind = kind_of(member_text(json, "type"));
  if (!kind) return read_name(member_text(json, "type"), space, place);
  if (*kind == Kind::array || *kind == Kind::map) return read_collection(*kind, json, space, place);
  if (!is_primitive(*kind)) return read_named(*kind, json, space, place);
  if (!json.HasMember("logicalType")) return primitive(*kind);
  Type& type = add(*kind);
  read_logical_type(type, json);
  return &type;
}

const Type* SchemaParser::read_union(const Json& json, const std::string& space, const std::string& place) {
  Type& type = add(Kind::union_type);
  std::uint32_t others = 0;
  for (const Json& item : json.GetArray()) {
    const Type* branch = read(item, space, place);
    if (branch == nullptr) return nullptr;
    if (branch->kind == Kind::union_type) return fail(place, "a union stands in a union"), nullptr;
    for (const Type* other : type.branches) {
      if (other->name == branch->name) return fail(place, joined({"a union has ", branch->name, " twice"})), nullptr;
    }
    const auto index = static_cast<std::uint32_t>(type.branches.size());
    type.branches.push_back(branch);
    if (branch->kind == Kind::null_type) {
      type.null_branch = index;
    } else {
      type.only_branch = ++others == 1 ? std::optional(index) : std::nullopt;
    }
  }
  return &type;
}

const Type* SchemaParser::read_collection(Kind kind, const Json& json, const std::string& space,
                                          const std::string& place) {
  const char* member = kind == Kind::array ? "items" : "values";
  const auto items = json.FindMember(member);
  if (items == json.MemberEnd()) return fail(place, joined({"\"", member, "\" is missing"})), nullptr;
  Type& type = add(kind);
  type.items = read(items->value, space, place + (kind == Kind::array ? "[]" : "{}"));
  return type.items != nullptr ? &type : nullptr;
}

const Type* SchemaParser::read_named(Kind kind, const Json& json, const std::string& space, const std::string& place) {
  const std::string_view name = member_text(json, "name");
  if (!is_name(name, true)) return fail(place, "\"name\" is missing or no name"), nullptr;
  const auto given = json.FindMember("namespace");
  if (given != json.MemberEnd() && !given->value.IsString()) return fail(place, "\"namespace\" is no text"), nullptr;
  const std::string full = qualified(name, given != json.MemberEnd() ? member_text(json, "namespace") : space);
  if (!is_name(full, true)) return fail(place, "\"namespace\" is no name"), nullptr;
  if (const std::optional<Kind> taken = kind_of(full); taken && is_primitive(*taken)) {
    return fail(place, full + " is the name of a primitive type"), nullptr;
  }
  Type& type = add(kind);
  type.name = full;
  if (!names_.emplace(full, &type).second) return fail(place, full + " is defined twice"), nullptr;
  const std::string own_space = space_of(full);
  if (!read_aliases(type.aliases, json, &own_space, full)) return nullptr;
  if (kind == Kind::record) return read_record(type, json, own_space, place) ? &type : nullptr;
  if (kind == Kind::enumeration) return read_symbols(type, json, full) ? &type : nullptr;
  return read_size(type, json, full) ? &type : nullptr;
}

bool SchemaParser::read_size(Type& type, const Json& json, const std::string& place) {
  const auto size = json.FindMember("size");
  if (size == json.MemberEnd() || !size->value.IsUint() || size->value.GetUint() > max_fixed_bytes) {
    return fail(place, "\"size\" is missing, or is not a number from 0 to 16777216");
  }
  type.size = size->value.GetUint();
  read_logical_type(type, json);
  return true;
}

Result<SchemaHandle> Schema::parse(std::string_view text, const std::vector<std::string>& references, bool strict) {
  const std::shared_ptr<Schema> schema(new Schema);
  SchemaParser parser(*schema);
  for (std::size_t reference = 0; reference < references.size(); ++reference) {
    if (Result<void> added = parser.add_text(references[reference]); !added.ok()) {
      return added.error().within(joined({"referenced schema ", std::to_string(reference + 1)}));
    }
  }
  if (Result<void> added = parser.add_text(text); !added.ok()) return added.error();
  encode_defaults(schema->types_);
  if (!strict) return SchemaHandle(schema);
  for (const Type& type : schema->types_) {
    for (const Field& field : type.fields) {
      if (field.default_error) return field.default_error->within(type.name + "." + field.name + ": its default");
    }
  }
  return SchemaHandle(schema);
}

}  // namespace kafka_events::avro
