// What a registry with Confluent's REST API says, as values. Pure functions: any text is fine, hostile ones included.
// https://docs.confluent.io/platform/current/schema-registry/develop/api.html
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace kafka_events {

/// Texts of a registry are cut to this many bytes in messages.
inline constexpr std::size_t max_reason_bytes = 2000;

struct SchemaReference {
  std::string subject;
  std::int32_t version = 0;
};

struct SchemaAnswer {
  std::uint32_t id = 0;  ///< 0: it does not say
  std::string text;      ///< empty: it does not say
  std::vector<SchemaReference> references;
};

/// An answer with a schema, its id, or both. Fails with `invalid` for one that is not Avro, else with `unavailable`.
[[nodiscard]] Result<SchemaAnswer> read_schema_answer(std::string_view body);

/// The error of an answer whose status is not 200: `not_found` and `invalid` where the registry has decided, `unavailable`
/// where it, or something on the way to it, would not or could not. Apicurio, Karapace and Redpanda answer the same.
[[nodiscard]] Error read_failure(long status, std::string_view body);

/// Why a schema is not compatible, in the registry's words (Confluent's `messages`, Apicurio's `reason`); empty: no reason.
[[nodiscard]] std::string read_compatibility(std::string_view body);

/// {"schema": "…"}
[[nodiscard]] std::string schema_request(std::string_view text);

/// A subject as a part of a path (RFC 3986, percent-encoded).
[[nodiscard]] std::string path_part(std::string_view text);

}  // namespace kafka_events
