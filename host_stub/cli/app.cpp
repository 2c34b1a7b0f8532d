#include "cli/app.h"

#include <string>

namespace host_stub::cli {
namespace {

std::string spelled(const Flag& flag) {
  const std::string name = "--" + std::string(flag.name);
  return flag.short_name.empty() ? name : "-" + std::string(flag.short_name) + "," + name;
}

void add_flag(CLI::App& app, const Flag& flag) {
  const std::string help(flag.help);
  if (flag.kind == FlagKind::toggle) {
    app.add_flag(spelled(flag), help);
    return;
  }
  CLI::Option* option = app.add_option(spelled(flag))->description(help)->type_name(std::string(flag.value));
  switch (flag.kind) {
    case FlagKind::toggle:
    case FlagKind::one:
      option->expected(1)->take_last();
      break;
    case FlagKind::pair:
      option->expected(2)->take_last();
      break;
    case FlagKind::optional:
      option->expected(0, 1)->take_last();
      break;
    case FlagKind::list:
    case FlagKind::words:
      option->expected(1, CLI::detail::expected_max_vector_size)->take_all();
      break;
  }
  // A value such as [1,2] is one value: CLI11 would take it apart.
  option->allow_extra_args(flag.kind == FlagKind::words);
}

std::string indented(std::string_view lines) {
  std::string text;
  for (const char character : lines) text += character == '\n' ? std::string("\n  ") : std::string(1, character);
  return text;
}

void add_verb(CLI::App& app, const Verb& verb) {
  CLI::App* sub = app.add_subcommand(std::string(verb.name), std::string(verb.summary));
  sub->allow_extras();  // reported with suggestions by the command line
  sub->footer("Example:\n  " + indented(verb.example));
  if (verb.hidden) sub->group("");
  for (const Positional& positional : verb.positionals) {
    sub->add_option(std::string(positional.name))
        ->description(std::string(positional.help))
        ->type_name("")
        ->expected(1, positional.many ? CLI::detail::expected_max_vector_size : 1)
        ->required(positional.required)
        ->allow_extra_args(positional.many);
  }
  for (const Flag& flag : verb.flags) add_flag(*sub, flag);
}

}  // namespace

std::unique_ptr<CLI::App> make_app() {
  auto app = std::make_unique<CLI::App>("A host agent: an event bus, an admin server, and the plugins that it loads.",
                                        "host_stub");
  app->require_subcommand(0, 1);
  app->footer(
      "Without a verb it is `start`. Every flag can also be set by the environment (AGENT_LOG_LEVEL for --log-level).\n"
      "Exit status: 0 success, 1 failure at run time, 2 usage or configuration, 3 delivered only in part.\n"
      "Example:\n  host_stub start --plugin kafka_events --plugin-config conf/kafka_events.yaml --embedded-kafka");
  app->set_version_flag("--version", "");
  for (const Verb& verb : verbs()) add_verb(*app, verb);
  return app;
}

CLI::Option* option_of(CLI::App& app, const Verb& verb, const Flag& flag) {
  return app.get_subcommand(std::string(verb.name))->get_option("--" + std::string(flag.name));
}

}  // namespace host_stub::cli
