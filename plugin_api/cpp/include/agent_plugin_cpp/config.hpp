// A configuration on its way to a plugin: the file's text, the overrides of the command line, and where problems go.
//
//   agent::Status configure(const agent::Config& config) override {
//     if (config.text().empty()) config.error("echo", "the file is empty; write echo: {}");
//     return config.status();
//   }
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent_plugin/config.h"
#include "agent_plugin_cpp/status.hpp"
#include "agent_plugin_cpp/text.hpp"

namespace agent {

/// Valid within configure() only.
class Config {
 public:
  explicit Config(const agent_config* config) noexcept : config_(config) {}

  [[nodiscard]] std::string_view file() const noexcept { return view(config_->file); }
  [[nodiscard]] std::string_view text() const noexcept { return view(config_->text); }

  /// Key path without the plugin's name, and value, as they stood on the command line.
  [[nodiscard]] std::vector<std::pair<std::string_view, std::string_view>> overrides() const {
    std::vector<std::pair<std::string_view, std::string_view>> result;
    for (std::uint32_t i = 0; i < config_->override_count; ++i) {
      result.emplace_back(view(config_->overrides[i]->key_path), view(config_->overrides[i]->value));
    }
    return result;
  }

  /// Reports a problem that makes the configuration unusable. Lines and columns count from 1; 0: no place in a file.
  void error(std::string_view key_path, std::string_view message, std::uint32_t line = 0,
             std::uint32_t column = 0) const {
    report(AGENT_PROBLEM_ERROR, file(), key_path, message, line, column);
  }
  void warning(std::string_view key_path, std::string_view message, std::uint32_t line = 0,
               std::uint32_t column = 0) const {
    report(AGENT_PROBLEM_WARNING, file(), key_path, message, line, column);
  }

  /// The same with every member given. `place` is a file or, for an override, "-o".
  void report(std::int32_t severity, std::string_view place, std::string_view key_path, std::string_view message,
              std::uint32_t line, std::uint32_t column) const {
    agent_config_problem problem{};
    problem.size = static_cast<std::uint32_t>(sizeof problem);
    problem.severity = severity;
    problem.file = agent::text(place);
    problem.line = line;
    problem.column = column;
    problem.key_path = agent::text(key_path);
    problem.message = agent::text(message);
    config_->problem(config_->context, &problem);
    if (severity != AGENT_PROBLEM_ERROR || !first_error_.is_ok()) return;
    first_error_ = {AGENT_E_INVALID, std::string(message)};
    first_error_.file = place;
    first_error_.key_path = key_path;
    first_error_.line = line;
    first_error_.column = column;
  }

  /// The first error that was reported, or ok(): what configure() returns.
  [[nodiscard]] Status status() const { return first_error_; }

 private:
  const agent_config* config_;
  mutable Status first_error_;
};

}  // namespace agent
