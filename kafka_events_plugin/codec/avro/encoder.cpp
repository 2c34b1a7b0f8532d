// JSON values find their types: scratch.tape becomes scratch.items, in the order of the schema.

#include "codec/avro/encoder.h"

#include <algorithm>
#include <cfloat>
#include <charconv>
#include <cmath>
#include <cstring>

#include "codec/avro/item_builder.h"
#include "codec/avro/text_values.h"
#include "codec/avro/words.h"
#include "codec/json_text.h"

namespace kafka_events::avro {

bool ItemBuilder::fail(const Type& type, const Node& node, std::string_view why) {
  if (quiet_) return false;
  message_ = "expected ";
  message_.append(type.described()).append(", found ").append(described(node.kind));
  if (!why.empty()) message_.append(" ").append(why);
  return false;
}

bool ItemBuilder::complain(std::string message) {
  if (!quiet_) message_ = std::move(message);
  return false;
}

bool ItemBuilder::within(std::string_view segment) {
  if (!quiet_) path_.insert(0, segment);
  return false;
}

Item& ItemBuilder::add(const Type& type) {
  Item& item = scratch_.items.emplace_back();
  item.type = &type;
  return item;
}

bool ItemBuilder::build(const Type& type, const Node& node) {
  if (++steps_ > max_steps_) return complain("too many ways to read it: give the branches of unions by name");
  switch (type.kind) {
    case Kind::null_type:
      return node.kind == NodeKind::null_value ? (add(type), true) : fail(type, node);
    case Kind::boolean:
      if (node.kind != NodeKind::boolean) return fail(type, node);
      add(type).integer = node.truth ? 1 : 0;
      return true;
    case Kind::int_type:
    case Kind::long_type:
      return build_integer(type, node);
    case Kind::float_type:
    case Kind::double_type:
      return build_real(type, node);
    case Kind::bytes:
    case Kind::fixed:
      return build_bytes(type, node);
    case Kind::string:
      return build_string(type, node);
    case Kind::enumeration:
      return build_enum(type, node);
    default:
      break;
  }
  if (depth_ == max_value_depth)
    return complain(joined({"nests deeper than ", std::to_string(max_value_depth), " levels"}));
  ++depth_;
  const bool built = build_container(type, node);
  --depth_;
  return built;
}

bool ItemBuilder::build_container(const Type& type, const Node& node) {
  const std::size_t at = scratch_.items.size();
  bool built = false;
  if (type.kind == Kind::union_type) {
    built = build_union(type, node);
  } else if (type.kind == Kind::array) {
    built = build_array(type, node);
  } else {
    built = type.kind == Kind::map ? build_map(type, node) : build_record(type, node);
  }
  if (built) scratch_.items[at].span = static_cast<std::uint32_t>(scratch_.items.size() - at);
  return built;
}

bool ItemBuilder::build_integer(const Type& type, const Node& node) {
  std::int64_t value = 0;
  if (node.kind == NodeKind::string && type.logical != Logical::none && (exact_ == 0 || form_.readable)) {
    if (const char* why = parse_logical(type.logical, node.view(), value)) return fail(type, node, why);
  } else if (node.kind == NodeKind::number) {
    const auto [end, error] = std::from_chars(node.text, node.text + node.length, value);
    if (error == std::errc::result_out_of_range) return fail(type, node, "that is out of range");
    if (end != node.text + node.length) return fail(type, node, "with a fraction or an exponent");
  } else {
    return fail(type, node);
  }
  if (type.kind == Kind::int_type && (value < INT32_MIN || value > INT32_MAX)) {
    return fail(type, node, "that is out of range");
  }
  add(type).integer = value;
  return true;
}

bool ItemBuilder::build_real(const Type& type, const Node& node) {
  double value = 0;
  if (node.kind == NodeKind::string) {  // JSON has no numbers for these; other implementations write them as text
    if (node.view() == "NaN") {
      value = std::nan("");
    } else if (node.view() == "Infinity" || node.view() == "-Infinity") {
      value = node.text[0] == '-' ? -HUGE_VAL : HUGE_VAL;
    } else {
      return fail(type, node);
    }
  } else if (node.kind == NodeKind::number) {
    const std::from_chars_result read = std::from_chars(node.text, node.text + node.length, value);
    if (read.ec != std::errc{}) {
      // Too small for a double is zero; too large is an error.
      char* end = nullptr;
      value = std::strtod(std::string(node.view()).c_str(), &end);
      if (std::isinf(value)) return fail(type, node, "that is out of range");
    }
    if (type.kind == Kind::float_type && std::fabs(value) > static_cast<double>(FLT_MAX)) {
      return fail(type, node, "that is out of range");
    }
  } else {
    return fail(type, node);
  }
  add(type).real = value;
  return true;
}

bool ItemBuilder::add_made(const Type& type, std::string bytes) {
  Item& item = add(type);
  scratch_.made.push_back(std::move(bytes));
  item.text = scratch_.made.back().data();
  item.size = scratch_.made.back().size();
  return true;
}

bool ItemBuilder::build_bytes(const Type& type, const Node& node) {
  const bool decimal = type.logical == Logical::decimal;
  if (decimal && (node.kind == NodeKind::number || (node.kind == NodeKind::string && form_.readable))) {
    std::string bytes;
    if (const char* why = parse_decimal(node.view(), type, bytes)) return fail(type, node, why);
    return add_made(type, std::move(bytes));
  }
  if (node.kind != NodeKind::string) return fail(type, node);
  const std::optional<std::size_t> length = latin1_length(node.view());
  if (!length) return fail(type, node, "with code points above U+00FF");
  if (type.kind == Kind::fixed && *length != type.size) {
    return fail(type, node, joined({"of ", std::to_string(*length), " bytes instead of ", std::to_string(type.size)}));
  }
  Item& item = add(type);
  item.text = node.text;
  item.size = node.length;
  item.is_latin1 = *length != node.length;
  return true;
}

bool ItemBuilder::build_string(const Type& type, const Node& node) {
  if (node.kind != NodeKind::string) return fail(type, node);
  if (first_invalid_utf8(node.view())) return fail(type, node, "that is not UTF-8");
  if (type.logical == Logical::uuid && form_.readable && !is_uuid(node.view())) {
    return fail(type, node, "that is not a UUID");
  }
  Item& item = add(type);
  item.text = node.text;
  item.size = node.length;
  return true;
}

bool ItemBuilder::build_enum(const Type& type, const Node& node) {
  if (node.kind != NodeKind::string) return fail(type, node);
  const auto symbol = type.index.find(node.view());
  if (symbol == type.index.end()) return fail(type, node, "that is none of its symbols");
  add(type).integer = symbol->second;
  return true;
}

bool ItemBuilder::build_array(const Type& type, const Node& node) {
  if (node.kind != NodeKind::array) return fail(type, node);
  add(type).size = node.count;
  const Node* element = node.first();
  for (std::uint32_t index = 0; index < node.count; ++index, element = element->next()) {
    if (build(*type.items, *element)) continue;
    return quiet_ ? false : within(joined({"[", std::to_string(index), "]", joint()}));
  }
  return true;
}

Result<void> encode_json(const Type& type, JsonForm form, Scratch& scratch, std::size_t prefix, std::string& out) {
  scratch.items.clear();
  scratch.made.clear();
  scratch.members.clear();
  ItemBuilder builder(scratch, form);
  if (!builder.build(type, scratch.tape.root())) return builder.error();
  return write_items(scratch, prefix, out);
}

Result<void> encode_text(const Type& type, std::string_view text, Scratch& scratch, std::size_t prefix,
                         std::string& out) {
  const bool in_record =
      type.kind == Kind::record && type.fields.size() == 1 && type.fields.front().type->kind == Kind::string;
  if (type.kind != Kind::string && !in_record) {
    return Error(ErrorCode::invalid, joined({"expected ", type.described(), ", found text that is no JSON"}));
  }
  if (const std::optional<std::size_t> offset = first_invalid_utf8(text)) {
    return Error(ErrorCode::invalid,
                 joined({"expected string, found bytes that are not UTF-8 at offset ", std::to_string(*offset)}));
  }
  scratch.items.clear();
  if (in_record) {
    Item& record = scratch.items.emplace_back();
    record.type = &type;
    record.size = 1;
    record.span = 2;
  }
  Item& item = scratch.items.emplace_back();
  item.type = in_record ? type.fields.front().type : &type;
  item.text = text.data();
  item.size = text.size();
  return write_items(scratch, prefix, out);
}

void Scratch::trim() {
  constexpr std::size_t kept = 10'000;
  constexpr std::size_t kept_text = 262'144;
  tape.trim();
  made.clear();
  if (items.capacity() > kept) std::vector<Item>().swap(items);
  if (text.capacity() > kept_text) std::string().swap(text);
}

}  // namespace kafka_events::avro
