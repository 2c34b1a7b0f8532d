#include "cli/settings.h"

#include <cctype>
#include <charconv>
#include <utility>

namespace host_stub::cli {

void Settings::set(std::string_view flag, Setting setting) { settings_[std::string(flag)] = std::move(setting); }

void Settings::forget(std::string_view flag) {
  const auto found = settings_.find(flag);
  if (found != settings_.end()) settings_.erase(found);
}

const Setting* Settings::find(std::string_view flag) const {
  const auto found = settings_.find(flag);
  return found == settings_.end() ? nullptr : &found->second;
}

std::optional<std::string> Settings::text(std::string_view flag) const {
  const Setting* setting = find(flag);
  if (setting == nullptr || setting->values.empty()) return std::nullopt;
  return setting->values.back();
}

std::string Settings::text_or(std::string_view flag, std::string_view otherwise) const {
  return text(flag).value_or(std::string(otherwise));
}

std::vector<std::string> Settings::list(std::string_view flag) const {
  const Setting* setting = find(flag);
  return setting == nullptr ? std::vector<std::string>{} : setting->values;
}

bool Settings::toggle(std::string_view flag) {
  const std::optional<std::string> value = text(flag);
  if (!value.has_value()) return false;
  const std::optional<bool> parsed = parse_boolean(*value);
  if (!parsed.has_value()) refuse(flag, "\"" + *value + "\" is neither true nor false");
  return parsed.value_or(false);
}

std::optional<std::int64_t> Settings::number(std::string_view flag, std::int64_t lowest, std::int64_t highest) {
  const std::optional<std::string> value = text(flag);
  if (!value.has_value()) return std::nullopt;
  const std::optional<std::int64_t> parsed = parse_number(*value, lowest, highest);
  if (!parsed.has_value()) {
    refuse(flag,
           "\"" + *value + "\" is no whole number from " + std::to_string(lowest) + " to " + std::to_string(highest));
  }
  return parsed;
}

void Settings::refuse(std::string_view flag, const std::string& message) {
  const Setting* setting = find(flag);
  const bool positional = !flag.empty() && std::isupper(static_cast<unsigned char>(flag.front())) != 0;
  std::string source = setting == nullptr ? std::string(positional ? "" : "--").append(flag) : setting->source;
  problems_.push_back(std::move(source.append(": ").append(message)));
}

std::optional<std::int64_t> parse_number(std::string_view text, std::int64_t lowest, std::int64_t highest) {
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || value < lowest || value > highest) return std::nullopt;
  return value;
}

std::optional<bool> parse_boolean(std::string_view text) {
  std::string lower;
  for (const char character : text) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(character)));
  if (lower == "true" || lower == "yes" || lower == "on" || lower == "1") return true;
  if (lower == "false" || lower == "no" || lower == "off" || lower == "0") return false;
  return std::nullopt;
}

}  // namespace host_stub::cli
