#include "registry/registry_condition.h"

#include <array>

namespace kafka_events {
namespace {

constexpr auto quiet_for = std::chrono::seconds(30);

}  // namespace

void RegistryCondition::answered(const std::string& url, Time now) {
  const std::lock_guard lock(mutex_);
  state_ = State::good;
  trouble_.clear();
  tell(State::good, url, now);
}

void RegistryCondition::failed(const std::string& url, const Error& error, Time now) {
  const std::lock_guard lock(mutex_);
  state_ = error.code == ErrorCode::unavailable ? State::refusing : State::away;
  trouble_ = error.message;
  tell(state_, url, now);
}

void RegistryCondition::tell(State state, const std::string& url, Time now) {
  if (state == told_) return;
  const bool only_refusals = told_ != State::away && state != State::away;
  const bool first_words = told_ == State::unknown;
  if (only_refusals && !first_words && now - told_at_ < quiet_for) return;
  told_ = state;
  told_at_ = now;
  if (state == State::good && first_words) return;  // as it should be
  const std::array fields{LogField{"url.full", url}};
  if (state == State::good) {
    log_.write(LogLevel::info, "registry", "the schema registry answers again", fields);
    return;
  }
  const std::string what =
      state == State::away ? "the schema registry does not answer: " : "the schema registry is in trouble: ";
  log_.write(LogLevel::warning, "registry",
             what + trouble_ + "; schemas that are known stay in use, and it is asked again with growing pauses",
             fields);
}

bool RegistryCondition::reachable() const {
  const std::lock_guard lock(mutex_);
  return state_ == State::good;
}

std::string RegistryCondition::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

}  // namespace kafka_events
