// From yaml-cpp's messages to advice.
#include "config/yaml_errors.h"

#include <array>
#include <utility>

#include "config/text_checks.h"

namespace kafka_events::config {

namespace {

// yaml-cpp's words, and what to look at when they come up.
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> advice = {{
    {"illegal map value",
     "a colon is out of place; check the indentation, and the blank after every colon, in this line and the one above"},
    {"end of map not found", "this line does not fit in; check its indentation against the lines above"},
    {"end of sequence not found", "this line does not fit into the list above; check its indentation"},
    {"end of map flow not found", "this \"{\" is not closed by \"}\"; a value with { } or ${ } in it needs quotes"},
    {"end of sequence flow not found",
     "this \"[\" is not closed by \"]\"; a value with [ ] or ${ } in it needs quotes"},
    {"illegal flow end", "this bracket closes nothing; a value with brackets in it needs quotes"},
    {"unknown token", "a value cannot begin with this character; put the value between quotes"},
    {"the referenced anchor is not defined",
     "no value has this name (&name) above; a text that begins with * needs quotes"},
    {"unknown escape character",
     "this \\ begins no escape that YAML knows; use single quotes, where \\ is only itself"},
    {"illegal block entry", "a \"-\" is out of place; a list begins on a line of its own"},
    {"illegal map key", "a key is out of place; begin it on a line of its own"},
    {"tag handle", "a text that begins with ! needs quotes"},
}};

// Every line that a tab indents; what comes first in them is known to be the reason.
bool report_tabs(std::string_view text, Report& report) {
  bool found = false;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    const std::size_t first = line.find_first_not_of(" \t\r");
    const std::size_t tab = line.find('\t');
    if (first != std::string_view::npos && tab < first && line[first] != '#') {
      report.error(report.place(mark_at(text, begin + tab)), "YAML: a tab indents this line; use blanks only");
      found = true;
    }
    begin = end + 1;
  }
  return found;
}

// Where the flow collection that is open at `offset` began, for messages about brackets that are never closed.
std::size_t open_bracket(std::string_view text, std::size_t offset, char bracket) {
  const std::size_t found = text.substr(0, std::min(offset + 1, text.size())).rfind(bracket);
  return found == std::string_view::npos ? offset : found;
}

}  // namespace

bool is_stray_comma(std::string_view text, std::size_t offset) {
  if (offset >= text.size() || text[offset] != ',') return false;
  const std::size_t before = text.find_last_not_of(" \t", offset == 0 ? 0 : offset - 1);
  if (before == std::string_view::npos || (text[before] != '"' && text[before] != '\'')) return false;
  const std::size_t after = text.find_first_not_of(" \t\r", offset + 1);
  return after == std::string_view::npos || text[after] == '\n' || text[after] == '#';
}

std::size_t unclosed_quote(std::string_view text, std::size_t offset) {
  constexpr std::size_t none = std::string_view::npos;
  if (offset >= text.size() || (text[offset] != '"' && text[offset] != '\'')) return none;
  const char quote = text[offset];
  for (std::size_t i = offset + 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      if (quote == '"' || i + 1 >= text.size() || text[i + 1] != quote) return none;
      ++i;
    }
  }
  return offset;
}

void report_syntax_error(std::string_view text, std::size_t offset, std::string_view yaml_message, Report& report) {
  if (report_tabs(text, report)) return;
  if (yaml_message.starts_with("end of map flow")) offset = open_bracket(text, offset, '{');
  if (yaml_message.starts_with("end of sequence flow")) offset = open_bracket(text, offset, '[');
  std::string message(yaml_message);
  for (const auto& [words, meaning] : advice) {
    if (yaml_message.starts_with(words)) message = meaning;
  }
  report.error(report.place(mark_at(text, offset)), "YAML: " + message);
}

}  // namespace kafka_events::config
