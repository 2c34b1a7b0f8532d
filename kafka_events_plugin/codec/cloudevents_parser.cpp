#include "codec/cloudevents_parser.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "codec/base64.h"
#include "codec/cloudevents_attributes.h"
#include "codec/json_reader.h"

namespace kafka_events {
namespace {

constexpr std::string_view data_member = "data";
constexpr std::string_view base64_member = "data_base64";
constexpr std::string_view content_type_member = "datacontenttype";
constexpr std::size_t max_members = 256;  // each is compared with those before

class CloudEventHandler : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, CloudEventHandler>,
                          public JsonHandler {
 public:
  CloudEventHandler(const rapidjson::MemoryStream& stream, DecodedEvent& out) : stream_(stream), out_(out) {}

  bool Null() { return scalar(std::nullopt); }
  bool Bool(bool value) { return scalar(value ? "true" : "false"); }
  bool RawNumber(const char* text, Length length, bool) { return number({text, length}); }
  bool String(const char* text, Length length, bool) { return string({text, length}); }
  bool Key(const char* text, Length length, bool) { return depth() != 1 || begin_member({text, length}); }
  bool StartObject() { return begin_container(); }
  bool StartArray() {
    if (depth() == 0) return complain("an array: batched CloudEvents are not supported, send each one as a record");
    return begin_container();
  }
  bool EndObject(Length) { return end_container(); }
  bool EndArray(Length) { return end_container(); }

  /// After the whole text was read.
  Result<void> finish() {
    if (Result<void> complete = required_.complete(); !complete.ok()) return complete;
    if (data_ && base64_) return Error(ErrorCode::invalid, "both \"data\" and \"data_base64\" are there");
    if (base64_) {
      if (!append_from_base64(out_.buffer, *base64_)) return Error(ErrorCode::invalid, "\"data_base64\" is no base64");
      return payload_is_buffer();
    }
    const bool is_json = is_json_type(out_.content_type);
    if (!data_ || (is_null_ && !is_json)) return {};
    if (!text_ || is_json) {
      out_.payload = *data_;
      return {};
    }
    // Data of another type is its text, not the text's JSON.
    if (first_invalid_utf8(*text_)) return Error(ErrorCode::invalid, "\"data\" holds half a surrogate pair");
    out_.buffer = std::move(*text_);
    return payload_is_buffer();
  }

 private:
  bool complain(std::string_view what) { return refuse(ErrorCode::invalid, std::string(what)); }

  Result<void> payload_is_buffer() {
    out_.payload = out_.buffer;
    out_.payload_in_value = false;
    return {};
  }

  bool begin_member(std::string_view name) {
    if (std::ranges::find(members_, name) != members_.end()) {
      return complain(shown_attribute(name).append(" occurs twice"));
    }
    if (members_.size() == max_members) return complain("it has more than 256 attributes");
    members_.emplace_back(name);
    name_end_ = stream_.Tell();
    in_data_ = name == data_member;
    return true;
  }

  [[nodiscard]] bool in_member() const { return depth() == 1; }
  bool no_object() { return complain("it is no JSON object"); }

  bool number(std::string_view text) {
    if (!in_member() || in_data_) return scalar(text);
    std::int32_t whole = 0;  // an Integer attribute has 32 bits (CloudEvents 1.0.2, section 3.1)
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
    if (error != std::errc{} || end != text.data() + text.size()) {
      return complain("attribute " + shown_attribute(members_.back()) + " is a number that is no 32-bit integer");
    }
    return scalar(text);
  }

  bool string(std::string_view text) {
    if (in_member() && in_data_) text_ = text;
    if (in_member() && members_.back() == base64_member) {
      base64_ = text;
      return true;
    }
    is_string_ = true;
    const bool goes_on = scalar(text);
    is_string_ = false;
    return goes_on;
  }

  /// None: null, which is as good as not being there.
  bool scalar(std::optional<std::string_view> text) {
    if (depth() == 0) return no_object();
    if (!in_member()) return true;
    if (in_data_) {
      is_null_ = !text;
      return end_data(stream_.Tell());
    }
    const std::string_view name = members_.back();
    if (name == base64_member) return !text || complain("\"data_base64\" is no text");
    return !text || attribute(name, *text);
  }

  bool attribute(std::string_view name, std::string_view value) {
    static constexpr std::array texts = {"id", "source", "specversion", "type", "subject", "time", "dataschema"};
    if (!is_string_ && (name == content_type_member || std::ranges::find(texts, name) != texts.end())) {
      return complain("attribute " + shown_attribute(name) + " is no text");
    }
    if (Result<void> checked = check_attribute(name, value); !checked.ok()) return complain(checked.error().message);
    required_.see(name);
    if (name == content_type_member) {
      out_.content_type = value;
      return true;
    }
    out_.headers.emplace_back(std::string(cloudevents_header_prefix).append(name), value);
    return true;
  }

  bool begin_container() {
    if (in_member() && !in_data_) {
      return complain("attribute " + shown_attribute(members_.back()) + " is an object or array");
    }
    return enter();
  }

  bool end_container() {
    leave();
    if (!in_member() || !in_data_) return true;
    return end_data(stream_.Tell() + 1);  // the iterative reader tells before it takes the bracket
  }

  // Between the name and the value there is nothing but white space and one colon: the reader has seen to that.
  bool end_data(std::size_t end) {
    const std::string_view text(stream_.begin_, stream_.size_);
    const std::size_t begin = text.find_first_not_of(" \t\r\n", text.find(':', name_end_) + 1);
    data_ = text.substr(begin, end - begin);
    in_data_ = false;
    return true;
  }

  const rapidjson::MemoryStream& stream_;
  DecodedEvent& out_;
  RequiredAttributes required_;
  std::vector<std::string> members_;  // names so far
  std::size_t name_end_ = 0;          // of the newest
  bool in_data_ = false;              // the value of "data" is being read
  bool is_string_ = false;
  bool is_null_ = false;                  // data is
  std::optional<std::string_view> data_;  // as it is written
  std::optional<std::string> text_;       // of data that is a string
  std::optional<std::string> base64_;
};

}  // namespace

Result<void> parse_cloudevent(Bytes value, DecodedEvent& out) {
  rapidjson::MemoryStream stream(value.data(), value.size());
  CloudEventHandler handler(stream, out);
  if (Result<void> read = read_json(stream, handler); !read.ok()) return read;
  return handler.finish();
}

bool is_json_type(std::string_view content_type) noexcept {
  content_type = content_type.substr(0, content_type.find(';'));
  while (!content_type.empty() && content_type.back() == ' ') content_type.remove_suffix(1);
  if (content_type.empty()) return true;
  std::string lower(content_type);
  std::ranges::transform(lower, lower.begin(), [](char each) {
    return each >= 'A' && each <= 'Z' ? static_cast<char>(each - 'A' + 'a') : each;
  });
  return lower.ends_with("/json") || lower.ends_with("+json");
}

}  // namespace kafka_events
