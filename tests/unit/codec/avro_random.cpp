#include "avro_random.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "codec/avro/words.h"

namespace avro_test {

using kafka_events::avro::joined;

struct RandomSchema::Node {
  std::string kind;
  std::string name;  // full, of named types; else the kind
  std::string text;
  std::vector<NodePointer> inner;
  std::vector<std::string> names;  // of fields or symbols
  std::vector<Node*> again;        // a field that is the record itself, or null; else null
  std::uint32_t size = 0;
};

namespace {

std::string quoted(const std::string& text) { return joined({"\"", text, "\""}); }

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0U | (code >> 6U));
    put(0x80U | (code & 0x3FU));
  } else {
    put(0xE0U | (code >> 12U));
    put(0x80U | ((code >> 6U) & 0x3FU));
    put(0x80U | (code & 0x3FU));
  }
}

}  // namespace

RandomSchema::RandomSchema(std::uint64_t seed, bool tagged) : random_(seed), tagged_(tagged) {
  root_ = make(0, "", false);
  text_ = root_->text;
}

std::string RandomSchema::value() { return value_of(*root_, 0); }

std::string RandomSchema::fresh_name(const std::string& space, std::string& text) {
  std::string name = "T";
  name += std::to_string(named_++);
  switch (below(3)) {
    case 0:  // in the namespace around it
      text = joined({"\"name\":", quoted(name)});
      return space.empty() ? name : space + "." + name;
    case 1:
      text = joined({"\"name\":", quoted(name), ",\"namespace\":\"a.b\""});
      return joined({"a.b.", name});
    default:
      name.insert(0, "c.");
      text = joined({"\"name\":", quoted(name)});
      return name;
  }
}

RandomSchema::NodePointer RandomSchema::make(int depth, const std::string& space, bool in_union) {
  static const char* const primitives[] = {"null", "boolean", "int", "long", "float", "double", "bytes", "string"};
  std::uint32_t which = below(depth >= 5 ? 8 : 16);
  if (in_union && which >= 14) which = below(8);
  if (which < 8) {
    auto node = std::make_shared<Node>();
    node->kind = node->name = primitives[which];
    node->text = below(4) == 0 ? joined({"{\"type\":", quoted(node->kind), "}"}) : quoted(node->kind);
    return node;
  }
  if (which < 10) {
    auto node = std::make_shared<Node>();
    node->kind = node->name = which == 8 ? "array" : "map";
    node->inner.push_back(make(depth + 1, space, false));
    node->text = joined({"{\"type\":", quoted(node->kind),
                         which == 8 ? ",\"items\":" : ",\"values\":", node->inner.front()->text, "}"});
    return node;
  }
  return which < 14 ? make_named(depth, space, which) : make_union(depth, space);
}

RandomSchema::NodePointer RandomSchema::make_named(int depth, const std::string& space, std::uint32_t which) {
  if (!known_.empty() && below(4) == 0) {  // once more, by its name
    const Node& known = *known_[below(static_cast<std::uint32_t>(known_.size()))];
    auto node = std::make_shared<Node>(known);
    node->text = quoted(known.name);
    return node;
  }
  if (which >= 12) return make_record(depth, space);
  auto node = std::make_shared<Node>();
  std::string naming;
  node->name = fresh_name(space, naming);
  if (which == 10) {
    node->kind = "enum";
    std::string symbols;
    for (std::uint32_t symbol = 0, count = 1 + below(5); symbol < count; ++symbol) {
      node->names.push_back(joined({"S", std::to_string(symbol)}));
      symbols.append(symbol == 0 ? "" : ",").append(quoted(node->names.back()));
    }
    node->text = joined({"{\"type\":\"enum\",", naming, ",\"symbols\":[", symbols, "]}"});
  } else {
    node->kind = "fixed";
    node->size = below(9);
    node->text = joined({"{\"type\":\"fixed\",", naming, ",\"size\":", std::to_string(node->size), "}"});
  }
  known_.push_back(node);
  return node;
}

RandomSchema::NodePointer RandomSchema::make_record(int depth, const std::string& space) {
  auto node = std::make_shared<Node>();
  std::string naming;
  node->kind = "record";
  node->name = fresh_name(space, naming);
  const std::size_t dot = node->name.rfind('.');
  const std::string own_space = dot == std::string::npos ? "" : node->name.substr(0, dot);
  open_records_.push_back(node.get());
  std::string fields;
  for (std::uint32_t field = 0, count = below(6); field < count; ++field) {
    node->names.push_back(joined({"f", std::to_string(field)}));
    const bool again = below(6) == 0;
    node->again.push_back(again ? open_records_[below(static_cast<std::uint32_t>(open_records_.size()))] : nullptr);
    node->inner.push_back(again ? std::make_shared<Node>() : make(depth + 1, own_space, false));
    const std::string type =
        again ? joined({"[\"null\",", quoted(node->again.back()->name), "]"}) : node->inner.back()->text;
    fields += joined({field == 0 ? "" : ",", "{\"name\":", quoted(node->names.back()), ",\"type\":", type, "}"});
  }
  open_records_.pop_back();
  node->text = joined({"{\"type\":\"record\",", naming, ",\"fields\":[", fields, "]}"});
  // Only what refers to nothing but itself can be copied by name everywhere.
  if (open_records_.empty()) known_.push_back(node);
  return node;
}

