// The record of bench_avro, and the codec on a registry in memory.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "codec/avro_codec.h"
#include "harness.h"

namespace bench {

inline constexpr std::string_view record_schema = R"({"type":"record","name":"Reservation","fields":[
  {"name":"message_id","type":"string"},{"name":"slice_id","type":"string"},{"name":"sequence","type":"int"},
  {"name":"state","type":{"type":"enum","name":"State","symbols":["NASCENT","TICKETED","ACTIVE"]}},
  {"name":"ready","type":"boolean"},{"name":"share","type":"double"},
  {"name":"units","type":{"type":"array","items":{"type":"record","name":"Unit","fields":[
    {"name":"id","type":"string"},{"name":"start","type":"long"},{"name":"end","type":"long"},
    {"name":"note","type":["null","string"]}]}}},
  {"name":"properties","type":{"type":"map","values":"string"}},{"name":"email","type":["null","string"]}]})";

/// About 1 KB.
inline std::string record_json() {
  std::string text =
      R"({"message_id":"3fa85f64-5717-4562-b3fc-2c963f66afa6","slice_id":"9b2d7c1e-0f55-4f0c-8a8e-d3f0c1)";
  text += R"(a1b2c3","sequence":17,"state":"ACTIVE","ready":true,"share":0.375,"units":[)";
  for (int unit = 0; unit < 6; ++unit) {
    text += unit == 0 ? "" : ",";
    text += R"({"id":"11111111-2222-3333-4444-55555555555)";
    text += static_cast<char>('0' + unit);
    text += R"(","start":1795264200000,"end":1795350600000,"note":)";
    text += unit % 2 == 0 ? "null}" : R"("a note of some length on this one"})";
  }
  text += R"(],"properties":{"image":"debian-12","site":"RENC","vlan":"1042","bandwidth":"10 Gbit/s","interface":"enp)";
  return text +
         R"(3s0","label":"a longer text that says what the user wants to know of this reservation"},"email":null})";
}

class AvroRoundTrip {
 public:
  AvroRoundTrip() {
    auto made = kafka_events::make_avro_codec({}, registry_);
    if (!made.ok()) give_up(made.error().message);
    codec_ = std::move(made.value());
  }

  std::size_t operator()(const std::string& json) {
    kafka_events::Event event;
    event.payload = json;
    const auto encoded = codec_->encode(event, {.kafka_topic = "reservations"}, buffers_);
    if (!encoded.ok()) give_up(encoded.error().message);
    const auto decoded = codec_->decode({.value = encoded.value().value}, decoded_);
    if (!decoded.ok()) give_up(decoded.error().message);
    return decoded_.payload.size();
  }

 private:
  class OneSchema final : public kafka_events::SchemaRegistry {
   public:
    kafka_events::Result<kafka_events::SchemaPointer> by_id(std::uint32_t) override { return schema_; }
    kafka_events::Result<kafka_events::SchemaPointer> by_subject(const kafka_events::SubjectRequest&) override {
      return schema_;
    }

   private:
    kafka_events::SchemaPointer schema_ = std::make_shared<const kafka_events::RegisteredSchema>(
        kafka_events::RegisteredSchema{.id = 7, .text = std::string(record_schema), .references = {}});
  };

  OneSchema registry_;
  std::unique_ptr<kafka_events::Codec> codec_;
  kafka_events::EncodeBuffers buffers_;
  kafka_events::DecodedEvent decoded_;
};

}  // namespace bench
