// The control file and the faults that look alike in every step.
#include "fault_plan.h"

#include <array>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "agent_plugin_cpp/status.hpp"

namespace failing {
namespace {

constexpr std::array<std::pair<std::string_view, How>, 7> words{{{"error", How::error},
                                                                 {"exception", How::exception},
                                                                 {"hang", How::hang},
                                                                 {"leak_thread", How::leak_thread},
                                                                 {"not_ready", How::not_ready},
                                                                 {"not_live", How::not_live},
                                                                 {"bad_config", How::bad_config}}};
constexpr std::chrono::milliseconds slice{100};
constexpr std::chrono::hours longest{1};

void sleep_on() {
  const auto end = std::chrono::steady_clock::now() + longest;
  while (std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(slice);
}

std::optional<How> read_plan(std::string_view step) {
  const char* path = std::getenv("KAFKA_EVENTS_FAIL_FILE");
  if (path == nullptr) return {};
  std::ifstream file(path);
  std::string name;
  std::string how;
  while (file >> name >> how) {
    if (name != step) continue;
    for (const auto& [word, value] : words) {
      if (word == how) return value;
    }
  }
  return {};
}

std::int32_t fail(std::int32_t status, agent_error* error, std::string_view step) {
  if (error != nullptr) {
    error->code = status;
    agent::copy_text(error->message, std::string("fails on purpose in ").append(step).append("()"));
  }
  return status;
}

}  // namespace

std::optional<How> planned(std::string_view step) noexcept {
  try {
    return read_plan(step);
  } catch (...) {
    return {};
  }
}

std::optional<std::int32_t> strike(std::string_view step, agent_error* error) {
  const std::optional<How> how = planned(step);
  if (!how) return {};
  switch (*how) {
    case How::error:
      return fail(AGENT_E_FAILED, error, step);
    case How::exception:
      throw std::runtime_error(std::string("thrown on purpose in ").append(step).append("()"));
    case How::hang:
      sleep_on();
      return fail(AGENT_E_TIMEOUT, error, step);
    case How::leak_thread:
      std::thread(sleep_on).detach();
      return {};
    case How::bad_config:
      return fail(AGENT_E_INVALID, error, step);
    case How::not_ready:
    case How::not_live:
      return {};
  }
  return {};
}

}  // namespace failing
