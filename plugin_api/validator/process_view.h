// What can be counted of this process before and after: threads, descriptors, pthread keys, memory, global settings.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace plugin_validator {

/// Thread id → its name.
[[nodiscard]] std::map<int, std::string> threads();
/// Those of `now` that are not in `before`, as "3 threads (rdk:main, rdk:broker, …)", or empty. Threads that have been
/// joined may take a moment to vanish from /proc, so it looks again for a while.
[[nodiscard]] std::string new_threads(const std::map<int, std::string>& before,
                                      std::chrono::milliseconds patience = std::chrono::milliseconds(200));

/// Descriptor → what it is.
[[nodiscard]] std::map<int, std::string> descriptors();
[[nodiscard]] std::string new_descriptors(const std::map<int, std::string>& before);

/// How many more pthread keys could be made.
[[nodiscard]] int free_thread_keys();

/// Bytes that malloc() has given out.
[[nodiscard]] std::size_t heap_bytes();

/// Signal handlers and mask, locale, working folder, umask, environment: "what: value" each, to be compared.
[[nodiscard]] std::map<std::string, std::string> global_settings();

}  // namespace plugin_validator
