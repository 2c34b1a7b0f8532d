// A schema registry in memory, and the codec on it. Private to the avro tests.
#pragma once

#include <doctest/doctest.h>
#include <map>
#include <mutex>
#include <rapidjson/document.h>
#include <string>
#include <vector>

#include "codec/avro_codec.h"

namespace avro_test {

using namespace kafka_events;

class FakeRegistry final : public SchemaRegistry {
 public:
  /// The next id; subject empty: known by its id only.
  std::uint32_t add(std::string text, std::string subject = {}, std::vector<std::string> references = {}) {
    const std::lock_guard lock(mutex_);
    const auto id = static_cast<std::uint32_t>(by_id_.size() + 1);
    by_id_[id] = std::make_shared<const RegisteredSchema>(
        RegisteredSchema{.id = id, .text = std::move(text), .references = std::move(references)});
    if (!subject.empty()) subjects_[subject].push_back(by_id_[id]);
    return id;
  }

  Result<SchemaPointer> by_id(std::uint32_t id) override {
    const std::lock_guard lock(mutex_);
    ++asked;
    if (away) return Error(ErrorCode::unavailable, "the registry is away");
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) {
      // The registry client names what it asked for.
      return Error(ErrorCode::not_found, std::string("schema ").append(std::to_string(id)).append(": there is none"));
    }
    return found->second;
  }

  Result<SchemaPointer> by_subject(const SubjectRequest& request) override {
    if (request.auto_register) register_text(request);
    const std::lock_guard lock(mutex_);
    if (away) return Error(ErrorCode::unavailable, "the registry is away");
    last_subject = request.subject;
    const auto found = subjects_.find(std::string(request.subject));
    if (found == subjects_.end()) return Error(ErrorCode::not_found, "there is no such subject");
    if (!request.text.empty()) {
      for (const SchemaPointer& schema : found->second) {
        if (schema->text == request.text) return schema;
      }
      return Error(ErrorCode::not_found, "the subject does not have the schema");
    }
    const std::size_t version = request.version ? static_cast<std::size_t>(*request.version) : found->second.size();
    if (version == 0 || version > found->second.size()) return Error(ErrorCode::not_found, "no such version");
    return found->second[version - 1];
  }

  bool away = false;
  int asked = 0;
  std::string last_subject;

 private:
  void register_text(const SubjectRequest& request) {
    for (const SchemaPointer& schema : subjects_[std::string(request.subject)]) {
      if (schema->text == request.text) return;
    }
    add(std::string(request.text), std::string(request.subject));
  }

  std::mutex mutex_;
  std::map<std::uint32_t, SchemaPointer> by_id_;
  std::map<std::string, std::vector<SchemaPointer>> subjects_;
};

/// Writes with one schema of the registry and reads with it, or with the settings' own.
struct Bench {
  FakeRegistry registry;
  config::SchemaSettings settings;
  std::unique_ptr<Codec> codec;

  Codec& made() {
    if (codec == nullptr) {
      Result<std::unique_ptr<Codec>> result = make_avro_codec(settings, registry);
      REQUIRE_MESSAGE(result.ok(), (result.ok() ? "" : result.error().message));
      codec = std::move(result.value());
    }
    return *codec;
  }

  Result<Encoded> encode(std::string_view payload, Bytes key = {}) {
    Event event;
    event.payload = payload;
    return made().encode(event, {.kafka_topic = "orders", .key = key}, buffers);
  }

  Result<void> decode(Bytes value, Bytes key = {}) {
    return made().decode(InboundRecord{.topic = "orders", .key = key, .value = value}, decoded);
  }

  EncodeBuffers buffers;
  DecodedEvent decoded;
};

/// The value's bytes with a schema of its own; or the error's message.
inline std::string encoded(const std::string& schema, std::string_view payload, config::SchemaSettings settings = {}) {
  Bench bench;
  bench.settings = std::move(settings);
  bench.registry.add(schema, "orders-value");
  const Result<Encoded> result = bench.encode(payload);
  return result.ok() ? std::string(result.value().value.substr(5)) : result.error().message;
}

/// The JSON of a body that was written with `writer` and is read with `reader` (empty: the writer's); or the message.
inline std::string decoded(const std::string& writer, std::string_view body, config::SchemaSettings settings = {}) {
  Bench bench;
  bench.settings = std::move(settings);
  const std::uint32_t id = bench.registry.add(writer);
  std::string value("\0\0\0\0", 4);
  value.push_back(static_cast<char>(id));
  value.append(body);
  const Result<void> result = bench.decode(value);
  return result.ok() ? std::string(bench.decoded.payload) : result.error().message;
}

/// JSON to Avro to JSON; or the message.
inline std::string there_and_back(const std::string& schema, std::string_view payload,
                                  config::SchemaSettings settings = {}) {
  Bench bench;
  bench.settings = std::move(settings);
  bench.registry.add(schema, "orders-value");
  const Result<Encoded> result = bench.encode(payload);
  if (!result.ok()) return result.error().message;
  const Result<void> back = bench.decode(std::string(result.value().value));
  return back.ok() ? std::string(bench.decoded.payload) : back.error().message;
}

inline config::SchemaSettings readable() {
  config::SchemaSettings settings;
  settings.logical_types = config::LogicalTypes::readable;
  return settings;
}

inline config::SchemaSettings tagged() {
  config::SchemaSettings settings;
  settings.json = config::AvroJson::avro;
  return settings;
}

inline config::SchemaSettings reading_as(std::string schema) {
  config::SchemaSettings settings;
  settings.value_schema = std::move(schema);
  return settings;
}

inline bool same_json(const std::string& left, const std::string& right) {
  rapidjson::Document first;
  rapidjson::Document second;
  return !first.Parse<rapidjson::kParseFullPrecisionFlag>(left.c_str()).HasParseError() &&
         !second.Parse<rapidjson::kParseFullPrecisionFlag>(right.c_str()).HasParseError() && first == second;
}

}  // namespace avro_test
