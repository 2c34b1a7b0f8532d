// Records as a direct user of RapidJSON writes and reads them; headers by hand.
#include "codec_references.h"

#include <rapidjson/document.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#include <rapidjson/writer.h>

#include "codec/cloudevents_attributes.h"
#include "harness.h"

namespace bench {
namespace {

using JsonWriter = rapidjson::Writer<rapidjson::StringBuffer>;
using kafka_events::Event;
using kafka_events::Header;

void put(JsonWriter& writer, std::string_view name, std::string_view text) {
  writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void put_json(JsonWriter& writer, std::string_view name, std::string_view json) {
  writer.Key(name.data(), static_cast<rapidjson::SizeType>(name.size()));
  writer.RawValue(json.data(), json.size(), rapidjson::kObjectType);
}

struct Ignore : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Ignore> {
  bool RawNumber(const char*, rapidjson::SizeType, bool) { return true; }
};

}  // namespace

void JsonRecords::require_json(std::string_view text) const {
  if (payload_ == Payload::as_it_is) return;
  rapidjson::MemoryStream stream(text.data(), text.size());
  rapidjson::Reader reader;
  Ignore handler;
  constexpr unsigned flags = rapidjson::kParseValidateEncodingFlag | rapidjson::kParseNumbersAsStringsFlag;
  if (reader.Parse<flags>(stream, handler).IsError()) give_up("the payload is no JSON");
}

std::string_view JsonRecords::envelope(const Event& event) {
  require_json(event.payload);
  out_.Clear();
  JsonWriter writer(out_);
  writer.StartObject();
  put(writer, "wallet_id", event.tenant);
  put(writer, "state", "active");
  put(writer, "topic", event.topic);
  put(writer, "category", "connections");
  put_json(writer, "payload", event.payload);
  writer.EndObject();
  return {out_.GetString(), out_.GetSize()};
}

std::string_view JsonRecords::cloudevent(const Event& event, std::string_view source, std::string_view key) {
  require_json(event.payload);
  out_.Clear();
  JsonWriter writer(out_);
  writer.StartObject();
  put(writer, "specversion", "1.0");
  put(writer, "id", event.id);
  put(writer, "source", source);
  put(writer, "type", event.topic);
  put(writer, "time", kafka_events::to_rfc3339(event.timestamp_us));
  put(writer, "agenttenant", event.tenant);
  put(writer, "partitionkey", key);
  put(writer, "datacontenttype", event.content_type);
  put_json(writer, "data", event.payload);
  writer.EndObject();
  return {out_.GetString(), out_.GetSize()};
}

std::size_t read_json_record(std::string_view value) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseValidateEncodingFlag>(value.data(), value.size());
  if (!document.IsObject()) give_up("a record is no JSON object");
  HeaderTexts fields;
  std::size_t bytes = 0;
  for (const auto& [name, member] : document.GetObject()) {
    if (!member.IsString()) continue;
    fields.emplace_back(std::string(name.GetString(), name.GetStringLength()),
                        std::string(member.GetString(), member.GetStringLength()));
    bytes += fields.back().second.size();
  }
  return bytes;
}

void list_headers(const Event& event, std::string_view source, std::string_view key, std::string& time,
                  std::vector<Header>& out) {
  time = kafka_events::to_rfc3339(event.timestamp_us);
  out.clear();
  out.push_back({"ce_specversion", "1.0"});
  out.push_back({"ce_id", event.id});
  out.push_back({"ce_source", source});
  out.push_back({"ce_type", event.topic});
  out.push_back({"ce_time", time});
  out.push_back({"ce_agenttenant", event.tenant});
  out.push_back({"ce_partitionkey", key});
  out.push_back({"content-type", event.content_type});
}

std::size_t copy_headers(const std::vector<Header>& headers) {
  HeaderTexts texts;
  std::string topic;
  std::string tenant;
  std::string content_type;
  for (const Header& header : headers) {
    if (header.name == "content-type") {
      content_type = header.value;
      continue;
    }
    if (header.name == "ce_type") topic = header.value;
    if (header.name == "ce_agenttenant") tenant = header.value;
    texts.emplace_back(header.name, header.value);
  }
  return texts.size() + topic.size() + tenant.size() + content_type.size();
}

bool parses(std::string_view text) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseValidateEncodingFlag>(text.data(), text.size());
  return !document.HasParseError();
}

}  // namespace bench
