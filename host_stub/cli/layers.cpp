#include "cli/layers.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "cli/arg_file.h"
#include "cli/files.h"
#include "cli/nearest.h"

namespace host_stub::cli {
namespace {

constexpr std::size_t arg_file_bytes = std::size_t{64} * 1024;

std::vector<std::string> split(std::string_view text, std::string_view separators) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find_first_of(separators, begin), text.size());
    if (end > begin) parts.emplace_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

/// A variable is one text: lists are split at commas and blanks, overrides (whose values may hold commas) at line ends.
std::vector<std::string> values_from(const Flag& flag, const std::string& text) {
  switch (flag.kind) {
    case FlagKind::toggle:
    case FlagKind::one:
      return {text};
    case FlagKind::pair:
      return split(text, " ,:");
    case FlagKind::optional:
      return parse_boolean(text).value_or(false) ? std::vector<std::string>{} : split(text, " ");
    case FlagKind::list:
      return split(text, " ,");
    case FlagKind::words:
      return split(text, "\n");
  }
  return {};
}

}  // namespace

std::string environment_name(std::string_view flag) {
  std::string name = "AGENT_";
  for (const char character : flag) {
    name += character == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(character)));
  }
  return name;
}

void apply_environment(const Verb& verb, const Environment& environment, Settings& settings) {
  for (const Flag& flag : verb.flags) {
    const std::string name = environment_name(flag.name);
    const auto found = environment.find(name);
    if (found == environment.end() || found->second.empty() || settings.find(flag.name) != nullptr) continue;
    const bool off = flag.kind == FlagKind::optional && parse_boolean(found->second) == false;
    if (off) continue;
    settings.set(flag.name, {Layer::environment, name, values_from(flag, found->second)});
    const std::size_t count = settings.find(flag.name)->values.size();
    if (flag.kind == FlagKind::pair && count != 2) settings.refuse(flag.name, "takes " + std::string(flag.value));
  }
}

std::vector<std::string> apply_arg_file(const Verb& verb, Settings& settings) {
  const std::optional<std::string> file = settings.text("arg-file");
  if (!file.has_value()) return {};
  const Result<std::string> text = read_file(*file, arg_file_bytes);
  if (!text.ok()) return {text.error().message};
  Result<std::map<std::string, Setting>> found = parse_arg_file(*file, text.value(), verb);
  if (!found.ok()) return {found.error().message};
  for (auto& [flag, setting] : std::move(found).value()) {
    if (settings.find(flag) == nullptr) settings.set(flag, std::move(setting));
  }
  return {};
}

void settle_admin_access(Settings& settings) {
  const Setting* key = settings.find("admin-api-key");
  const Setting* insecure = settings.find("admin-insecure-mode");
  if (key == nullptr || insecure == nullptr || key->layer == insecure->layer) return;
  if (key->layer > insecure->layer) {
    settings.forget("admin-insecure-mode");
  } else if (settings.toggle("admin-insecure-mode")) {
    settings.forget("admin-api-key");
  }
}

void check_choices(const Verb& verb, Settings& settings) {
  for (const Flag& flag : verb.flags) {
    if (flag.choices.empty()) continue;
    const std::vector<std::string> choices = split(flag.choices, "|");
    for (const std::string& value : settings.list(flag.name)) {
      if (std::find(choices.begin(), choices.end(), value) != choices.end()) continue;
      std::string known;
      for (const std::string& choice : choices) known += (known.empty() ? "" : ", ") + choice;
      settings.refuse(flag.name, "\"" + value + "\" is not one of " + known + did_you_mean(value, choices));
    }
  }
}

}  // namespace host_stub::cli
