// A writer that knows the shapes of this folder's answers: members of any type, arrays of texts, arrays of objects.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <optional>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <string>
#include <string_view>
#include <vector>

namespace kafka_events::admin {

class Json {
 public:
  template <class Body>
  static std::string object(Body body) {
    Json json;
    json.writer_.StartObject();
    body(json);
    json.writer_.EndObject();
    return {json.buffer_.GetString(), json.buffer_.GetSize()};
  }

  void member(std::string_view name, std::string_view value) { key(name), text(value); }
  void member(std::string_view name, const char* value) { member(name, std::string_view(value)); }
  void member(std::string_view name, bool value) { key(name), writer_.Bool(value); }
  void member(std::string_view name, std::uint64_t value) { key(name), writer_.Uint64(value); }
  void member(std::string_view name, std::int32_t value) { key(name), writer_.Int(value); }
  void member(std::string_view name, std::optional<std::int64_t> value) {
    key(name);
    value ? writer_.Int64(*value) : writer_.Null();
  }
  void member(std::string_view name, const std::vector<std::string>& values) {
    key(name);
    writer_.StartArray();
    for (const std::string& value : values) text(value);
    writer_.EndArray();
  }
  void numbers(std::string_view name, const std::vector<std::int32_t>& values) {
    key(name);
    writer_.StartArray();
    for (const std::int32_t value : values) writer_.Int(value);
    writer_.EndArray();
  }
  void member(std::string_view name, double value) { key(name), writer_.Double(value); }
  void null(std::string_view name) { key(name), writer_.Null(); }

  template <class Body>
  void object(std::string_view name, Body body) {
    key(name);
    writer_.StartObject();
    body();
    writer_.EndObject();
  }

  template <class List, class Body>
  void list(std::string_view name, const List& values, Body body) {
    key(name);
    writer_.StartArray();
    for (const auto& value : values) {
      writer_.StartObject();
      body(value);
      writer_.EndObject();
    }
    writer_.EndArray();
  }

 private:
  void key(std::string_view name) { writer_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size())); }
  void text(std::string_view value) {
    writer_.String(value.empty() ? "" : value.data(), static_cast<rapidjson::SizeType>(value.size()));
  }

  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

/// RFC 3339 in UTC.
inline std::string to_text(std::chrono::system_clock::time_point time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> buffer{};
  const std::size_t size = std::strftime(buffer.data(), buffer.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {buffer.data(), size};
}

}  // namespace kafka_events::admin
