// A JSON text as a flat list of its values, made in place: strings and numbers are views into the text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace kafka_events::avro {

enum class NodeKind : std::uint8_t { null_value, boolean, number, string, array, object };

/// An array's elements, or an object's names and values in turn, follow their node.
struct Node {
  const char* text = nullptr;  ///< of a string (NUL follows it) or a number
  std::uint32_t length = 0;    ///< of the text
  std::uint32_t count = 0;     ///< of elements, or members
  std::uint32_t span = 1;      ///< nodes, with all that is inside
  NodeKind kind = NodeKind::null_value;
  bool truth = false;

  [[nodiscard]] std::string_view view() const { return {text, length}; }
  [[nodiscard]] const Node* first() const { return this + 1; }
  [[nodiscard]] const Node* next() const { return this + span; }
};

/// For messages: "a JSON string".
[[nodiscard]] std::string_view described(NodeKind kind);

inline constexpr std::size_t max_tape_depth = 200;

class Tape {
 public:
  /// Rewrites `text`, which must stay as long as the nodes are looked at. Errors have the offset. The strings may hold
  /// halves of surrogate pairs or what is no UTF-8: whoever takes one checks it.
  Result<void> parse(std::string& text);
  [[nodiscard]] const Node& root() const { return nodes_.front(); }
  /// Memory that one large text took is given back.
  void trim();

 private:
  std::vector<Node> nodes_;
};

}  // namespace kafka_events::avro
