#include "cli/command_line.h"

#include <algorithm>
#include <utility>

#include "agent_plugin/abi.h"

#include "cli/app.h"
#include "cli/completion.h"
#include "cli/exit_status.h"
#include "cli/layers.h"
#include "cli/nearest.h"

namespace host_stub::cli {
namespace {

bool is_flag(std::string_view argument) { return argument.size() > 1 && argument.front() == '-'; }

/// `host_stub --plugin x` means `host_stub start --plugin x`.
std::vector<std::string> with_verb(std::vector<std::string> arguments) {
  const bool top_level = !arguments.empty() && (arguments.front() == "--help" || arguments.front() == "-h" ||
                                                arguments.front() == "--version");
  const bool named = !arguments.empty() && !is_flag(arguments.front());
  if (!top_level && !named) arguments.insert(arguments.begin(), std::string(default_verb));
  return arguments;
}

std::optional<Ending> unknown_verb(const std::string& name) {
  if (is_flag(name) || find_verb(name) != nullptr) return std::nullopt;
  std::vector<std::string> names;
  for (const Verb& verb : verbs()) {
    if (!verb.hidden) names.emplace_back(verb.name);
  }
  return usage_mistake({"no such verb: " + name + did_you_mean(name, names)}, "");
}

/// Flags with dashes for suggestions.
std::vector<std::string> spelled_flags(const Verb& verb) {
  std::vector<std::string> names{"--help"};
  for (const Flag& flag : verb.flags) names.push_back("--" + std::string(flag.name));
  return names;
}

std::optional<Ending> unknown_arguments(const CLI::App& sub, const Verb& verb) {
  std::vector<std::string> problems;
  for (const std::string& extra : sub.remaining()) {
    const std::string name = extra.substr(0, extra.find('='));
    if (is_flag(extra)) {
      problems.push_back("no such flag: " + name + did_you_mean(name, spelled_flags(verb)));
    } else if (problems.empty()) {  // after an unknown flag it is most likely that flag's value
      problems.push_back("unexpected argument: " + extra);
    }
  }
  if (problems.empty()) return std::nullopt;
  return usage_mistake(problems, verb.name);
}

Ending help_of(CLI::App& app, const Verb* verb) {
  CLI::App& shown = verb == nullptr ? app : *app.get_subcommand(std::string(verb->name));
  return {exit_ok, shown.help(verb == nullptr ? "" : "host_stub"), ""};
}

CommandLine read_app(CLI::App& app, const Verb& verb) {
  CommandLine line;
  line.verb = &verb;
  for (const Flag& flag : verb.flags) {
    const CLI::Option* option = option_of(app, verb, flag);
    if (option->count() == 0) continue;
    std::vector<std::string> values = option->results();
    if (flag.kind == FlagKind::toggle) values = {"true"};
    if (flag.kind == FlagKind::optional) std::erase(values, "");
    if (flag.kind == FlagKind::pair && values.size() > 2) values.erase(values.begin(), values.end() - 2);
    line.settings.set(flag.name, {Layer::command_line, "--" + std::string(flag.name), std::move(values)});
  }
  const CLI::App* sub = app.get_subcommand(std::string(verb.name));
  for (const Positional& positional : verb.positionals) {
    const CLI::Option* option = sub->get_option(std::string(positional.name));
    line.positionals.push_back(option->count() == 0 ? std::nullopt : std::optional(option->results().front()));
    if (positional.many) line.rest = option->results();
  }
  return line;
}

std::variant<CommandLine, Ending> with_lower_layers(CommandLine line, const Environment& environment) {
  apply_environment(*line.verb, environment, line.settings);
  const std::vector<std::string> problems = apply_arg_file(*line.verb, line.settings);
  if (!problems.empty()) return usage_mistake(problems, line.verb->name);
  settle_admin_access(line.settings);
  check_choices(*line.verb, line.settings);
  if (!line.settings.problems().empty()) return usage_mistake(line.settings.problems(), line.verb->name);
  return line;
}

}  // namespace

Environment environment_from(const char* const* environ_entries) {
  Environment environment;
  for (const char* const* entry = environ_entries; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || !text.starts_with("AGENT_")) continue;
    environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

std::string version_text() {
  return "host_stub " HOST_STUB_VERSION " (plugin ABI " + std::to_string(AGENT_ABI_MAJOR) + "." +
         std::to_string(AGENT_ABI_MINOR) + ")";
}

Ending usage_mistake(const std::vector<std::string>& problems, std::string_view verb) {
  Ending ending{exit_usage, "", ""};
  for (const std::string& problem : problems) ending.message += "host_stub: " + problem + "\n";
  ending.message += "Try: host_stub " + std::string(verb) + (verb.empty() ? "--help\n" : " --help\n");
  return ending;
}

std::variant<CommandLine, Ending> parse_command_line(const std::vector<std::string>& arguments,
                                                     const Environment& environment) {
  std::vector<std::string> complete = with_verb(arguments);
  if (auto ending = unknown_verb(complete.front()); ending.has_value()) return *std::move(ending);
  const std::unique_ptr<CLI::App> app = make_app();
  const Verb* verb = find_verb(complete.front());
  try {
    std::reverse(complete.begin(), complete.end());  // as CLI11 wants it
    app->parse(std::move(complete));
  } catch (const CLI::CallForHelp&) {
    return help_of(*app, verb);
  } catch (const CLI::CallForVersion&) {
    return Ending{exit_ok, version_text() + "\n", ""};
  } catch (const CLI::ParseError& problem) {
    return usage_mistake({problem.what()}, verb == nullptr ? "" : verb->name);
  }
  if (verb == nullptr) return help_of(*app, nullptr);
  if (auto ending = unknown_arguments(*app->get_subcommand(std::string(verb->name)), *verb); ending.has_value()) {
    return *std::move(ending);
  }
  CommandLine line = read_app(*app, *verb);
  if (verb->name == "completion") {
    if (line.positionals.front() == "bash") return Ending{exit_ok, bash_completion(*app), ""};
    return usage_mistake({"completion is there for bash only"}, verb->name);
  }
  return with_lower_layers(std::move(line), environment);
}

}  // namespace host_stub::cli
