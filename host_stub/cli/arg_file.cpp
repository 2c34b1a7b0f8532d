// The only place of the host that knows yaml-cpp: plugins read their own configuration.
#include "cli/arg_file.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>
#include <yaml-cpp/yaml.h>

#include "agent_plugin/status.h"

#include "cli/nearest.h"

namespace host_stub::cli {
namespace {

std::string place(const std::string& file, const YAML::Mark& mark) {
  if (mark.is_null()) return file;
  return file + ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1);
}

Failure wrong(const std::string& where, const std::string& message) {
  return Failure{AGENT_E_INVALID, where + ": " + message};
}

std::string flag_name(std::string key) {
  std::replace(key.begin(), key.end(), '_', '-');
  return key;
}

const Flag* find_flag(const Verb& verb, std::string_view name) {
  const auto found = std::find_if(verb.flags.begin(), verb.flags.end(), [&](const Flag& flag) {
    return flag.name == name || (!flag.short_name.empty() && flag.short_name == name);
  });
  return found == verb.flags.end() || found->name == "arg-file" ? nullptr : &*found;
}

std::string suggestion(const Verb& verb, const std::string& name) {
  std::vector<std::string> names;
  for (const Flag& flag : verb.flags) names.emplace_back(flag.name);
  return did_you_mean(name, names);
}

bool takes(const Flag& flag, std::size_t count) {
  switch (flag.kind) {
    case FlagKind::toggle:
    case FlagKind::one:
      return count == 1;
    case FlagKind::pair:
      return count == 2;
    case FlagKind::optional:
      return count <= 1;
    case FlagKind::list:
    case FlagKind::words:
      return true;
  }
  return false;
}

Result<std::vector<std::string>> values_of(const YAML::Node& node, const Flag& flag, const std::string& where) {
  std::vector<std::string> values;
  if (node.IsScalar()) values.push_back(node.Scalar());
  if (node.IsSequence()) {
    for (const YAML::Node& item : node) {
      if (!item.IsScalar()) return wrong(where, "a list of plain values is wanted");
      values.push_back(item.Scalar());
    }
  }
  if (node.IsMap()) return wrong(where, "a value or a list is wanted, not a map");
  if (flag.kind == FlagKind::pair && values.size() == 1) {  // "127.0.0.1 3001"
    const std::string whole = values.front();
    const std::size_t gap = whole.find(' ');
    if (gap != std::string::npos) values = {whole.substr(0, gap), whole.substr(whole.find_first_not_of(' ', gap))};
  }
  const bool switched = flag.kind == FlagKind::optional && values.size() == 1 && values.front() == "true";
  if (switched) values.clear();
  if (!takes(flag, values.size())) {
    return wrong(where, "takes " + std::string(flag.value.empty() ? "true or false" : flag.value));
  }
  return values;
}

Result<std::map<std::string, Setting>> read_flags(const std::string& file, const YAML::Node& root, const Verb& verb) {
  std::map<std::string, Setting> settings;
  std::set<std::string> seen;
  for (const auto& entry : root) {
    const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : std::string();
    const std::string where = place(file, entry.first.Mark()) + ": " + key;
    const Flag* flag = find_flag(verb, flag_name(key));
    if (flag == nullptr) return wrong(where, "no such flag" + suggestion(verb, flag_name(key)));
    if (!seen.insert(std::string(flag->name)).second) return wrong(where, "is there twice");
    const bool off = flag->kind == FlagKind::optional && entry.second.IsScalar() && entry.second.Scalar() == "false";
    if (entry.second.IsNull() || off) continue;
    Result<std::vector<std::string>> values = values_of(entry.second, *flag, where);
    if (!values.ok()) return values.error();
    settings[std::string(flag->name)] = Setting{Layer::arg_file, where, std::move(values).value()};
  }
  return settings;
}

}  // namespace

Result<std::map<std::string, Setting>> parse_arg_file(const std::string& file, const std::string& text,
                                                      const Verb& verb) {
  try {
    const YAML::Node root = YAML::Load(text);
    if (root.IsNull()) return std::map<std::string, Setting>{};
    if (!root.IsMap()) return wrong(place(file, root.Mark()), "flags are wanted here, one a line, as NAME: VALUE");
    return read_flags(file, root, verb);
  } catch (const YAML::Exception& problem) {
    return wrong(place(file, problem.mark), "not valid YAML: " + problem.msg);
  }
}

}  // namespace host_stub::cli
