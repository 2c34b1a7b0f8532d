// All that can be wrong with a configuration before anything is built from it.
#include "plugin/read_settings.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "config/loader.h"
#include "kafka/properties.h"
#include "plugin/senders.h"

namespace kafka_events {
namespace {

void report(const host::Configuration& to, const config::Problem& problem) {
  to.report({.is_error = problem.severity == config::Severity::error,
             .file = problem.place.file,
             .line = problem.place.line,
             .column = problem.place.column,
             .key_path = problem.place.key_path,
             .message = problem.message});
}

config::LoadResult load(const host::Configuration& configuration) {
  std::vector<config::Override> overrides;
  overrides.reserve(configuration.overrides.size());
  for (const host::ConfigurationOverride& entry : configuration.overrides) {
    overrides.push_back({entry.key_path, entry.value});
  }
  const std::size_t slash = configuration.file.rfind('/');
  return config::load(
      {.file_name = configuration.file,
       .text = configuration.text,
       .overrides = overrides,
       .env = &config::process_environment,
       .read_file = &config::read_process_file,
       .base_dir = slash == std::string_view::npos ? std::string() : std::string(configuration.file.substr(0, slash))});
}

/// What librdkafka thinks of the properties; the same one in several clients is told once.
std::vector<config::Problem> check_clients(const config::Settings& settings) {
  std::vector<config::Problem> problems = check_properties(settings.producer.properties);
  const auto known = [&](const config::Problem& problem) {
    return std::any_of(problems.begin(), problems.end(), [&](const config::Problem& other) {
      return other.message == problem.message && other.place.line == problem.place.line &&
             other.place.key_path == problem.place.key_path;
    });
  };
  for (const config::WorkerSettings& worker : settings.workers) {
    for (config::Problem& problem : check_properties(worker.properties)) {
      if (!known(problem)) problems.push_back(std::move(problem));
    }
  }
  return problems;
}

}  // namespace

Result<config::Settings> read_settings(const host::Configuration& configuration) {
  config::LoadResult loaded = load(configuration);
  if (loaded.settings) {
    for (config::Problem& problem : check_clients(*loaded.settings)) loaded.problems.push_back(std::move(problem));
    for (config::Problem& problem : Senders::check(*loaded.settings)) loaded.problems.push_back(std::move(problem));
  }
  const config::Problem* first = nullptr;
  for (const config::Problem& problem : loaded.problems) {
    report(configuration, problem);
    if (first == nullptr && problem.severity == config::Severity::error) first = &problem;
  }
  if (first != nullptr) return Error(ErrorCode::invalid, config::to_line(*first));
  if (!loaded.settings) return Error(ErrorCode::internal, "the configuration was refused without a reason");
  return *std::move(loaded.settings);
}

}  // namespace kafka_events
