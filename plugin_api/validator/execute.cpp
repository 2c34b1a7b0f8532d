// A check's Finding becomes its Result here.
#include "execute.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <fstream>
#include <sstream>

#include "step.h"

namespace plugin_validator {

Subject make_subject(const Options& options) {
  std::ostringstream configuration;
  if (!options.configuration_file.empty()) {
    configuration << std::ifstream(options.configuration_file, std::ios::binary).rdbuf();
  }
  return {options.path, configuration.str(), options.configuration_file, options.quick};
}

Result execute(const Check& check, Subject& subject) {
  using Clock = std::chrono::steady_clock;
  step("");
  const auto began = Clock::now();
  Result result;
  try {
    check.run(subject);
  } catch (const Finding& finding) {
    result = {finding.outcome, finding.detail, 0};
  } catch (const std::exception& error) {
    result = {Outcome::failed, text_of("the validator could not go on: ", error.what()), 0};
  }
  result.milliseconds = std::chrono::duration<double, std::milli>(Clock::now() - began).count();
  return result;
}

void learn(const Check& passed, Subject& subject, ModuleInfo& info) {
  for (const std::string_view before_the_block : {"", "elf-shared-object", "loads"}) {
    if (passed.needs == before_the_block && std::string_view(passed.name) != "block-layout") return;
  }
  constexpr std::size_t max_text_bytes = 1024;
  if (!info.name.empty() || !subject.is_loaded()) return;
  const agent_plugin_module& block = subject.block();
  if (std::max(block.name.size, block.version.size) > max_text_bytes) return;
  info = {std::string(block.name.data, block.name.size), std::string(block.version.data, block.version.size),
          text_of(block.abi_major, ".", block.abi_minor)};
}

}  // namespace plugin_validator
