#include "codec/json_pointer.h"

#include <charconv>
#include <optional>

#include "codec/json_reader.h"

namespace kafka_events {
namespace {

// An index as RFC 6901 writes it: no sign, no leading zero.
std::optional<std::size_t> index_of(std::string_view token) {
  if (token.empty() || (token.size() > 1 && token.front() == '0')) return std::nullopt;
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  if (error != std::errc{} || end != token.data() + token.size()) return std::nullopt;
  return index;
}

// Follows the tokens down: `matched_` containers on the path are open, and the reader stands within the last of them as
// long as depth() == matched_.
class Finder : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Finder>, public JsonHandler {
 public:
  Finder(const std::vector<std::string>& tokens, std::string& out) : tokens_(tokens), out_(out) {}

  bool Null() { return scalar({}); }
  bool Bool(bool value) { return scalar(value ? "true" : "false"); }
  bool RawNumber(const char* text, Length length, bool) { return scalar({text, length}); }
  bool String(const char* text, Length length, bool) { return scalar({text, length}); }
  bool StartObject() { return container(false); }
  bool StartArray() { return container(true); }
  bool EndObject(Length) { return end(); }
  bool EndArray(Length) { return end(); }
  bool Key(const char* text, Length length, bool) {
    if (on_path()) next_is_target_ = std::string_view(text, length) == tokens_[matched_ - 1];
    return true;
  }

  [[nodiscard]] bool found() const { return found_; }

 private:
  [[nodiscard]] bool on_path() const { return matched_ > 0 && depth() == matched_; }

  // Called at the beginning of each value: is it the one that the path goes through?
  bool is_target() {
    if (depth() == 0) return true;
    if (!on_path()) return false;
    if (in_array_) return index_.has_value() && position_++ == *index_;
    return std::exchange(next_is_target_, false);
  }

  bool scalar(std::string_view value) {
    if (!is_target()) return true;
    if (matched_ < tokens_.size()) return refuse(ErrorCode::not_found, "there is no such member");
    out_.append(value);
    found_ = true;
    return false;
  }

  bool container(bool is_array) {
    const bool target = is_target();
    if (target && matched_ == tokens_.size()) return refuse(ErrorCode::invalid, "the value is an object or array");
    if (!enter()) return false;
    if (target) {
      index_ = is_array ? index_of(tokens_[matched_]) : std::nullopt;
      in_array_ = is_array;
      position_ = 0;
      ++matched_;
    }
    return true;
  }

  bool end() {
    if (on_path()) return refuse(ErrorCode::not_found, "there is no such member");
    leave();
    return true;
  }

  const std::vector<std::string>& tokens_;
  std::string& out_;
  std::size_t matched_ = 0;
  bool next_is_target_ = false;
  bool in_array_ = false;             // the innermost container on the path
  std::optional<std::size_t> index_;  // looked for in it
  std::size_t position_ = 0;          // in it
  bool found_ = false;
};

}  // namespace

Result<JsonPointer> JsonPointer::compile(std::string_view text) {
  if (!text.empty() && text.front() != '/') return Error(ErrorCode::invalid, "a JSON pointer begins with '/'");
  std::vector<std::string> tokens;
  for (std::size_t position = 0; position < text.size(); ++position) {
    const char character = text[position];
    if (character == '/') {
      tokens.emplace_back();
    } else if (character != '~') {
      tokens.back().push_back(character);
    } else if (position + 1 < text.size() && (text[position + 1] == '0' || text[position + 1] == '1')) {
      tokens.back().push_back(text[++position] == '0' ? '~' : '/');
    } else {
      return Error(ErrorCode::invalid,
                   "'~' at position " + std::to_string(position) + " of the JSON pointer is not followed by 0 or 1");
    }
  }
  return JsonPointer(std::move(tokens));
}

Result<void> JsonPointer::append_value(std::string_view json, std::string& out) const {
  rapidjson::MemoryStream stream(json.data(), json.size());
  Finder finder(tokens_, out);
  Result<void> read = read_json(stream, finder);
  if (finder.found()) return {};
  return read;
}

}  // namespace kafka_events
