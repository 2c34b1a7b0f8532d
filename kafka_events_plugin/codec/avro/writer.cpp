// Items as Avro C sees them: a value class of our own (avro/value.h), so that avro_value_write() takes strings from where
// they lie. Avro C's generic values would copy each of them, and keep maps in a hash that anybody can fill with collisions.

#include <avro.h>
#include <cstring>

#include "codec/avro/encoder.h"
#include "codec/avro/text_values.h"

namespace kafka_events::avro {
namespace {

using Interface = const avro_value_iface_t*;

Item& item_of(const void* self) { return *static_cast<Item*>(const_cast<void*>(self)); }

avro_type_t get_type(Interface, const void* self) {
  const Item& item = item_of(self);
  if (item.is_encoded) return AVRO_FIXED;  // goes out as it is
  constexpr avro_type_t types[] = {AVRO_NULL,   AVRO_BOOLEAN, AVRO_INT32,  AVRO_INT64, AVRO_FLOAT,
                                   AVRO_DOUBLE, AVRO_BYTES,   AVRO_STRING, AVRO_ARRAY, AVRO_MAP,
                                   AVRO_RECORD, AVRO_ENUM,    AVRO_FIXED,  AVRO_UNION};
  return types[static_cast<std::size_t>(item.type->kind)];
}

int get_null(Interface, const void*) { return 0; }
int get_boolean(Interface, const void* self, int* out) { return *out = static_cast<int>(item_of(self).integer), 0; }
int get_int(Interface, const void* self, std::int32_t* out) {
  return *out = static_cast<std::int32_t>(item_of(self).integer), 0;
}
int get_long(Interface, const void* self, std::int64_t* out) { return *out = item_of(self).integer, 0; }
int get_float(Interface, const void* self, float* out) { return *out = static_cast<float>(item_of(self).real), 0; }
int get_double(Interface, const void* self, double* out) { return *out = item_of(self).real, 0; }
int get_enum(Interface, const void* self, int* out) { return *out = static_cast<int>(item_of(self).integer), 0; }

int get_bytes(Interface, const void* self, const void** out, std::size_t* size) {
  Item& item = item_of(self);
  if (item.is_latin1) {  // in place: it only gets shorter
    item.size = latin1_in_place(const_cast<char*>(item.text), item.size);
    item.is_latin1 = false;
  }
  *out = item.text;
  *size = item.size;
  return 0;
}

int get_string(Interface, const void* self, const char** out, std::size_t* size) {
  *out = item_of(self).text;
  *size = item_of(self).size + 1;
  return 0;
}

int get_size(Interface, const void* self, std::size_t* size) { return *size = item_of(self).size, 0; }

// Avro C asks for one after the other.
int get_by_index(Interface iface, const void* self, std::size_t index, avro_value_t* child, const char** name) {
  Item& item = item_of(self);
  item.cursor = index == 0 ? &item + 1 : item.cursor + item.cursor->span;
  child->iface = const_cast<avro_value_iface_t*>(iface);
  child->self = item.cursor;
  if (name != nullptr) *name = item.cursor->key;
  return 0;
}

int get_discriminant(Interface, const void* self, int* out) { return *out = static_cast<int>(item_of(self).size), 0; }

int get_current_branch(Interface iface, const void* self, avro_value_t* branch) {
  branch->iface = const_cast<avro_value_iface_t*>(iface);
  branch->self = &item_of(self) + 1;
  return 0;
}

constexpr avro_value_iface_t make_interface() {
  avro_value_iface_t iface{};
  iface.get_type = get_type;
  iface.get_boolean = get_boolean;
  iface.get_bytes = get_bytes;
  iface.get_double = get_double;
  iface.get_float = get_float;
  iface.get_int = get_int;
  iface.get_long = get_long;
  iface.get_null = get_null;
  iface.get_string = get_string;
  iface.get_enum = get_enum;
  iface.get_fixed = get_bytes;
  iface.get_size = get_size;
  iface.get_by_index = get_by_index;
  iface.get_discriminant = get_discriminant;
  iface.get_current_branch = get_current_branch;
  return iface;
}

constinit avro_value_iface_t items_as_values = make_interface();

// Never less than what is written: Avro C's error for a full buffer goes through memory that all threads share.
std::size_t upper_bound(const std::vector<Item>& items) {
  constexpr std::size_t number = 10;  // the longest variable-length integer
  std::size_t total = 0;
  for (const Item& item : items) {
    total += 2 * number;
    if (item.text != nullptr) total += item.size;
    if (item.key != nullptr) total += number + std::strlen(item.key);
  }
  return total;
}

}  // namespace

Result<void> write_items(Scratch& scratch, std::size_t prefix, std::string& out) {
  const std::size_t begin = out.size() + prefix;
  out.resize(begin + upper_bound(scratch.items));
  const std::size_t room = out.size() - begin;
  avro_writer_t writer = avro_writer_memory(out.data() + begin, static_cast<std::int64_t>(room));
  if (writer == nullptr) return Error(ErrorCode::failed, "no memory for an Avro writer");
  avro_value_t root{&items_as_values, scratch.items.data()};
  const int failed = avro_value_write(writer, &root);
  const std::int64_t written = avro_writer_tell(writer);
  avro_writer_free(writer);
  if (failed != 0) return Error(ErrorCode::internal, "Avro C did not write the value");
  out.resize(begin + static_cast<std::size_t>(written));
  return {};
}

}  // namespace kafka_events::avro
