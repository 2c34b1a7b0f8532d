// The schemas of one codec, compiled once: by the registry's id, and by fingerprint where ids differ and texts do not.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "codec/avro/cache.h"
#include "codec/avro/plan.h"
#include "codec/avro/schema.h"
#include "core/schema_registry.h"

namespace kafka_events::avro {

inline constexpr std::size_t max_cached_schemas = 1000;

/// CRC-64-AVRO (Avro specification, "Schema Fingerprints").
[[nodiscard]] std::uint64_t crc64_avro(std::string_view bytes,
                                       std::uint64_t fingerprint = 0xC15D213AA4D7A795U) noexcept;

/// Any thread.
class Schemas {
 public:
  explicit Schemas(SchemaRegistry& registry) : registry_(registry) {}

  /// Of an id that stands in a record. `unavailable` as the registry says it; all else is `invalid`.
  Result<SchemaHandle> by_id(std::uint32_t id);
  /// What the registry answered.
  Result<SchemaHandle> compiled(const RegisteredSchema& registered);
  /// How records of this id become JSON by `reader` (null: by their own schema). `keys`: keys have plans of their own.
  Result<std::shared_ptr<const Plan>> plan(std::uint32_t id, const SchemaHandle& reader, JsonForm form, bool keys);

 private:
  struct Fingerprinted {
    std::string text;  // with those of the references; fingerprints may collide
    SchemaHandle schema;
  };

  Result<SchemaHandle> parsed(const RegisteredSchema& registered);

  SchemaRegistry& registry_;
  Cache<std::uint32_t, Result<SchemaHandle>> by_id_{max_cached_schemas};
  Cache<std::uint64_t, std::shared_ptr<const Fingerprinted>> by_fingerprint_{max_cached_schemas};
  Cache<std::uint64_t, std::shared_ptr<const Plan>> plans_{max_cached_schemas};
};

}  // namespace kafka_events::avro
