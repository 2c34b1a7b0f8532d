// Reads the text of a template into its parts.

#include <array>
#include <utility>

#include "outbound/template.h"

namespace kafka_events {

class TemplateCompiler {
 public:
  explicit TemplateCompiler(std::string_view text) : text_(text) {}

  Result<Template> run() {
    while (position_ < text_.size()) {
      if (Result<void> step = next(); !step.ok()) return step.error();
    }
    flush();
    template_.text_ = text_;
    return std::move(template_);
  }

 private:
  using Kind = Template::Kind;

  Result<void> next() {
    const char character = text_[position_];
    if (character != '{' && character != '}' && character != '$') {
      literal_.push_back(character);
      ++position_;
      return {};
    }
    if (peek(1) == character) {  // doubled: the character itself
      literal_.push_back(character);
      position_ += 2;
      return {};
    }
    if (character == '}') return wrong(position_, "'}' closes nothing (write }} for the character)");
    if (character == '{') return braces(position_ + 1);
    return peek(1) == '{' ? braces(position_ + 2) : dollar();
  }

  Result<void> braces(std::size_t begin) {
    const std::size_t end = text_.find('}', begin);
    if (end == std::string_view::npos) return wrong(position_, "'{' is never closed (write {{ for the character)");
    return placeholder(text_.substr(begin, end - begin), end + 1);
  }

  // $name takes as many letters as it can, $1 one digit.
  Result<void> dollar() {
    const std::size_t begin = position_ + 1;
    std::size_t end = begin;
    if (end < text_.size() && is_digit(text_[end])) {
      ++end;
    } else {
      while (end < text_.size() && (is_letter(text_[end]) || is_digit(text_[end]))) ++end;
    }
    if (end == begin) return wrong(position_, "no name follows '$' (write $$ for the character)");
    return placeholder(text_.substr(begin, end - begin), end);
  }

  Result<void> placeholder(std::string_view name, std::size_t end) {
    Template::Part part;
    part.text = name;
    constexpr std::string_view header = "header.";
    constexpr std::string_view payload = "payload.";
    if (name.size() == 1 && name[0] >= '1' && name[0] <= '9') {
      part.kind = Kind::capture;
      part.index = static_cast<std::uint32_t>(name[0] - '1');
    } else if (name.starts_with(header) && name.size() > header.size()) {
      part.kind = Kind::header;
    } else if (name.starts_with(payload)) {
      Result<JsonPointer> pointer = JsonPointer::compile(name.substr(payload.size()));
      if (!pointer.ok()) return wrong(position_, pointer.error().message);
      part.kind = Kind::payload;
      part.index = static_cast<std::uint32_t>(template_.pointers_.size());
      template_.pointers_.push_back(std::move(pointer).value());
    } else if (!named(name, part.kind)) {
      return wrong(position_, std::string(1, '{').append(name).append(
                                  "} is not known (there are {topic} {topic:kafka} {tenant} {wallet_id} {state} "
                                  "{category} {1} to {9} {header.NAME} {payload./json/pointer})"));
    }
    flush();
    template_.parts_.push_back(std::move(part));
    position_ = end;
    return {};
  }

  static bool named(std::string_view name, Kind& kind) {
    constexpr std::array<std::pair<std::string_view, Kind>, 6> names = {{{"topic", Kind::topic},
                                                                         {"topic:kafka", Kind::topic_kafka},
                                                                         {"tenant", Kind::tenant},
                                                                         {"wallet_id", Kind::wallet_id},
                                                                         {"state", Kind::state},
                                                                         {"category", Kind::category}}};
    for (const auto& [known, its_kind] : names) {
      if (known != name) continue;
      kind = its_kind;
      return true;
    }
    return false;
  }

  void flush() {
    if (literal_.empty()) return;
    Template::Part part;
    part.text = std::exchange(literal_, {});
    template_.parts_.push_back(std::move(part));
  }

  [[nodiscard]] char peek(std::size_t ahead) const {
    return position_ + ahead < text_.size() ? text_[position_ + ahead] : '\0';
  }
  static bool is_digit(char character) { return character >= '0' && character <= '9'; }
  static bool is_letter(char character) {
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') || character == '_';
  }
  static Error wrong(std::size_t position, const std::string& what) {
    return {ErrorCode::invalid, "position " + std::to_string(position + 1) + ": " + what};
  }

  std::string_view text_;
  std::size_t position_ = 0;
  std::string literal_;  // being collected
  Template template_;
};

Result<Template> Template::compile(std::string_view text) { return TemplateCompiler(text).run(); }

}  // namespace kafka_events
