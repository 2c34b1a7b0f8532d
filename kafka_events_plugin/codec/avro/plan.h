// How records of one schema become JSON by another: Avro's schema resolution, worked out once for a pair of schemas.
// Avro C's own resolvers know neither the defaults of fields nor aliases.
#pragma once

#include <avro.h>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/avro/encoder.h"
#include "codec/avro/schema.h"

namespace kafka_events::avro {

/// No record becomes more JSON than this (a small one may ask for many large defaults).
inline constexpr std::size_t max_json_output = 256U << 20U;

/// One place of the writer's schema, as Avro C's avro_consume_binary() wants to have it.
struct Step : avro_consumer_t {
  LibrarySchema library_schema;
  const Type* reader = nullptr;  ///< null: the value is not wanted
  bool readable = false;
  std::string mismatch;            ///< not empty: no such value can be read
  std::vector<Step*> inner;        ///< of a record's fields, a union's branches, an array's or a map's values
  std::vector<std::string> texts;  ///< before each field ("name":), for each symbol (JSON, or empty: mismatch)
  std::string begin;               ///< of a record: what goes before its fields
  std::string end;                 ///< of a record: the members that the writer does not have, and the bracket
};

class Plan {
 public:
  /// `reader` may be the writer. Both are kept. What does not match is an error only where a record needs it.
  static std::shared_ptr<const Plan> compile(SchemaHandle writer, SchemaHandle reader, JsonForm form);
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  /// Appends the body as JSON. `offset`: of the body in the record, for messages. Any thread, several calls at once.
  Result<void> to_json(std::string_view body, std::size_t offset, std::string& out) const;
  /// The reader's schema is a string: appends it without quotes.
  Result<void> to_text(std::string_view body, std::size_t offset, std::string& out) const;
  [[nodiscard]] const Schema& reader() const { return *reader_; }

 private:
  friend class PlanCompiler;
  Plan() = default;

  SchemaHandle writer_;
  SchemaHandle reader_;
  std::deque<Step> steps_;
  Step* root_ = nullptr;
};

/// Sets the callbacks. [part of compile()]
void set_callbacks(Step& step);
/// Runs a body that has been checked.
Result<void> run_steps(Step& root, std::string_view body, std::string& out);

}  // namespace kafka_events::avro
