// Private to schema_parser*.cpp: one run over the text of a schema.
#pragma once

#include <map>
#include <rapidjson/document.h>
#include <string>
#include <string_view>

#include "codec/avro/schema.h"

namespace kafka_events::avro {

/// Each function returns null, or false, when it has noted an error. `place` is the path of the type, for messages.
class SchemaParser {
 public:
  explicit SchemaParser(Schema& schema) : types_(schema.types_), root_(schema.root_) {}

  Result<void> add_text(std::string_view text);

 private:
  using Json = rapidjson::Value;

  const Type* read(const Json& json, const std::string& space, const std::string& place);
  const Type* read_name(std::string_view name, const std::string& space, const std::string& place);
  const Type* read_object(const Json& json, const std::string& space, const std::string& place);
  const Type* read_union(const Json& json, const std::string& space, const std::string& place);
  const Type* read_collection(Kind kind, const Json& json, const std::string& space, const std::string& place);
  const Type* read_named(Kind kind, const Json& json, const std::string& space, const std::string& place);
  bool read_record(Type& type, const Json& json, const std::string& space, const std::string& place);
  bool read_field(Type& type, const Json& json, const std::string& space, const std::string& place);
  bool read_symbols(Type& type, const Json& json, const std::string& place);
  bool read_size(Type& type, const Json& json, const std::string& place);
  bool read_aliases(std::vector<std::string>& aliases, const Json& json, const std::string* space,
                    const std::string& place);
  const Type* primitive(Kind kind);
  Type& add(Kind kind);
  bool fail(const std::string& place, std::string_view why);

  std::deque<Type>& types_;
  const Type*& root_;
  std::map<std::string, const Type*, std::less<>> names_;
  std::map<Kind, const Type*> primitives_;
  std::size_t depth_ = 0;
  std::string error_;
};

/// Sets logical, precision and scale where the annotation is valid for the type; others are passed over, as the
/// specification asks.
void read_logical_type(Type& type, const rapidjson::Value& json);

/// [A-Za-z_][A-Za-z0-9_]*, with dots between if `dotted`.
[[nodiscard]] bool is_name(std::string_view name, bool dotted);
[[nodiscard]] std::string_view member_text(const rapidjson::Value& json, const char* name);
[[nodiscard]] std::string json_text_of(const rapidjson::Value& json);

}  // namespace kafka_events::avro
