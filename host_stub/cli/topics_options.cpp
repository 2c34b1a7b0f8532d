// Which flags and names each action of `topics` takes.
#include <algorithm>
#include <array>

#include "cli/nearest.h"
#include "cli/topics.h"

namespace host_stub::cli {
namespace {

using Action = TopicsOptions::Action;

struct Named {
  std::string_view name;
  Action action;
};
constexpr std::array actions{Named{"list", Action::list}, Named{"create", Action::create},
                             Named{"delete", Action::remove}, Named{"add-partitions", Action::add_partitions},
                             Named{"describe", Action::describe}};

/// Flags of one action only.
constexpr std::array<std::pair<std::string_view, Action>, 6> own_flags{{{"partitions", Action::create},
                                                                        {"replication-factor", Action::create},
                                                                        {"config", Action::create},
                                                                        {"total", Action::add_partitions},
                                                                        {"yes", Action::remove},
                                                                        {"internal", Action::list}}};

void read_action(CommandLine& line, TopicsOptions& options) {
  const std::string word = line.positionals[0].value_or("");
  const auto* found = std::ranges::find(actions, word, &Named::name);
  if (found == actions.end()) {
    std::vector<std::string> names;
    for (const Named& each : actions) names.emplace_back(each.name);
    return line.settings.refuse("ACTION", "no such action: " + word + did_you_mean(word, names));
  }
  options.action = found->action;
  for (const auto& [flag, action] : own_flags) {
    if (action == options.action || line.settings.find(flag) == nullptr) continue;
    const auto* owner = std::ranges::find(actions, action, &Named::action);
    line.settings.refuse(flag, std::string("is for topics ").append(owner->name).append(" only"));
  }
}

void check_names(CommandLine& line, const TopicsOptions& options) {
  if (options.action == Action::list) {
    if (!options.names.empty()) line.settings.refuse("NAME", "list takes none; describe does");
    return;
  }
  if (options.names.empty()) line.settings.refuse("NAME", "is missing");
  if (options.action == Action::add_partitions && options.names.size() > 1) {
    line.settings.refuse("NAME", "add-partitions takes one topic");
  }
  for (const std::string& name : options.names) {
    if (name.empty()) line.settings.refuse("NAME", "is empty");
    if (std::ranges::count(options.names, name) > 1) return line.settings.refuse("NAME", name + " is given twice");
  }
}

}  // namespace

TopicsOptions read_topics(CommandLine& line) {
  Settings& settings = line.settings;
  TopicsOptions options;
  options.client = {settings.text_or("admin-url", "http://127.0.0.1:3001"), settings.text("admin-api-key")};
  options.format = settings.text_or("format", "text") == "json" ? OutputFormat::json : OutputFormat::text;
  options.names = line.rest;
  read_action(line, options);
  check_names(line, options);
  options.partitions = settings.number("partitions", 1, 100'000);
  options.replication_factor = settings.number("replication-factor", 1, 10'000);
  for (const std::string& text : settings.list("config")) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      settings.refuse("config", "NAME=VALUE is wanted, not \"" + text + "\"");
    } else {
      options.config.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  if (options.action == Action::add_partitions && settings.find("total") == nullptr) {
    settings.refuse("total", "is missing: how many partitions there are to be");
  }
  options.total = settings.number("total", 1, 100'000).value_or(0);
  options.yes = settings.toggle("yes");
  options.internal = settings.toggle("internal");
  if (const auto seconds = settings.number("timeout", 1, 600)) options.timeout = std::chrono::seconds(*seconds);
  return options;
}

}  // namespace host_stub::cli
