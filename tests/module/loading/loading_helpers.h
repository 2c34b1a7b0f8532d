// A host for loading tests: a real bus, a real route table, a log that is kept, and plugins from the fixtures' folder.
#pragma once

#include <algorithm>
#include <chrono>
#include <doctest/doctest.h>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

#include "plugins/module.h"
#include "plugins/plugin_manager.h"

namespace host_stub::testing {

using namespace std::chrono_literals;

inline std::filesystem::path fixture(const std::string& name) {
  return std::filesystem::path(FIXTURES) / (name + ".so");
}

class KeptLog : public LogSink {
 public:
  [[nodiscard]] LogLevel level() const noexcept override { return LogLevel::trace; }
  void write(LogLevel, std::string_view origin, std::string_view, std::string_view message,
             std::span<const LogField>) noexcept override {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::string(origin) + ": " + std::string(message));
  }
  [[nodiscard]] std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  /// How many lines contain this.
  [[nodiscard]] long count(std::string_view part) const {
    const std::vector<std::string> all = lines();
    return std::count_if(all.begin(), all.end(),
                         [&](const std::string& line) { return line.find(part) != std::string::npos; });
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

struct TestHost {
  EventBus bus;
  RouteTable routes;
  KeptLog log;
  PluginManager plugins;

  explicit TestHost(std::chrono::milliseconds call_timeout = 20s)
      : plugins({bus, routes, log, "test_host", "1.0.0", "label", "wallet"},
                {SearchPath({std::filesystem::path(FIXTURES)}), call_timeout}) {}

  void load(const std::string& name) {
    const auto loaded = plugins.load(name);
    REQUIRE_MESSAGE(loaded.ok(), loaded.error().message);
  }
  void configure() {
    REQUIRE(plugins.configure({"test.yml", "x: 1", {}}, [](const ConfigProblem&) {}).ok());
  }
};

inline bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// Lines of /proc/self/maps that name a copy of this fixture.
std::size_t mappings_of(const std::string& fixture);

/// A folder that goes with its test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "loading-test-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace host_stub::testing
