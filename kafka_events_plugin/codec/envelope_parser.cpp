#include "codec/envelope_parser.h"

#include <array>
#include <optional>

#include "codec/json_reader.h"

namespace kafka_events {
namespace {

enum Member : std::size_t { wallet_id, state, topic, category, payload, unknown };
constexpr std::array<std::string_view, unknown> member_names = {"wallet_id", "state", "topic", "category", "payload"};

Member member_of(std::string_view name) {
  for (std::size_t member = 0; member < member_names.size(); ++member) {
    if (member_names[member] == name) return static_cast<Member>(member);
  }
  return unknown;
}

std::string about(std::string_view member, std::string_view complaint) {
  std::string text(1, '"');
  return text.append(member).append("\" ").append(complaint);
}

class EnvelopeHandler : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, EnvelopeHandler>, public JsonHandler {
 public:
  EnvelopeHandler(const rapidjson::MemoryStream& stream, DecodedEvent& out) : stream_(stream), out_(out) {}

  bool Null() { return scalar(std::string_view{}); }
  bool Bool(bool) { return scalar(std::nullopt); }
  bool RawNumber(const char*, Length, bool) { return scalar(std::nullopt); }
  bool String(const char* text, Length length, bool) { return scalar(std::string_view(text, length)); }
  bool Key(const char* text, Length length, bool) { return depth() != 1 || begin_member({text, length}); }
  bool StartObject() { return begin_container(); }
  bool StartArray() { return depth() == 0 ? not_an_object() : begin_container(); }
  bool EndObject(Length) { return end_container(); }
  bool EndArray(Length) { return end_container(); }

  [[nodiscard]] bool has_payload() const { return seen_[payload]; }

 private:
  bool not_an_object() { return refuse(ErrorCode::invalid, "the envelope is not an object"); }
  bool wrong_type() { return refuse(ErrorCode::invalid, about(member_names[member_], "is not a text")); }

  bool begin_member(std::string_view name) {
    member_ = member_of(name);
    name_end_ = stream_.Tell();
    if (member_ == unknown || !std::exchange(seen_[member_], true)) return true;
    return refuse(ErrorCode::invalid, about(name, "occurs twice"));
  }

  bool scalar(std::optional<std::string_view> text) {
    if (depth() == 0) return not_an_object();
    if (depth() != 1 || member_ == unknown) return true;
    if (member_ == payload) return end_payload(stream_.Tell());
    return text.has_value() ? take(*text) : wrong_type();
  }

  bool begin_container() {
    if (depth() == 1 && member_ < payload) return wrong_type();
    return enter();
  }

  bool end_container() {
    leave();
    if (depth() != 1 || member_ != payload) return true;
    return end_payload(stream_.Tell() + 1);  // the iterative reader tells before it takes the bracket
  }

  // Between the name and the value there is nothing but white space and one colon: the reader has seen to that.
  bool end_payload(std::size_t end) {
    const std::string_view text(stream_.begin_, stream_.size_);
    const std::size_t begin = text.find_first_not_of(" \t\r\n", text.find(':', name_end_) + 1);
    out_.payload = text.substr(begin, end - begin);
    member_ = unknown;
    return true;
  }

  bool take(std::string_view text) {
    // An escape such as \udc00 passes the reader and is not UTF-8.
    if (first_invalid_utf8(text)) {
      return refuse(ErrorCode::invalid, about(member_names[member_], "holds half a surrogate pair"));
    }
    switch (member_) {
      case wallet_id:
        out_.tenant = text == "base" ? std::string_view{} : text;
        break;
      case state:
        out_.state = text;
        break;
      case topic:
        out_.topic = text;
        break;
      case category:
        out_.category = text;
        break;
      default:
        break;
    }
    return true;
  }

  const rapidjson::MemoryStream& stream_;
  DecodedEvent& out_;
  Member member_ = unknown;   // the one at depth 1 whose value is being read
  std::size_t name_end_ = 0;  // of that member
  std::array<bool, unknown> seen_{};
};

class PayloadHandler : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, PayloadHandler>, public JsonHandler {
 public:
  bool Default() { return next_is_state_ = false, true; }
  bool RawNumber(const char*, Length, bool) { return Default(); }
  bool Key(const char* text, Length length, bool) {
    next_is_state_ = depth() == 1 && std::string_view(text, length) == "state";
    return true;
  }
  bool String(const char* text, Length length, bool) {
    const std::string_view value(text, length);
    if (std::exchange(next_is_state_, false) && !first_invalid_utf8(value)) state_ = value;
    return true;
  }
  bool StartObject() { return next_is_state_ = false, enter(); }
  // An array at the root has depth 1 too, but no keys.
  bool StartArray() { return next_is_state_ = false, enter(); }
  bool EndObject(Length) { return leave(), true; }
  bool EndArray(Length) { return leave(), true; }

  [[nodiscard]] std::string& state() { return state_; }

 private:
  bool next_is_state_ = false;
  std::string state_;
};

}  // namespace

Result<void> parse_envelope(Bytes value, DecodedEvent& out) {
  rapidjson::MemoryStream stream(value.data(), value.size());
  EnvelopeHandler handler(stream, out);
  if (Result<void> read = read_json(stream, handler); !read.ok()) return read.error().within("envelope");
  if (!handler.has_payload()) return Error(ErrorCode::invalid, "envelope: there is no \"payload\"");
  return {};
}

Result<std::string> check_payload(Bytes payload) {
  rapidjson::MemoryStream stream(payload.data(), payload.size());
  PayloadHandler handler;
  if (Result<void> read = read_json(stream, handler); !read.ok()) return read.error();
  return std::move(handler.state());
}

}  // namespace kafka_events
