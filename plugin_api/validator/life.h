// Drives one instance through its life in the test host, as a host does, and holds it to the conventions of each call.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "agent_plugin/ext/handover.h"
#include "agent_plugin/plugin.h"

#include "host/test_host.h"
#include "subject.h"

namespace plugin_validator {

/// What a function answered.
struct Answer {
  std::int32_t status = AGENT_OK;
  std::string message;
  bool has_place = false;  // a line, or a key path
  [[nodiscard]] bool is_ok() const noexcept { return status == AGENT_OK; }
};

/// One problem that configure() reported.
struct Problem {
  std::int32_t severity;
  bool has_place;
  std::string message;
};

/// Answers of a function that break a convention (an exception, a positive status, a failure without a message) are
/// Findings at once; the must_… functions take any failure for one. The instance is not destroyed with this object:
/// a check that ended early leaves it alone.
class Life {
 public:
  Life(Subject& subject, TestHost& host, std::string_view label = "") : subject_(subject), host_(host), label_(label) {}

  Answer create();
  Answer configure(std::string_view text);
  Answer start();
  Answer drain(std::uint32_t timeout_ms, bool with_report = true);
  Answer stop();
  void destroy();

  void must_create();
  /// With the subject's configuration; one that is refused skips the check, unless it was given with --config.
  void must_configure();
  void must_start();
  void must_stop();
  /// All up to the first of these, or all down from wherever it is.
  void up_to_active();
  void down();

  [[nodiscard]] const agent_handover* handover();
  /// Calls one of the handover functions: `during` the call, and `after` it if it succeeds.
  Answer call(std::string_view what, Phase during, Phase after,
              const std::function<std::int32_t(agent_error*)>& function);

  [[nodiscard]] agent_plugin* plugin() const noexcept { return plugin_; }
  [[nodiscard]] TestHost& host() const noexcept { return host_; }
  [[nodiscard]] Subject& subject() const noexcept { return subject_; }
  [[nodiscard]] const std::vector<Problem>& problems() const noexcept { return problems_; }
  [[nodiscard]] const void* extension(const char* id);

 private:
  Subject& subject_;
  TestHost& host_;
  std::string label_;
  agent_plugin* plugin_ = nullptr;
  std::vector<Problem> problems_;
};

/// How long drain() is given, in milliseconds: what is not delivered to a peer that is away will not be any later.
constexpr std::uint32_t drain_ms = 250;

/// A host of these settings that knows where the module lies.
[[nodiscard]] TestHost& host_for(Subject& subject, HostSettings settings = {});

void must(const Answer& answer, std::string_view what);

}  // namespace plugin_validator
