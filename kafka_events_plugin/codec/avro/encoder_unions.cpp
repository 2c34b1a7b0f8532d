// Which branch of a union a JSON value is.

#include "codec/avro/item_builder.h"

namespace kafka_events::avro {

std::optional<std::uint32_t> tagged_branch(const Type& type, const Node& node) {
  if (node.kind != NodeKind::object || node.count != 1) return std::nullopt;
  for (std::uint32_t branch = 0; branch < type.branches.size(); ++branch) {
    const Type& candidate = *type.branches[branch];
    if (candidate.kind != Kind::null_type && candidate.name == node.first()->view()) return branch;
  }
  return std::nullopt;
}

bool ItemBuilder::build_branch(const Type& type, std::uint32_t branch, const Node& node) {
  add(type).size = branch;
  return build(*type.branches[branch], node);
}

// Without a message; what a failure added is gone.
bool ItemBuilder::attempt(const Type& type, std::uint32_t branch, const Node& node) {
  const Mark before = mark();
  ++quiet_;
  const bool built = build_branch(type, branch, node);
  --quiet_;
  if (!built) back_to(before);
  return built;
}

bool ItemBuilder::build_tagged(const Type& type, const Node& node) {
  if (const std::optional<std::uint32_t> branch = tagged_branch(type, node)) {
    return build_branch(type, *branch, *node.first()->next());
  }
  return fail(type, node, node.kind == NodeKind::object ? "that does not name a branch" : "without a branch's name");
}

bool ItemBuilder::build_first_that_fits(const Type& type, const Node& node) {
  for (std::uint32_t branch = 0; branch < type.branches.size(); ++branch) {
    if (attempt(type, branch, node)) return true;
  }
  return fail(type, node);
}

// Without the name, or, where that does not fit, with it.
bool ItemBuilder::build_only_branch(const Type& type, const Node& node) {
  const std::uint32_t branch = *type.only_branch;
  if (!tagged_branch(type, node)) {
    const NodeKind kind = node.kind;
    // A scalar of the wrong kind is told with all that the union takes.
    const bool scalar = kind != NodeKind::object && kind != NodeKind::array;
    if (build_branch(type, branch, node)) return true;
    return scalar && path_.empty() && message_.ends_with(described(kind)) ? fail(type, node) : false;
  }
  return attempt(type, branch, node) || build_branch(type, branch, *node.first()->next());
}

// How many branches take the value; the first one's items stay.
int ItemBuilder::candidates(const Type& type, const Node& node, std::uint32_t& chosen) {
  int found = 0;
  for (std::uint32_t branch = 0; branch < type.branches.size() && found < 2; ++branch) {
    const Mark before = mark();
    if (!attempt(type, branch, node)) continue;
    if (++found == 1) {
      chosen = branch;
    } else {
      back_to(before);
    }
  }
  return found;
}

bool ItemBuilder::build_by_fit(const Type& type, const Node& node) {
  const Mark before = mark();
  if (const std::optional<std::uint32_t> branch = tagged_branch(type, node)) {
    if (attempt(type, *branch, *node.first()->next())) return true;
  }
  std::uint32_t chosen = 0;
  ++exact_;
  int found = candidates(type, node, chosen);
  --exact_;
  if (found == 0 && exact_ == 0) found = candidates(type, node, chosen);
  if (found == 1) return true;
  back_to(before);
  if (found > 1) return fail(type, node, "that several of these take: give the branch's name, {\"type\": value}");
  // With a name, the branch's own message says more.
  if (const std::optional<std::uint32_t> branch = tagged_branch(type, node)) {
    return build_branch(type, *branch, *node.first()->next());
  }
  return fail(
      type, node,
      node.kind == NodeKind::object || node.kind == NodeKind::array ? "that none of these takes" : std::string_view());
}

bool ItemBuilder::build_union(const Type& type, const Node& node) {
  if (node.kind == NodeKind::null_value) {
    return type.null_branch ? build_branch(type, *type.null_branch, node) : fail(type, node);
  }
  if (form_.unions == UnionForm::first_that_fits) return build_first_that_fits(type, node);
  if (form_.unions == UnionForm::tagged) return build_tagged(type, node);
  return type.only_branch ? build_only_branch(type, node) : build_by_fit(type, node);
}

}  // namespace kafka_events::avro
