// Texts with placeholders, compiled once: Kafka topics and keys made from events.
//
//   {topic} {topic:kafka} {tenant} {wallet_id} {state} {category} {1}…{9} {header.NAME} {payload./json/pointer}
//
// $name, ${name} and $1 are other spellings of {name} and {1}. {{ }} $$ stand for the characters themselves.
// {wallet_id} is the tenant, or "base" where there is none, as in the ACA-Py plugin; {tenant} is then empty. What an
// event does not have is empty; a JSON pointer that leads nowhere is an error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json_pointer.h"
#include "core/event.h"
#include "core/result.h"

namespace kafka_events {

class Template {
 public:
  /// Fails with the position of what is wrong, and the placeholders that there are.
  static Result<Template> compile(std::string_view text);

  /// Appends the text to `out`. `captures` are the groups of the route's match, the first one at [0]; missing ones are
  /// empty.
  Result<void> render(const Event& event, std::span<const std::string_view> captures, std::string& out) const;

  /// The text where nothing has to be put together: one placeholder is the whole template, or it is empty. Null: render()
  /// it.
  [[nodiscard]] std::optional<std::string_view> view(const Event& event,
                                                     std::span<const std::string_view> captures) const noexcept;

  /// The same, and where it has to be rendered a view of `buffer`, which is replaced.
  Result<std::string_view> view(const Event& event, std::span<const std::string_view> captures,
                                std::string& buffer) const;

  /// Depends on nothing but the event's topic.
  [[nodiscard]] bool constant_per_topic() const noexcept;
  /// The same text for every event.
  [[nodiscard]] bool is_literal() const noexcept;
  /// Reads headers of the event.
  [[nodiscard]] bool uses_headers() const noexcept;
  /// The highest group that it names; 0: none.
  [[nodiscard]] std::size_t highest_capture() const noexcept;

  /// As it was written.
  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  /// What stands between the placeholders, in order.
  [[nodiscard]] std::vector<std::string_view> literals() const;
  /// The placeholder that the character at `position` of the rendered text came from; empty: from the template itself.
  [[nodiscard]] std::string placeholder_at(const Event& event, std::span<const std::string_view> captures,
                                           std::size_t position) const;

 private:
  friend class TemplateCompiler;
  enum class Kind : std::uint8_t {
    literal,
    topic,
    topic_kafka,
    tenant,
    wallet_id,
    state,
    category,
    capture,
    header,
    payload,
  };
  struct Part {
    Kind kind = Kind::literal;
    std::uint32_t index = 0;  ///< capture: from 0; payload: into pointers_
    std::string text;         ///< literal: itself; else the placeholder's name as written
  };

  Template() = default;
  Result<void> append(const Part& part, const Event& event, std::span<const std::string_view> captures,
                      std::string& out) const;
  [[nodiscard]] static std::string_view direct(const Part& part, const Event& event,
                                               std::span<const std::string_view> captures) noexcept;

  std::string text_;
  std::vector<Part> parts_;
  std::vector<JsonPointer> pointers_;
};

}  // namespace kafka_events
