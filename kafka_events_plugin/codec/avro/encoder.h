// JSON to Avro's binary encoding, by a schema.
//
//   Scratch scratch;
//   if (scratch.tape.parse(text).ok()) encode_json(schema.root(), form, scratch, 5, out);
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "codec/avro/schema.h"
#include "codec/avro/tape.h"
#include "core/result.h"

namespace kafka_events::avro {

enum class UnionForm : std::uint8_t {
  plain,           ///< null and one other type: without the type's name
  tagged,          ///< {"type": value}, as Avro's JSON encoding has it
  first_that_fits  ///< as defaults are written
};

/// How Avro values are JSON.
struct JsonForm {
  UnionForm unions = UnionForm::plain;
  bool readable = false;  ///< logical types as text
};

/// Values nest this deep at most, unions counted, both ways.
inline constexpr std::size_t max_value_depth = 64;

/// One value that has found its type. What is inside follows it, in the schema's order.
struct Item {
  const Type* type = nullptr;
  const char* key = nullptr;  ///< of a map's entry
  const char* text = nullptr;
  std::size_t size = 0;  ///< of the text; of a container the number of values in it; of a union the branch
  union {                // by the type
    std::int64_t integer = 0;
    double real;
    Item* cursor;  ///< of a container: the value that Avro C asked for last
  };
  std::uint32_t span = 1;
  bool is_encoded = false;  ///< the text is Avro already: a field's default
  bool is_latin1 = false;   ///< the text is UTF-8 that stands for bytes of the same numbers
};

/// What encoding needs in memory. Reuse it; one thread at a time.
struct Scratch {
  Tape tape;
  std::vector<Item> items;
  std::vector<const Node*> members;  ///< of the records that are being looked at
  std::deque<std::string> made;      ///< texts that are not in the JSON
  std::string text;                  ///< for the caller
  std::string subject;               ///< for the caller
  void trim();
};

/// Appends the value on the tape to `out` (after `prefix` bytes that the caller fills). Fails with `invalid` where the JSON
/// does not fit; the message begins with the path of the field ("lease.end: …", the root has none) and holds no values.
Result<void> encode_json(const Type& type, JsonForm form, Scratch& scratch, std::size_t prefix, std::string& out);

/// The text itself as a value of type string, or of a record whose only field is one.
Result<void> encode_text(const Type& type, std::string_view text, Scratch& scratch, std::size_t prefix,
                         std::string& out);

/// Writes scratch.items with Avro C. [part of the above]
Result<void> write_items(Scratch& scratch, std::size_t prefix, std::string& out);

}  // namespace kafka_events::avro