RandomSchema::NodePointer RandomSchema::make_union(int depth, const std::string& space) {
  auto node = std::make_shared<Node>();
  node->kind = node->name = "union";
  for (std::uint32_t branch = 0, count = 1 + below(4); branch < count; ++branch) {
    NodePointer inner = make(depth + 1, space, true);
    bool twice = false;
    for (const NodePointer& other : node->inner) twice = twice || other->name == inner->name;
    if (twice) continue;
    node->text.append(node->inner.empty() ? "[" : ",").append(inner->text);
    node->inner.push_back(std::move(inner));
  }
  node->text += "]";
  return node;
}

std::string RandomSchema::integer(bool is_long) {
  const auto wide = static_cast<std::int64_t>(random_() >> below(64));
  const std::int64_t value = below(2) == 0 ? wide : ~wide;
  return std::to_string(is_long ? value : static_cast<std::int64_t>(static_cast<std::int32_t>(value)));
}

std::string RandomSchema::real(bool is_double) {
  char text[40];
  const std::uint64_t bits = random_();
  double wide = 0;
  float narrow = 0;
  std::memcpy(&wide, &bits, sizeof wide);
  std::memcpy(&narrow, &bits, sizeof narrow);
  if (is_double ? !std::isfinite(wide) : !std::isfinite(narrow)) return "\"NaN\"";
  const char* end = is_double ? std::to_chars(text, text + sizeof text, wide).ptr
                              : std::to_chars(text, text + sizeof text, narrow).ptr;
  return {text, static_cast<std::size_t>(end - text)};
}

// A JSON string of code points up to the highest one.
std::string RandomSchema::string(std::uint32_t highest) {
  std::string text = "\"";
  for (std::uint32_t index = 0, count = below(12); index < count; ++index) {
    const std::uint32_t code = below(3) == 0 ? below(highest + 1) : 32 + below(95);
    if (code < 0x20 || code == '"' || code == '\\') {
      constexpr const char* digits = "0123456789abcdef";
      text.append("\\u00").append(1, digits[code >> 4U]).append(1, digits[code & 0xFU]);
    } else {
      append_utf8(text, code);
    }
  }
  return text + "\"";
}

std::string RandomSchema::union_value(const Node& node, int depth) {
  const Node& branch = *node.inner[below(static_cast<std::uint32_t>(node.inner.size()))];
  if (branch.kind == "null") return "null";
  std::size_t others = 0;
  for (const NodePointer& inner : node.inner) others += inner->kind != "null" ? 1 : 0;
  const std::string value = value_of(branch, depth);
  return tagged_ || others > 1 ? joined({"{", quoted(branch.name), ":", value, "}"}) : value;
}

std::string RandomSchema::record_value(const Node& node, int depth) {
  std::vector<std::string> members;
  for (std::size_t field = 0; field < node.names.size(); ++field) {
    std::string value = "null";
    if (node.again[field] == nullptr) {
      value = value_of(*node.inner[field], depth + 1);
    } else if (depth < 8 && below(2) == 0) {
      value = value_of(*node.again[field], depth + 1);
      if (tagged_) value = joined({"{", quoted(node.again[field]->name), ":", value, "}"});
    }
    members.push_back(joined({quoted(node.names[field]), ":", value}));
  }
  std::shuffle(members.begin(), members.end(), random_);
  std::string text;
  for (const std::string& member : members) text.append(text.empty() ? "" : ",").append(member);
  return joined({"{", text, "}"});
}

std::string RandomSchema::value_of(const Node& node, int depth) {
  if (node.kind == "null") return "null";
  if (node.kind == "boolean") return below(2) == 0 ? "true" : "false";
  if (node.kind == "int" || node.kind == "long") return integer(node.kind == "long");
  if (node.kind == "float" || node.kind == "double") return real(node.kind == "double");
  if (node.kind == "string") return string(0xD7FF);
  if (node.kind == "bytes") return string(0xFF);
  if (node.kind == "enum") return quoted(node.names[below(static_cast<std::uint32_t>(node.names.size()))]);
  if (node.kind == "record") return record_value(node, depth);
  if (node.kind == "union") return union_value(node, depth);
  if (node.kind == "fixed") {
    std::string bytes;
    for (std::uint32_t index = 0; index < node.size; ++index) append_utf8(bytes, 0xA0 + below(96));
    return quoted(bytes);
  }
  std::string text;
  for (std::uint32_t index = 0, count = below(depth > 6 ? 2 : 4); index < count; ++index) {
    if (index != 0) text += ",";
    if (node.kind == "map") text += joined({"\"k", std::to_string(index), "\":"});
    text += value_of(*node.inner.front(), depth + 1);
  }
  return node.kind == "map" ? joined({"{", text, "}"}) : joined({"[", text, "]"});
}

}  // namespace avro_test
