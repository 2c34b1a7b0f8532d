// The order of the checks, what each one needs, and the choice between this process and children.
#include "runner.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <map>
#include <semaphore>

#include "child.h"
#include "execute.h"

namespace plugin_validator {
namespace {

using Clock = std::chrono::steady_clock;

const Result not_started{Outcome::crashed, "the process that should run it could not be started", 0};

double milliseconds_since(Clock::time_point began) {
  return std::chrono::duration<double, std::milli>(Clock::now() - began).count();
}

std::vector<const Check*> chosen_checks(const Options& options) {
  std::vector<const Check*> chosen;
  for (const Check& check : all_checks()) {
    if (options.quick && !check.quick) continue;
    bool is_named = options.checks.empty();
    for (const std::string& name : options.checks) is_named = is_named || name == check.name;
    if (is_named) chosen.push_back(&check);
  }
  return chosen;
}

/// The run of all checks, in which one that ended badly keeps those that need it from running.
class Run {
 public:
  Run(const Options& options, const Listener& listener) : options_(options), listener_(listener) {}

  Report all() {
    const auto began = Clock::now();
    pending_ = chosen_checks(options_);
    while (!pending_.empty()) {
      if (skip_if_in_vain(*pending_.front())) continue;
      if (options_.in_process) {
        here();
      } else if (options_.quick) {
        in_one_child();
      } else {
        in_children();
      }
    }
    report_.milliseconds = milliseconds_since(began);
    return std::move(report_);
  }

 private:
  /// Has the check that it needs ended without passing?
  [[nodiscard]] bool is_in_vain(const Check& check) const {
    const auto need = outcomes_.find(check.needs);
    return need != outcomes_.end() && need->second > Outcome::warning;
  }

  bool skip_if_in_vain(const Check& check) {
    if (!is_in_vain(check)) return false;
    const char* how = is_refusal(outcomes_[check.needs]) ? " did not pass" : " was skipped";
    record(check, {Outcome::skipped, text_of("needs ", check.needs, ", which", how), 0});
    return true;
  }

  void here() {
    const Check& check = *pending_.front();
    listener_.begins(check);
    static Subject subject = make_subject(options_);
    const Result result = execute(check, subject);
    if (result.outcome == Outcome::passed) learn(check, subject, report_.module);
    record(check, result);
  }

  /// One child for each check that waits for no other one, some of them at once: most of their time is waiting.
  void in_children() {
    std::counting_semaphore<> free(jobs());
    std::vector<std::pair<const Check*, std::future<One>>> wave;
    for (const Check* check : pending_) {
      if (is_waiting(*check) || is_in_vain(*check)) break;
      wave.emplace_back(check, std::async(std::launch::async, [this, check, &free] {
                          free.acquire();
                          One one = in_own_child(*check);
                          free.release();
                          return one;
                        }));
    }
    for (auto& [check, running] : wave) {
      listener_.begins(*check);
      One one = running.get();
      if (report_.module.name.empty()) report_.module = one.module;
      record(*check, std::move(one.result));
    }
  }

  struct One {
    Result result;
    ModuleInfo module;
  };
  One in_own_child(const Check& check) {
    One one;
    Child child(options_, {&check});
    one.result = child.next(one.module).value_or(not_started);
    return one;
  }

  [[nodiscard]] int jobs() const {
    if (options_.jobs > 0) return options_.jobs;
    return options_.configuration_file.empty() ? 4 : 1;
  }

  /// Does it need a check that has not ended yet?
  [[nodiscard]] bool is_waiting(const Check& check) const {
    return std::any_of(pending_.begin(), pending_.end(),
                       [&](const Check* other) { return std::string_view(other->name) == check.needs; });
  }

  /// All that is left in one child; what is left when it ends early is for another one.
  void in_one_child() {
    const std::vector<const Check*> batch = pending_;
    Child child(options_, batch);
    listener_.begins(*batch.front());
    std::size_t ended = 0;
    while (ended < batch.size()) {
      const std::optional<Result> result = child.next(report_.module);
      if (!result) break;
      record(*batch[ended], *result);
      if (++ended == batch.size() || is_refusal(result->outcome)) break;
      if (skip_if_in_vain(*batch[ended])) break;  // the others with another child
      listener_.begins(*batch[ended]);
    }
    if (ended == 0) record(*batch.front(), not_started);
  }

  void record(const Check& check, Result result) {
    outcomes_[check.name] = result.outcome;
    report_.checks.push_back({&check, std::move(result)});
    pending_.erase(pending_.begin());
    listener_.ended(report_.checks.back());
  }

  const Options& options_;
  const Listener& listener_;
  std::vector<const Check*> pending_;
  std::map<std::string, Outcome> outcomes_;
  Report report_;
};

}  // namespace

Report run_checks(const Options& options, const Listener& listener) { return Run(options, listener).all(); }

}  // namespace plugin_validator
