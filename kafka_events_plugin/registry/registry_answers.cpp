// JSON of the registry, read by RapidJSON without recursion.
#include "registry/registry_answers.h"

#include <cctype>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace kafka_events {
namespace {

using Json = rapidjson::Value;

bool parse(rapidjson::Document& document, std::string_view body) {
  constexpr unsigned flags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
  return !document.Parse<flags>(body.data(), body.size()).HasParseError() && document.IsObject();
}

const Json* member(const Json& object, const char* name) {
  if (!object.IsObject()) return nullptr;
  const auto found = object.FindMember(name);
  return found == object.MemberEnd() ? nullptr : &found->value;
}

std::string text_of(const Json& object, const char* name) {
  const Json* value = member(object, name);
  return value != nullptr && value->IsString() ? std::string(value->GetString(), value->GetStringLength())
                                               : std::string();
}

/// Fit for a log line: no control characters, bounded, not cut within a character.
std::string shown(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  if (text.size() > max_reason_bytes) {
    std::size_t end = max_reason_bytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
    text.resize(end);
    text += "…";
  }
  return text;
}

Error useless(std::string_view what) {
  return {ErrorCode::unavailable, std::string("its answer cannot be used: ").append(what)};
}

Result<std::vector<SchemaReference>> read_references(const Json& answer) {
  std::vector<SchemaReference> references;
  const Json* list = member(answer, "references");
  if (list == nullptr || list->IsNull()) return references;
  if (!list->IsArray()) return useless("`references` is no array");
  for (const Json& each : list->GetArray()) {
    const Json* version = member(each, "version");
    if (version == nullptr || !version->IsInt()) return useless("a reference has no version");
    references.push_back({text_of(each, "subject"), version->GetInt()});
    if (references.back().subject.empty()) return useless("a reference has no subject");
  }
  return references;
}

std::string status_words(long status) {
  switch (status) {
    case 401:
      return " (it does not know the user or the password)";
    case 403:
      return " (it does not allow this)";
    case 429:
      return " (too many requests)";
    default:
      break;
  }
  // Whatever it is: the registry's own "not found" has an error_code that says of what.
  if (status == 404) return " (nothing is there: is the URL that of the API? Apicurio's ends in /apis/ccompat/v7)";
  if (status >= 300 && status < 400) return " (a redirect, which is not followed: give the address itself)";
  return status >= 500 ? " (it is in trouble)" : "";
}

ErrorCode code_of(long status, int error_code) {
  if (status == 404 && error_code >= 40401 && error_code <= 40499) return ErrorCode::not_found;
  if (status == 409 || status == 422) return ErrorCode::invalid;
  return ErrorCode::unavailable;
}

}  // namespace

Result<SchemaAnswer> read_schema_answer(std::string_view body) {
  rapidjson::Document document;
  if (!parse(document, body)) return useless("no JSON object");
  SchemaAnswer answer;
  if (const Json* id = member(document, "id"); id != nullptr) {
    if (!id->IsUint()) return useless("`id` is no number of 32 bits");
    answer.id = id->GetUint();
  }
  const std::string type = text_of(document, "schemaType");
  if (!type.empty() && type != "AVRO") return Error(ErrorCode::invalid, "the schema is not Avro, but " + shown(type));
  answer.text = text_of(document, "schema");
  if (answer.id == 0 && answer.text.empty()) return useless("neither `schema` nor `id`");
  auto references = read_references(document);
  if (!references) return references.error();
  answer.references = std::move(references.value());
  return answer;
}

Error read_failure(long status, std::string_view body) {
  rapidjson::Document document;
  int error_code = 0;
  std::string message;
  if (parse(document, body)) {
    const Json* code = member(document, "error_code");
    if (code != nullptr && code->IsInt()) error_code = code->GetInt();
    message = shown(text_of(document, "message"));
  }
  const ErrorCode decided = code_of(status, error_code);
  std::string text = "HTTP " + std::to_string(status);
  if (error_code != 0) text += ", error " + std::to_string(error_code);
  if (decided == ErrorCode::unavailable) text += status_words(status);
  if (!message.empty()) text.append(": ").append(message);
  return {decided, std::move(text)};
}

std::string read_compatibility(std::string_view body) {
  rapidjson::Document document;
  if (!parse(document, body)) return {};
  std::string reasons = text_of(document, "reason");
  if (const Json* list = member(document, "messages"); list != nullptr && list->IsArray()) {
    for (const Json& each : list->GetArray()) {
      if (!each.IsString() || reasons.size() > max_reason_bytes) continue;
      if (!reasons.empty()) reasons += "; ";
      reasons.append(each.GetString(), each.GetStringLength());
    }
  }
  return shown(std::move(reasons));
}

std::string schema_request(std::string_view text) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  writer.StartObject();
  writer.Key("schema");
  writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

std::string path_part(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    const bool plain = (octet >= '0' && octet <= '9') || ((octet | 0x20U) >= 'a' && (octet | 0x20U) <= 'z') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      encoded += c;
    } else {
      encoded.append({'%', digits[octet >> 4U], digits[octet & 15U]});
    }
  }
  return encoded;
}

}  // namespace kafka_events
