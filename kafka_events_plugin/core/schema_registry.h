// The port to a schema registry: schemas from memory, asked for in the background.
//
//   auto schema = registry.by_id(7);
//   if (!schema.ok() && schema.error().code == ErrorCode::unavailable) …     // not known yet: try again soon
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace kafka_events {

/// A schema as the registry has it. Immutable; one object for each id as long as anybody holds it.
struct RegisteredSchema {
  std::uint32_t id = 0;
  std::string text;                     ///< Avro's JSON
  std::vector<std::string> references;  ///< texts of the schemas that it refers to by name, each after those it needs
};
using SchemaPointer = std::shared_ptr<const RegisteredSchema>;

/// Which schema records of a subject are written with.
struct SubjectRequest {
  std::string_view subject;               ///< <topic>-value, <topic>-key
  std::optional<std::int32_t> version{};  ///< without `text`: none is the latest
  std::string_view text{};                ///< set: this schema, whose id is wanted
  bool auto_register = false;             ///< with `text`: it is registered if the subject does not have it
};

/// Any thread; no call waits for the network. What is not known yet is asked for in the background and is an
/// `unavailable` error meanwhile; `not_found` and `invalid` are what the registry has said (no such id, subject or version;
/// the schema is incompatible, with the registry's own explanation) and are asked anew after some seconds.
class SchemaRegistry {
 public:
  virtual ~SchemaRegistry() = default;
  virtual Result<SchemaPointer> by_id(std::uint32_t id) = 0;
  /// Cheap once known: a lookup without an allocation. What is `latest` is asked anew now and then.
  virtual Result<SchemaPointer> by_subject(const SubjectRequest& request) = 0;
};

}  // namespace kafka_events
