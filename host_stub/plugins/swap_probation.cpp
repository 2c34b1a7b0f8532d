// Watches a new version while the old one is still there to go back to.
#include <optional>

#include "plugins/error_rate.h"
#include "plugins/swap.h"

namespace host_stub {

using std::chrono::steady_clock;

namespace {

std::string after(std::chrono::milliseconds time) { return std::to_string(time.count()) + " ms"; }

/// What a look at the new version's health says; nothing: all is well, or not bad for long enough.
class HealthRule {
 public:
  HealthRule(const ProbationRules& rules, bool old_was_ready) : rules_(rules), watch_ready_(old_was_ready) {}

  std::optional<std::string> judge(const PluginHealth& health, steady_clock::time_point now) {
    const std::string why = health.reason.empty() ? "" : ": " + health.reason;
    if (!health.live) return "the new version is not alive" + why;
    if (health.ready || !watch_ready_) ready_at_ = now;
    if (now - ready_at_ < rules_.not_ready) return std::nullopt;
    return "the new version was not ready for " + after(rules_.not_ready) + why;
  }

 private:
  const ProbationRules& rules_;
  const bool watch_ready_;
  steady_clock::time_point ready_at_ = steady_clock::now();
};

}  // namespace

std::optional<PluginHealth> Swap::health_of(const Instance& instance, ControlThread& watcher) const {
  const auto health = std::make_shared<PluginHealth>();
  const auto look = [health, instance] { *health = instance->health(); };
  if (!watcher.run(look, steady_clock::now() + request_.probation.health_timeout)) return std::nullopt;
  return *health;
}

std::optional<std::string> Swap::watch_probation() {
  const ProbationRules& rules = request_.probation;
  if (rules.length.count() <= 0 || old_lost_) {
    record_.skip("probation", forward, old_lost_ ? "there is no old version to go back to" : "none was asked for");
    return std::nullopt;
  }
  record_.begin("probation", forward);
  ControlThread watcher("plugin-watch");
  HealthRule health_rule(rules, old_was_ready_);
  ErrorRate errors(rules.max_errors_per_second, steady_clock::now());
  const auto end = steady_clock::now() + rules.length;
  std::optional<std::string> why;
  while (!why && steady_clock::now() < end) {
    const auto health = health_of(new_, watcher);
    const auto now = steady_clock::now();
    why = health ? health_rule.judge(*health, now)
                 : "the new version's health call did not return within " + after(rules.health_timeout);
    if (!why) why = errors.judge(new_->side().errors(), now);
    if (!why && parts_.ending(rules.poll)) break;
  }
  record_.end(why ? StepOutcome::failed : StepOutcome::done, why.value_or(""));
  return why;
}

}  // namespace host_stub
