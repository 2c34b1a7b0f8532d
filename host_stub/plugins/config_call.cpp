// To the plugin: pointers into the host's records. Back: copies.
#include "plugins/config_call.h"

#include <cstring>
#include <new>
#include <utility>

#include "core/abi_text.h"

namespace host_stub {

ConfigCall::ConfigCall(const PluginConfiguration& configuration, std::string_view plugin,
                       std::vector<ConfigProblem>& problems)
    : problems_(problems) {
  for (const ConfigOverride& given : configuration.overrides) {
    if (given.plugin != plugin) continue;
    overrides_.push_back({sizeof(agent_config_override), 0, to_text(given.key_path), to_text(given.value)});
  }
  for (const agent_config_override& given : overrides_) pointers_.push_back(&given);
  config_.size = sizeof(agent_config);
  config_.override_count = static_cast<std::uint32_t>(pointers_.size());
  config_.file = to_text(configuration.file);
  config_.text = to_text(configuration.text);
  config_.overrides = pointers_.data();
  config_.context = this;
  config_.problem = report;
}

void ConfigCall::report(void* context, const agent_config_problem* problem) noexcept {
  auto& call = *static_cast<ConfigCall*>(context);
  const bool warning = problem->severity == AGENT_PROBLEM_WARNING;
  call.has_error_ |= !warning;
  try {
    call.problems_.push_back({warning, std::string(to_view(problem->file)), problem->line, problem->column,
                              std::string(to_view(problem->key_path)), std::string(to_view(problem->message))});
  } catch (const std::bad_alloc&) {  // the call fails all the same; only this text is lost
  }
}

ConfigProblem problem_of(const agent_error& error, std::string message) {
  const auto text = [](const char* from, std::size_t size) { return std::string(from, ::strnlen(from, size)); };
  return {false,        text(error.file, sizeof(error.file)),         error.line,
          error.column, text(error.key_path, sizeof(error.key_path)), std::move(message)};
}

}  // namespace host_stub
