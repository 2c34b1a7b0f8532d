// What a compiled schema says of itself, and what Avro C needs to know of it.

#include "codec/avro/schema.h"

#include <array>

#include "codec/avro/encoder.h"
#include "codec/avro/tape.h"
#include "codec/avro/words.h"

namespace kafka_events::avro {

std::string_view name_of(Kind kind) {
  constexpr std::array<std::string_view, 14> names = {"null",   "boolean", "int", "long",   "float", "double", "bytes",
                                                      "string", "array",   "map", "record", "enum",  "fixed",  "union"};
  return names[static_cast<std::size_t>(kind)];
}

std::string Type::described() const {
  if (kind != Kind::union_type) return is_named() ? std::string(name_of(kind)).append(" ").append(name) : name;
  std::string text;
  for (std::size_t branch = 0; branch < branches.size(); ++branch) {
    if (branch != 0) text += branch + 1 == branches.size() ? " or " : ", ";
    text += branches[branch]->name;
  }
  return text.empty() ? "an empty union" : text;
}

LibrarySchema LibrarySchema::record(std::size_t fields) {
  avro_schema_t schema = avro_schema_record("r", nullptr);
  std::string name;
  for (std::size_t field = 0; field < fields; ++field) {
    name = joined({"f", std::to_string(field)});
    avro_schema_record_field_append(schema, name.c_str(), avro_schema_null());
  }
  return LibrarySchema(schema);
}

LibrarySchema LibrarySchema::of(const Type& type) {
  switch (type.kind) {
    case Kind::null_type:
      return LibrarySchema(avro_schema_null());
    case Kind::boolean:
      return LibrarySchema(avro_schema_boolean());
    case Kind::int_type:
      return LibrarySchema(avro_schema_int());
    case Kind::long_type:
      return LibrarySchema(avro_schema_long());
    case Kind::float_type:
      return LibrarySchema(avro_schema_float());
    case Kind::double_type:
      return LibrarySchema(avro_schema_double());
    case Kind::bytes:
      return LibrarySchema(avro_schema_bytes());
    case Kind::string:
      return LibrarySchema(avro_schema_string());
    case Kind::array:
      return LibrarySchema(avro_schema_array(avro_schema_null()));
    case Kind::map:
      return LibrarySchema(avro_schema_map(avro_schema_null()));
    case Kind::record:
      return record(type.fields.size() + 1);  // one more that takes no bytes: its turn is the record's end
    case Kind::enumeration:
      return LibrarySchema(avro_schema_enum("e"));
    case Kind::fixed:
      // Avro C takes an allocation of no bytes for one that failed.
      return LibrarySchema(type.size == 0 ? avro_schema_null() : avro_schema_fixed("x", type.size));
    case Kind::union_type:
      return LibrarySchema(avro_schema_union());
  }
  return {};
}

namespace {

constexpr std::size_t max_default_bytes = 1U << 20U;  // those of a few types can make a very large one together

Result<void> encode_default(Field& field, Scratch& scratch) {
  std::string text = field.default_json;
  if (Result<void> parsed = scratch.tape.parse(text); !parsed.ok()) return parsed;
  constexpr JsonForm form{.unions = UnionForm::first_that_fits, .readable = false};
  std::string bytes;
  Result<void> encoded = encode_json(*field.type, form, scratch, 0, bytes);
  if (bytes.size() > max_default_bytes) return Error(ErrorCode::invalid, "it is longer than 1 MiB");
  if (encoded.ok()) field.default_bytes = std::move(bytes);
  return encoded;
}

bool encode_open_defaults(std::deque<Type>& types, Scratch& scratch) {
  bool any = false;
  for (Type& type : types) {
    for (Field& field : type.fields) {
      if (!field.default_error) continue;
      const Result<void> encoded = encode_default(field, scratch);
      field.default_error = encoded.ok() ? std::nullopt : std::optional(encoded.error());
      any = any || encoded.ok();
    }
  }
  return any;
}

}  // namespace

void encode_defaults(std::deque<Type>& types) {
  for (Type& type : types) {
    for (Field& field : type.fields) {
      if (field.has_default) field.default_error = Error(ErrorCode::invalid, "it needs itself");
    }
  }
  // A default of a record may leave out fields that have defaults themselves: those first.
  Scratch scratch;
  while (encode_open_defaults(types, scratch)) continue;
}

}  // namespace kafka_events::avro
