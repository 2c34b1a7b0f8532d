// An Avro schema, compiled: a tree (with loops, where a type names itself) of types, their names resolved, their defaults
// encoded. Avro C keeps neither defaults nor aliases nor logical types, so this is what the codec works with; Avro C gets
// of each type only what it needs to read and write its binary form.
#pragma once

#include <avro.h>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/result.h"

namespace kafka_events::avro {

enum class Kind : std::uint8_t {
  null_type,
  boolean,
  int_type,
  long_type,
  float_type,
  double_type,
  bytes,
  string,
  array,
  map,
  record,
  enumeration,
  fixed,
  union_type
};

enum class Logical : std::uint8_t {
  none,
  decimal,
  uuid,
  date,
  time_millis,
  time_micros,
  timestamp_millis,
  timestamp_micros,
  local_timestamp_millis,
  local_timestamp_micros
};

struct Type;

struct Field {
  std::string name;
  std::vector<std::string> aliases;
  const Type* type = nullptr;
  bool has_default = false;
  std::string default_json;            ///< as the schema has it
  std::string default_bytes;           ///< in Avro's binary encoding
  std::optional<Error> default_error;  ///< the default does not fit its type: an error only when it is needed
};

/// What avro_consume_binary() asks of a schema: the kind, how many fields, how many bytes.
class LibrarySchema {
 public:
  LibrarySchema() = default;
  explicit LibrarySchema(avro_schema_t schema) : schema_(schema) {}
  LibrarySchema(LibrarySchema&& other) noexcept : schema_(std::exchange(other.schema_, nullptr)) {}
  LibrarySchema& operator=(LibrarySchema&& other) noexcept { return std::swap(schema_, other.schema_), *this; }
  ~LibrarySchema() {
    if (schema_ != nullptr) avro_schema_decref(schema_);
  }
  [[nodiscard]] avro_schema_t get() const { return schema_; }

  /// A record of `fields` fields of type null; what is really in them is said by the consumer of each.
  static LibrarySchema record(std::size_t fields);
  static LibrarySchema of(const Type& type);

 private:
  avro_schema_t schema_ = nullptr;
};

struct Type {
  Kind kind = Kind::null_type;
  Logical logical = Logical::none;
  std::uint32_t precision = 0;       ///< of a decimal
  std::uint32_t scale = 0;           ///< of a decimal
  std::string name;                  ///< full name of a named type, else the name of its kind
  std::vector<std::string> aliases;  ///< full names
  std::vector<Field> fields;
  std::vector<std::string> symbols;
  std::optional<std::uint32_t> default_symbol;
  std::uint32_t size = 0;                    ///< of a fixed, in bytes
  std::vector<const Type*> branches;         ///< of a union
  const Type* items = nullptr;               ///< of an array or a map
  std::optional<std::uint32_t> null_branch;  ///< of a union
  std::optional<std::uint32_t> only_branch;  ///< of a union: the one that is not null, if there is just one
  std::unordered_map<std::string_view, std::uint32_t> index;  ///< of fields or symbols by name

  [[nodiscard]] bool is_named() const {
    return kind == Kind::record || kind == Kind::enumeration || kind == Kind::fixed;
  }
  /// For messages: "long", "array", "ns.Name", "null or long".
  [[nodiscard]] std::string described() const;
};

class Schema {
 public:
  /// Reads a schema; `references` are texts of schemas that it may name, each after those it needs itself. Errors
  /// (invalid) name the place in the schema. strict: a default that does not fit its field is an error.
  static Result<std::shared_ptr<const Schema>> parse(std::string_view text,
                                                     const std::vector<std::string>& references = {},
                                                     bool strict = false);

  [[nodiscard]] const Type& root() const { return *root_; }
  [[nodiscard]] std::string_view name() const { return root_->name; }

 private:
  friend class SchemaParser;
  std::deque<Type> types_;  // addresses stay
  const Type* root_ = nullptr;
};
using SchemaHandle = std::shared_ptr<const Schema>;

/// Encodes the defaults of all fields. [part of parse()]
void encode_defaults(std::deque<Type>& types);

[[nodiscard]] std::string_view name_of(Kind kind);

}  // namespace kafka_events::avro
