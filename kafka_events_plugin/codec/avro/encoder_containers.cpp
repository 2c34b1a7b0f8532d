// Records and maps: every member has its place, once.

#include <algorithm>
#include <cstring>

#include "codec/avro/item_builder.h"
#include "codec/avro/words.h"
#include "codec/json_text.h"

namespace kafka_events::avro {
namespace {

std::string member_name(const Node& name) {
  constexpr std::size_t shown = 64;
  std::string text(1, '"');
  text.append(name.view().substr(0, shown));
  if (name.length > shown) text += "…";
  return first_invalid_utf8(text) ? std::string("(no UTF-8)") : text.append("\"");
}

// The position of a repeated name among the members; few names are compared, many are sorted.
std::optional<std::size_t> repeated_member(const Node& object) {
  constexpr std::uint32_t few = 8;
  std::vector<std::string_view> names;
  if (object.count > few) names.reserve(object.count);
  const Node* name = object.first();
  for (std::uint32_t index = 0; index < object.count; ++index, name = name->next()->next()) {
    if (object.count > few) {
      names.push_back(name->view());
      continue;
    }
    const Node* earlier = object.first();
    for (std::uint32_t before = 0; before < index; ++before, earlier = earlier->next()->next()) {
      if (earlier->view() == name->view()) return index;
    }
  }
  std::sort(names.begin(), names.end());
  const auto twin = std::adjacent_find(names.begin(), names.end());
  if (twin == names.end()) return std::nullopt;
  name = object.first();
  for (std::size_t index = 0, seen = 0;; ++index, name = name->next()->next()) {
    if (name->view() == *twin && ++seen == 2) return index;
  }
}

}  // namespace

bool ItemBuilder::build_map(const Type& type, const Node& node) {
  if (node.kind != NodeKind::object) return fail(type, node);
  if (const std::optional<std::size_t> twin = repeated_member(node)) {
    return complain(joined({"member ", std::to_string(*twin), " of the map has the name of an earlier one"}));
  }
  add(type).size = node.count;
  const Node* name = node.first();
  for (std::uint32_t index = 0; index < node.count; ++index, name = name->next()->next()) {
    const std::size_t at = scratch_.items.size();
    if (std::memchr(name->text, '\0', name->length) != nullptr || first_invalid_utf8(name->view())) {
      complain("the name is not UTF-8 without NUL characters");
    } else if (build(*type.items, *name->next())) {
      scratch_.items[at].key = name->text;
      continue;
    }
    // By number, as names are values here.
    return quiet_ ? false : within(joined({"{", std::to_string(index), "}", joint()}));
  }
  return true;
}

bool ItemBuilder::collect_members(const Type& type, const Node& node, std::size_t first_slot) {
  const std::size_t fields = type.fields.size();
  std::size_t next = 0;  // members mostly come in the order of the schema
  const Node* name = node.first();
  for (std::uint32_t member = 0; member < node.count; ++member, name = name->next()->next()) {
    if (next >= fields || type.fields[next].name != name->view()) {
      const auto found = type.index.find(name->view());
      if (found == type.index.end()) {
        return complain(joined(
            {"the JSON object has a member ", member_name(*name), ", which ", type.described(), " does not have"}));
      }
      next = found->second;
    }
    const Node*& slot = scratch_.members[first_slot + next];
    if (slot != nullptr) return complain(joined({"the JSON object has two members ", member_name(*name)}));
    slot = name->next();
    ++next;
  }
  return true;
}

bool ItemBuilder::build_default(const Field& field) {
  if (!field.has_default) return complain(joined({"expected ", field.type->described(), ", found no such member"}));
  if (field.default_error) return complain(joined({"its default in the schema: ", field.default_error->message}));
  Item& item = add(*field.type);
  item.text = field.default_bytes.data();
  item.size = field.default_bytes.size();
  item.is_encoded = true;
  return true;
}

bool ItemBuilder::build_record(const Type& type, const Node& node) {
  if (node.kind != NodeKind::object) return fail(type, node);
  const std::size_t first_slot = scratch_.members.size();
  scratch_.members.resize(first_slot + type.fields.size(), nullptr);
  bool built = collect_members(type, node, first_slot);
  if (built) add(type).size = type.fields.size();
  for (std::size_t index = 0; built && index < type.fields.size(); ++index) {
    const Field& field = type.fields[index];
    const Node* member = scratch_.members[first_slot + index];
    built = member != nullptr ? build(*field.type, *member) : build_default(field);
    if (!built && !quiet_) within(field.name + joint());
  }
  scratch_.members.resize(first_slot);
  return built;
}

void ItemBuilder::back_to(const Mark& mark) {
  scratch_.items.resize(mark.items);
  scratch_.made.resize(mark.made);
}

}  // namespace kafka_events::avro
