// Configurations that are wrong. A plugin that has no settings may accept them; one that refuses must say where and why.
#include <cstdint>

#include "checks/checks.h"

namespace plugin_validator {
namespace {

constexpr std::size_t one_mebibyte = std::size_t{1024} * 1024;

struct BadConfiguration {
  const char* what;
  std::string text;
};

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t index = 0; index < times; ++index) all += text;
  return all;
}

/// The same at every run.
std::string noise(std::size_t size) {
  std::string bytes;
  std::uint64_t state = 0x9E3779B97F4A7C15U;
  while (bytes.size() < size) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    bytes += static_cast<char>(state >> 56);
  }
  return bytes;
}

std::string many_keys(const std::string& name) {
  std::string text = name + ":\n";
  for (int number = 0; text.size() < one_mebibyte; ++number) text += text_of("  unknown_", number, ": 1\n");
  return text;
}

/// Each level names the one before ten times.
std::string aliases(const std::string& name) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int level = 1; level <= 8; ++level) {
    text +=
        text_of("a", level, ": &a", level, " [", repeated(text_of("*a", level - 1, ", "), 9), "*a", level - 1, "]\n");
  }
  return text + name + ": *a8\n";
}

std::vector<BadConfiguration> bad_configurations(const std::string& name) {
  return {{"an empty text", ""},
          {"white space", "  \n\n\t \n"},
          {"one NUL byte", std::string(1, '\0')},
          {"4096 random bytes", noise(4096)},
          {"text that is not UTF-8", name + ":\n  client_id: \"\xff\xfe\xc0\xaf\"\n"},
          {"a NUL byte inside", name + ":\n  a" + std::string(1, '\0') + "b: 1\n"},
          {"the plugin's name with a number", name + ": 5\n"},
          {"the plugin's name with a list", name + ": [1, 2]\n"},
          {"the plugin's name with nothing", name + ":\n"},
          {"unknown keys", name + ":\n  no_such_option_of_any_plugin: 1\n"},
          {"a key twice", name + ": {}\n" + name + ": {}\n"},
          {"a quote that never ends", name + ":\n  a: \"x\n"},
          {"a tab as indentation", name + ":\n\ta: 1\n"},
          {"20000 nested lists", name + ": " + repeated("[", 20000)},
          {"20000 nested maps", name + ": " + repeated("{a: ", 20000)},
          {"1000 levels of indentation",
           [&] {
             std::string text = name + ":\n";
             for (std::size_t level = 1; level < 1000; ++level) text += std::string(level, ' ') + "a:\n";
             return text;
           }()},
          {"aliases that name each other", aliases(name)},
          {"an alias of itself", name + ": &a [*a]\n"},
          {"1 MiB in one value", name + ":\n  a: " + std::string(one_mebibyte, 'x') + "\n"},
          {"1 MiB of unknown keys", many_keys(name)}};
}

void check_refusal(const Life& life, const Answer& answer, const char* what, std::size_t size) {
  bool has_error = false;
  bool has_place = answer.has_place || size >= one_mebibyte;  // too large: the whole file is the place
  for (const Problem& problem : life.problems()) {
    has_error = has_error || problem.severity == AGENT_PROBLEM_ERROR;
    has_place = has_place || problem.has_place;
    if (problem.message.empty()) fail("a problem without a message was reported for ", what);
  }
  if (answer.status != AGENT_E_INVALID && answer.status != AGENT_E_TOO_LARGE) {
    fail("configure() with ", what, " returned ", answer.status, " (", answer.message,
         "); a wrong configuration is AGENT_E_INVALID");
  }
  if (!has_error) fail("configure() refused ", what, " without a call of config->problem for it");
  if (!has_place) {
    fail("configure() refused ", what, " and does not say where (", answer.message, "); give a line or a key path");
  }
}

}  // namespace

void check_bad_configuration(Subject& subject) {
  for (const BadConfiguration& bad : bad_configurations(subject.name())) {
    Life fresh(subject, host_for(subject, {.layout = Layout::exact}), text_of("an instance given ", bad.what));
    fresh.must_create();
    if (const Answer answer = fresh.configure(bad.text); !answer.is_ok())
      check_refusal(fresh, answer, bad.what, bad.text.size());
    fresh.destroy();
  }
  // A refused configuration leaves the former one.
  Life life(subject, host_for(subject));
  life.must_create();
  life.must_configure();
  const Answer answer = life.configure(subject.name() + ": [" + repeated("[", 100));
  const Answer started = life.start();
  if (!answer.is_ok() && !started.is_ok()) {
    fail("start() failed after a second configuration was refused (", started.message,
         "); the former one is to be kept");
  }
  if (started.is_ok()) life.must_stop();
  life.destroy();
}

}  // namespace plugin_validator
