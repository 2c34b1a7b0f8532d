// JSON checked in one pass, for the usual case that nothing is wrong: several times as fast as an event reader.

#include "codec/json_scan.h"

#include <bitset>

#include "codec/json_text.h"

namespace kafka_events {
namespace {

class Scan {
 public:
  explicit Scan(std::string_view text) : text_(text) {}

  bool run() {
    skip_space();
    // Each turn takes one value, or begins a container, and then closes all that end there.
    for (;;) {
      if (!value()) return false;
      while (after_value_ && depth_ != 0) {
        skip_space();
        if (!separator()) return false;
      }
      if (depth_ == 0 && after_value_) break;
    }
    skip_space();
    return at_ == text_.size();
  }

 private:
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char character) {
    if (peek() != character) return false;
    ++at_;
    return true;
  }
  void skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) {
      ++at_;
    }
  }
  bool word(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return after_value_ = true;
  }

  bool value() {
    switch (peek()) {
      case '"':
        return after_value_ = string();
      case '{':
        return open(true);
      case '[':
        return open(false);
      case 't':
        return word("true");
      case 'f':
        return word("false");
      case 'n':
        return word("null");
      default:
        return after_value_ = number();
    }
  }

  bool open(bool is_object) {
    if (depth_ == max_json_depth) return false;
    is_object_[depth_++] = is_object;
    ++at_;
    skip_space();
    after_value_ = false;
    if (take(is_object ? '}' : ']')) {
      --depth_;
      return after_value_ = true;
    }
    return !is_object || name();
  }

  bool name() {
    if (!string()) return false;
    skip_space();
    if (!take(':')) return false;
    skip_space();
    return true;
  }

  // Behind a value: the next one, or the end of the container.
  bool separator() {
    const bool is_object = is_object_[depth_ - 1];
    if (take(',')) {
      skip_space();
      after_value_ = false;
      return !is_object || name();
    }
    --depth_;
    return take(is_object ? '}' : ']');
  }

  bool string() {
    if (!take('"')) return false;
    for (;;) {
      at_ = skip_plain_text<true>(text_, at_);
      if (at_ == text_.size()) return false;
      const char character = text_[at_];
      if (character == '"') return ++at_, true;
      if (character == '\\') {
        if (!escape()) return false;
      } else {
        const std::size_t length = utf8_sequence(text_, at_);
        if (length < 2) return false;  // a control character, or no UTF-8
        at_ += length;
      }
    }
  }

  bool escape() {
    constexpr std::string_view simple = "\"\\/bfnrt";
    ++at_;
    if (take('u')) return hexadecimal();
    if (at_ == text_.size() || simple.find(text_[at_]) == std::string_view::npos) return false;
    return ++at_, true;
  }

  bool hexadecimal() {
    unsigned code = 0;
    for (int digit = 0; digit < 4; ++digit, ++at_) {
      const char character = peek();
      const char lower = static_cast<char>(character | 0x20);
      if (character >= '0' && character <= '9') {
        code = code * 16 + static_cast<unsigned>(character - '0');
      } else if (lower >= 'a' && lower <= 'f') {
        code = code * 16 + static_cast<unsigned>(lower - 'a') + 10;
      } else {
        return false;
      }
    }
    return code < 0xD800 || code > 0xDFFF;
  }

  std::size_t digits() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    return at_ - begin;
  }

  bool number() {
    constexpr std::size_t surely_a_double = 40;  // digits, before an exponent of two
    const std::size_t begin = at_;
    take('-');
    if (!take('0') && digits() == 0) return false;
    if (take('.') && digits() == 0) return false;
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (!take('+')) take('-');
      const std::size_t exponent = digits();
      if (exponent == 0 || exponent > 2) return false;
    }
    return at_ - begin <= surely_a_double;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  bool after_value_ = false;
  std::bitset<max_json_depth> is_object_;
};

}  // namespace

bool is_surely_json(std::string_view text) noexcept { return Scan(text).run(); }

}  // namespace kafka_events
