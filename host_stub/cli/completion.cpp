// The script is made from the application, so it never knows other flags than the parser.
#include "cli/completion.h"

#include <algorithm>

#include "cli/verbs.h"

namespace host_stub::cli {
namespace {

std::string flags_of(const CLI::App& app) {
  std::string words;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) words += " --" + name;
    for (const std::string& name : option->get_snames()) words += " -" + name;
  }
  return words.empty() ? words : words.substr(1);
}

std::string choices_of(const Verb& verb) {
  std::string cases;
  for (const Flag& flag : verb.flags) {
    if (flag.choices.empty()) continue;
    std::string words(flag.choices);
    for (char& character : words) {
      if (character == '|') character = ' ';
    }
    cases += "    " + std::string(verb.name) + "/--" + std::string(flag.name) + ") words=\"" + words + "\" ;;\n";
  }
  if (verb.positionals.empty() || verb.positionals.front().choices.empty()) return cases;
  std::string words(verb.positionals.front().choices);
  std::replace(words.begin(), words.end(), '|', ' ');
  return cases.append("    ")
      .append(verb.name)
      .append("/")
      .append(verb.name)
      .append(") words=\"")
      .append(words)
      .append("\" ;;\n");
  return cases;
}

}  // namespace

std::string bash_completion(const CLI::App& app) {
  std::string verb_names;
  std::string verb_cases;
  std::string value_cases;
  for (const Verb& verb : verbs()) {
    if (verb.hidden) continue;
    const CLI::App* sub = app.get_subcommand(std::string(verb.name));
    verb_names += (verb_names.empty() ? "" : " ") + sub->get_name();
    verb_cases += "    " + sub->get_name() + ") words=\"" + flags_of(*sub) + "\" ;;\n";
    value_cases += choices_of(verb);
  }
  return "# bash completion of host_stub: source <(host_stub completion bash)\n"
         "_host_stub() {\n"
         "  local current=\"${COMP_WORDS[COMP_CWORD]}\" previous=\"${COMP_WORDS[COMP_CWORD-1]}\" words=\"\" "
         "verb=\"start\" word\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    case \" " +
         verb_names +
         " \" in *\" $word \"*) verb=\"$word\"; break ;; esac\n"
         "  done\n"
         "  case \"$verb/$previous\" in\n" +
         value_cases +
         "  esac\n"
         "  if [[ -z $words && $current == -* ]]; then\n"
         "    case \"$verb\" in\n" +
         verb_cases +
         "    esac\n"
         "  elif [[ -z $words && $COMP_CWORD -eq 1 ]]; then\n"
         "    words=\"" +
         verb_names +
         " --help --version\"\n"
         "  fi\n"
         "  if [[ -n $words ]]; then\n"
         "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
         "  else\n"
         "    mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
         "  fi\n"
         "}\n"
         "complete -o filenames -F _host_stub host_stub\n";
}

}  // namespace host_stub::cli
