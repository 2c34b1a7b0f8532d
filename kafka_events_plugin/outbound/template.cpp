#include "outbound/template.h"

#include <algorithm>

#include "codec/event_topic.h"
#include "outbound/topic_mapping.h"

namespace kafka_events {
namespace {

std::string_view header_value(const Event& event, std::string_view name) noexcept {
  for (const Header& header : event.headers) {
    if (header.name == name) return header.value;
  }
  return {};
}

}  // namespace

std::string_view Template::direct(const Part& part, const Event& event,
                                  std::span<const std::string_view> captures) noexcept {
  switch (part.kind) {
    case Kind::literal:
      return part.text;
    case Kind::topic:
      return event.topic;
    case Kind::tenant:
      return event.tenant;
    case Kind::wallet_id:
      return event.tenant.empty() ? std::string_view("base") : event.tenant;
    case Kind::state:
      return parts_of(event.topic).state;
    case Kind::category:
      return parts_of(event.topic).category;
    case Kind::capture:
      return part.index < captures.size() ? captures[part.index] : std::string_view{};
    case Kind::header:
      return header_value(event, std::string_view(part.text).substr(std::string_view("header.").size()));
    case Kind::topic_kafka:
    case Kind::payload:
      break;
  }
  return {};
}

Result<void> Template::append(const Part& part, const Event& event, std::span<const std::string_view> captures,
                              std::string& out) const {
  if (part.kind == Kind::topic_kafka) {
    out += to_kafka_topic(event.topic);
  } else if (part.kind == Kind::payload) {
    if (is_null(event.payload)) return Error(ErrorCode::not_found, "{" + part.text + "}: the event has no payload");
    Result<void> found = pointers_[part.index].append_value(event.payload, out);
    if (!found.ok()) return found.error().within("{" + part.text + "}");
  } else {
    out += direct(part, event, captures);
  }
  return {};
}

Result<void> Template::render(const Event& event, std::span<const std::string_view> captures, std::string& out) const {
  for (const Part& part : parts_) {
    if (Result<void> appended = append(part, event, captures, out); !appended.ok()) return appended;
  }
  return {};
}

std::optional<std::string_view> Template::view(const Event& event,
                                               std::span<const std::string_view> captures) const noexcept {
  if (parts_.empty()) return std::string_view{};
  const Part& only = parts_.front();
  if (parts_.size() > 1 || only.kind == Kind::topic_kafka || only.kind == Kind::payload) return std::nullopt;
  return direct(only, event, captures);
}

Result<std::string_view> Template::view(const Event& event, std::span<const std::string_view> captures,
                                        std::string& buffer) const {
  if (const std::optional<std::string_view> text = view(event, captures)) return *text;
  buffer.clear();
  if (Result<void> rendered = render(event, captures, buffer); !rendered.ok()) return rendered.error();
  return std::string_view(buffer);
}

bool Template::constant_per_topic() const noexcept {
  return std::none_of(parts_.begin(), parts_.end(), [](const Part& part) {
    return part.kind == Kind::tenant || part.kind == Kind::wallet_id || part.kind == Kind::header ||
           part.kind == Kind::payload;
  });
}

bool Template::is_literal() const noexcept {
  return std::ranges::all_of(parts_, [](const Part& part) { return part.kind == Kind::literal; });
}

bool Template::uses_headers() const noexcept {
  return std::any_of(parts_.begin(), parts_.end(), [](const Part& part) { return part.kind == Kind::header; });
}

std::size_t Template::highest_capture() const noexcept {
  std::size_t highest = 0;
  for (const Part& part : parts_) {
    if (part.kind == Kind::capture) highest = std::max<std::size_t>(highest, part.index + 1);
  }
  return highest;
}

std::vector<std::string_view> Template::literals() const {
  std::vector<std::string_view> found;
  for (const Part& part : parts_) {
    if (part.kind == Kind::literal) found.emplace_back(part.text);
  }
  return found;
}

std::string Template::placeholder_at(const Event& event, std::span<const std::string_view> captures,
                                     std::size_t position) const {
  std::string rendered;
  for (const Part& part : parts_) {
    if (!append(part, event, captures, rendered).ok()) break;
    if (position < rendered.size()) return part.kind == Kind::literal ? std::string() : "{" + part.text + "}";
  }
  return {};
}

}  // namespace kafka_events
