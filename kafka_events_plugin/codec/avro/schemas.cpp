#include "codec/avro/schemas.h"

#include "codec/avro/words.h"

namespace kafka_events::avro {

std::uint64_t crc64_avro(std::string_view bytes, std::uint64_t fingerprint) noexcept {
  constexpr std::uint64_t empty = 0xC15D213AA4D7A795U;
  for (const char character : bytes) {
    fingerprint ^= static_cast<std::uint8_t>(character);
    for (int bit = 0; bit < 8; ++bit) {
      fingerprint = (fingerprint >> 1U) ^ ((fingerprint & 1U) != 0 ? empty : 0U);
    }
  }
  return fingerprint;
}

// The fingerprint is of the whole text and not of its parsing canonical form: that form has no defaults, aliases and
// logical types, so that schemas of one canonical form may read differently.
Result<SchemaHandle> Schemas::parsed(const RegisteredSchema& registered) {
  std::string text;
  for (const std::string& reference : registered.references) text.append(reference).push_back('\0');
  text += registered.text;
  const std::uint64_t fingerprint = crc64_avro(text);
  if (const auto known = by_fingerprint_.find(fingerprint); known && (*known)->text == text) return (*known)->schema;
  Result<SchemaHandle> schema = Schema::parse(registered.text, registered.references);
  if (!schema.ok()) return Error(ErrorCode::invalid, schema.error().message);
  by_fingerprint_.put(fingerprint,
                      std::make_shared<const Fingerprinted>(Fingerprinted{std::move(text), schema.value()}));
  return schema;
}

Result<SchemaHandle> Schemas::compiled(const RegisteredSchema& registered) {
  if (std::optional<Result<SchemaHandle>> known = by_id_.find(registered.id)) return std::move(*known);
  Result<SchemaHandle> schema = parsed(registered);
  if (!schema.ok())
    schema = schema.error().within(joined({"schema ", std::to_string(registered.id), " of the registry"}));
  by_id_.put(registered.id, schema);
  return schema;
}

Result<SchemaHandle> Schemas::by_id(std::uint32_t id) {
  if (std::optional<Result<SchemaHandle>> known = by_id_.find(id)) return std::move(*known);
  const Result<SchemaPointer> registered = registry_.by_id(id);
  if (registered.ok()) return compiled(*registered.value());
  const Error& error = registered.error();
  if (error.code == ErrorCode::unavailable) return error;
  return Error(ErrorCode::invalid, error.message);  // which names the schema
}

Result<std::shared_ptr<const Plan>> Schemas::plan(std::uint32_t id, const SchemaHandle& reader, JsonForm form,
                                                  bool keys) {
  const std::uint64_t key = std::uint64_t{id} * 2 + (keys ? 1 : 0);
  if (std::optional<std::shared_ptr<const Plan>> known = plans_.find(key)) return std::move(*known);
  Result<SchemaHandle> writer = by_id(id);
  if (!writer.ok()) return writer.error();
  std::shared_ptr<const Plan> plan = Plan::compile(writer.value(), reader != nullptr ? reader : writer.value(), form);
  plans_.put(key, plan);
  return plan;
}

}  // namespace kafka_events::avro
