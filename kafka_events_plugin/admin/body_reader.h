// RapidJSON's tree of a request's body: an object whose fields are taken one by one, and what is wrong is named.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <string>
#include <string_view>
#include <utility>

#include "admin/request_body.h"

namespace kafka_events::admin {

inline constexpr std::size_t max_body_bytes = 64U << 10U;
inline constexpr std::size_t max_text_bytes = 1024;

inline std::string quoted(std::string_view text) { return std::string("\"").append(text).append("\""); }

/// Parsed without recursion; no text stands for {}.
inline std::optional<BodyProblem> parse_body(rapidjson::Document& document, std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) text = "{}";
  if (text.size() > max_body_bytes) return BodyProblem{"", "the body is longer than 64 KiB"};
  constexpr unsigned flags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
  document.Parse<flags>(text.data(), text.size());
  if (!document.HasParseError()) return std::nullopt;
  return BodyProblem{"", std::string("the body is not JSON: ")
                             .append(rapidjson::GetParseError_En(document.GetParseError()))
                             .append(" at offset ")
                             .append(std::to_string(document.GetErrorOffset()))};
}

/// An object's fields, taken one by one; the first thing that is wrong is kept.
class Body {
 public:
  using Names = std::initializer_list<std::string_view>;

  Body(std::string_view text, Names known) {
    problem_ = parse_body(document_, text);
    if (!problem_) read(document_, known);
  }
  /// A part of a body, which must live as long as this; `place` goes before the names of its fields in messages.
  Body(const rapidjson::Value& object, Names known, std::string place) : place_(std::move(place)) {
    read(object, known);
  }
  Body(const Body&) = delete;
  Body& operator=(const Body&) = delete;

  [[nodiscard]] const rapidjson::Value* find(const char* name) const {
    if (problem_ || object_ == nullptr) return nullptr;
    const auto found = object_->FindMember(name);
    return found == object_->MemberEnd() || found->value.IsNull() ? nullptr : &found->value;
  }

  std::optional<std::string> text(const char* name) {
    const rapidjson::Value* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (!value->IsString() || value->GetStringLength() == 0 || value->GetStringLength() > max_text_bytes) {
      refuse(name, "must be a text of 1 to " + std::to_string(max_text_bytes) + " bytes");
      return std::nullopt;
    }
    return std::string(value->GetString(), value->GetStringLength());
  }

  std::optional<std::int64_t> number(const char* name, std::int64_t lowest, std::int64_t highest) {
    const rapidjson::Value* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (!value->IsInt64() || value->GetInt64() < lowest || value->GetInt64() > highest) {
      refuse(name, "must be a whole number from " + std::to_string(lowest) + " to " + std::to_string(highest));
      return std::nullopt;
    }
    return value->GetInt64();
  }

  void refuse(std::string_view field, std::string message) {
    const std::string name = place_ + std::string(field);
    if (!name.empty()) message = quoted(name) + " " + message;
    if (!problem_) problem_ = BodyProblem{name, std::move(message)};
  }
  [[nodiscard]] const std::optional<BodyProblem>& problem() const { return problem_; }

 private:
  void read(const rapidjson::Value& value, Names known) {
    if (!value.IsObject()) return refuse("", place_.empty() ? "the body must be a JSON object" : "must be an object");
    object_ = &value;
    for (const auto& member : value.GetObject()) {
      const std::string_view name(member.name.GetString(), member.name.GetStringLength());
      if (std::ranges::find(known, name) != known.end()) continue;
      std::string fields;
      for (const std::string_view each : known) fields.append(fields.empty() ? "" : ", ").append(each);
      return refuse(name, "is not known; there are: " + fields);
    }
  }

  const std::string place_;
  rapidjson::Document document_;
  const rapidjson::Value* object_ = nullptr;
  std::optional<BodyProblem> problem_;
};

}  // namespace kafka_events::admin
