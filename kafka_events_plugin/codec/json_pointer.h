// RFC 6901: one scalar of a JSON text by its path, found without building a document.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace kafka_events {

class JsonPointer {
 public:
  /// Text such as "/connection/state"; "~1" stands for a slash, "~0" for a tilde. Fails with the position that is
  /// wrong.
  static Result<JsonPointer> compile(std::string_view text);

  /// Appends the value: a string without its quotes and escapes, a number or literal as it is written (null: nothing).
  /// Of repeated names the first counts. Fails with `not_found` if there is no such member, with `invalid` if the text
  /// is no JSON up to there or the value is an object or array. Messages hold nothing of the text.
  Result<void> append_value(std::string_view json, std::string& out) const;

 private:
  explicit JsonPointer(std::vector<std::string> tokens) : tokens_(std::move(tokens)) {}
  std::vector<std::string> tokens_;
};

}  // namespace kafka_events
