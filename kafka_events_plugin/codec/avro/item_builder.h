// Private to encoder*.cpp: one run over a JSON value.
#pragma once

#include "codec/avro/encoder.h"

namespace kafka_events::avro {

class ItemBuilder {
 public:
  ItemBuilder(Scratch& scratch, JsonForm form)
      : scratch_(scratch), form_(form), max_steps_(16 * std::size_t{scratch.tape.root().span} + 10'000) {}

  bool build(const Type& type, const Node& node);
  [[nodiscard]] Error error() const {
    return {ErrorCode::invalid, path_.empty() ? message_ : std::string(path_).append(": ").append(message_)};
  }

 private:
  struct Mark {
    std::size_t items;
    std::size_t made;
  };

  bool build_container(const Type& type, const Node& node);
  bool build_integer(const Type& type, const Node& node);
  bool build_real(const Type& type, const Node& node);
  bool build_bytes(const Type& type, const Node& node);
  bool build_string(const Type& type, const Node& node);
  bool build_enum(const Type& type, const Node& node);
  bool build_array(const Type& type, const Node& node);
  bool build_map(const Type& type, const Node& node);
  bool build_record(const Type& type, const Node& node);
  bool collect_members(const Type& type, const Node& node, std::size_t first_slot);
  bool build_default(const Field& field);
  bool build_union(const Type& type, const Node& node);
  bool build_branch(const Type& type, std::uint32_t branch, const Node& node);
  bool build_tagged(const Type& type, const Node& node);
  bool build_first_that_fits(const Type& type, const Node& node);
  bool build_only_branch(const Type& type, const Node& node);
  bool build_by_fit(const Type& type, const Node& node);
  int candidates(const Type& type, const Node& node, std::uint32_t& chosen);
  bool attempt(const Type& type, std::uint32_t branch, const Node& node);

  bool fail(const Type& type, const Node& node, std::string_view why = {});
  bool complain(std::string message);
  bool within(std::string_view segment);
  /// Between a segment and the path after it.
  [[nodiscard]] const char* joint() const { return path_.empty() || path_[0] == '[' || path_[0] == '{' ? "" : "."; }
  Item& add(const Type& type);
  bool add_made(const Type& type, std::string bytes);
  [[nodiscard]] Mark mark() const { return {scratch_.items.size(), scratch_.made.size()}; }
  void back_to(const Mark& mark);

  Scratch& scratch_;
  JsonForm form_;
  std::size_t max_steps_;
  std::size_t steps_ = 0;
  std::size_t depth_ = 0;
  int quiet_ = 0;  // attempts that may fail: no message is made
  int exact_ = 0;  // attempts without the other form of logical types
  std::string path_;
  std::string message_;
};

/// The branch that {"name": value} names, for an object of one member.
[[nodiscard]] std::optional<std::uint32_t> tagged_branch(const Type& type, const Node& node);

}  // namespace kafka_events::avro
