// Each call: say what comes, tell the ledger, give the error buffer, look at what came back.
#include "life.h"

#include <cstring>

#include "check.h"
#include "step.h"

namespace plugin_validator {
namespace {

Answer read_error(std::string_view what, std::int32_t status, const agent_error& error) {
  if (status == AGENT_OK) return {};
  if (status > 0) fail(what, " returned ", status, "; 0 is success and failures are negative (AGENT_E_…)");
  const std::size_t size = ::strnlen(error.message, sizeof(error.message));
  if (size == sizeof(error.message)) fail(what, " failed with a message that is not NUL-terminated");
  if (size == 0)
    fail(what, " failed with ", status, " and no message; write into error->message what is wrong and what to do");
  if (!is_utf8({error.message, size})) fail(what, " failed with a message that is not UTF-8");
  const bool has_place = error.line > 0 || error.key_path[0] != '\0';
  return {status, std::string(error.message, size), has_place};
}

void collect_problem(void* context, const agent_config_problem* problem) {
  static_cast<std::vector<Problem>*>(context)->push_back(
      {problem->severity, problem->line > 0 || problem->key_path.size > 0, std::string(view(problem->message))});
}

}  // namespace

TestHost& host_for(Subject& subject, HostSettings settings) {
  settings.is_in_module = [&subject](const void* code) { return subject.is_loaded() && subject.contains(code); };
  return TestHost::make(std::move(settings));
}

void must(const Answer& answer, std::string_view what) {
  if (!answer.is_ok()) fail(what, " failed with ", answer.status, ": ", answer.message);
}

Answer Life::call(std::string_view what, Phase during, Phase after,
                  const std::function<std::int32_t(agent_error*)>& function) {
  Ledger& ledger = host_.ledger();
  const Phase before = ledger.phase();
  const std::string named = label_.empty() ? std::string(what) : text_of(what, " of ", label_);
  step(named);
  Arena memory(host_.layout());
  agent_error* error = memory.place(agent_error AGENT_ERROR_INIT);
  std::int32_t status = AGENT_OK;
  bool threw = false;
  ledger.enter(during);
  try {
    status = function(error);
  } catch (...) {
    threw = true;
  }
  ledger.enter(status == AGENT_OK && !threw ? after : before);
  if (threw) fail(named, " let an exception out; turn every exception into a status at the boundary");
  step(text_of("after ", named));
  return read_error(named, status, *error);
}

Answer Life::create() {
  const agent_plugin_module& block = subject_.block();
  plugin_ = nullptr;
  const Answer answer = call("create()", phase_creating, phase_created,
                             [&](agent_error* error) { return block.create(host_.table(), &plugin_, error); });
  if (answer.is_ok() && plugin_ == nullptr) fail("create() returned AGENT_OK and no instance");
  if (!answer.is_ok() && plugin_ != nullptr)
    fail("create() failed and gave an instance all the same; leave *plugin NULL");
  return answer;
}

Answer Life::configure(std::string_view text) {
  problems_.clear();
  return call("configure()", phase_configuring, phase_configured, [&](agent_error* error) {
    Arena memory(host_.layout());
    const agent_config* config = memory.place(agent_config{.size = 0,
                                                           .override_count = 0,
                                                           .file = memory.text(subject_.configuration_file()),
                                                           .text = memory.text(text),
                                                           .overrides = nullptr,
                                                           .context = &problems_,
                                                           .problem = &collect_problem});
    return plugin_->configure(plugin_, config, error);
  });
}

Answer Life::start() {
  return call("start()", phase_starting, phase_active,
              [&](agent_error* error) { return plugin_->start(plugin_, error); });
}

Answer Life::drain(std::uint32_t timeout_ms, bool with_report) {
  Answer answer = call(text_of("drain(", timeout_ms, " ms)"), phase_draining, phase_draining, [&](agent_error* error) {
    Arena memory(host_.layout());
    agent_drain_report* report = memory.place(agent_drain_report{});
    return plugin_->drain(plugin_, timeout_ms, with_report ? report : nullptr, error);
  });
  if (answer.status == AGENT_E_TIMEOUT) host_.ledger().enter(phase_draining);  // it did drain, and gave something up
  return answer;
}

Answer Life::stop() {
  return call("stop()", phase_draining, phase_configured,
              [&](agent_error* error) { return plugin_->stop(plugin_, error); });
}

void Life::destroy() {
  if (plugin_ == nullptr) return;
  (void)call("destroy()", phase_destroying, phase_destroyed, [&](agent_error* /*error*/) {
    plugin_->destroy(plugin_);
    return AGENT_OK;
  });
  plugin_ = nullptr;
}

void Life::must_create() { must(create(), "create()"); }

void Life::must_configure() {
  const Answer answer = configure(subject_.configuration());
  if (answer.is_ok()) return;
  if (subject_.has_own_configuration()) must(answer, "configure() with " + subject_.configuration_file());
  skip("it refuses to be configured with `", subject_.name(), ": {}` (", answer.message,
       "); give a configuration that it accepts with --config FILE");
}

void Life::must_start() { must(start(), "start()"); }
void Life::must_stop() { must(stop(), "stop()"); }

void Life::up_to_active() {
  must_create();
  must_configure();
  must_start();
}

void Life::down() {
  if (host_.ledger().phase() == phase_active) {
    const Answer drained = drain(drain_ms);
    if (drained.status != AGENT_E_TIMEOUT) must(drained, "drain()");
  }
  if (host_.ledger().phase() == phase_draining) must_stop();
  destroy();
}

const void* Life::extension(const char* id) {
  step(text_of("get_extension(\"", id, "\")"));
  try {
    return plugin_->get_extension(plugin_, id);
  } catch (...) {
    fail("get_extension(\"", id, "\") let an exception out");
  }
}

const agent_handover* Life::handover() { return static_cast<const agent_handover*>(extension(AGENT_EXT_HANDOVER)); }

}  // namespace plugin_validator
