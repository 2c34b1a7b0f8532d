// Lookups, and the table's defaults as values.
#include "config/values.h"

namespace kafka_events::config {

namespace {

// The defaults of the table are written as in the file: plain, "quoted", or ["a list"].
std::vector<std::string> unquoted_items(std::string_view text) {
  if (text == "[]") return {};
  if (text.starts_with('[')) text = text.substr(1, text.size() - 2);
  if (text.starts_with('"')) text = text.substr(1, text.size() - 2);
  return {std::string(text)};
}

}  // namespace

const Value* Values::find(std::string_view name) const {
  const auto found = values.find(name);
  return found == values.end() ? nullptr : &found->second;
}

Values Values::child(std::string_view name) const {
  if (const auto found = children.find(name); found != children.end() && !found->second.empty()) {
    return found->second.front();
  }
  Values unwritten;
  unwritten.path = path + "." + std::string(name);
  unwritten.place.key_path = unwritten.path;
  return unwritten;
}

Place Values::place_of(std::string_view name) const {
  if (const Value* value = find(name)) return value->place;
  Place result = place;
  result.key_path = path + "." + std::string(name);
  return result;
}

Value Values::get(const Option& option) const {
  if (const Value* value = find(option.name)) return *value;
  return default_value(option, path + "." + std::string(option.name));
}

Value default_value(const Option& option, std::string key_path) {
  Value value;
  value.written = false;
  value.place.key_path = std::move(key_path);
  if (!option.fallback.empty()) value.items = unquoted_items(option.fallback);
  return value;
}

}  // namespace kafka_events::config
