#include "core/cause.h"

namespace kafka_events {
namespace {

thread_local const Cause* current = nullptr;

}  // namespace

const Cause* current_cause() noexcept { return current; }

CauseScope::CauseScope(const Cause& cause) noexcept : before_(current) { current = &cause; }
CauseScope::~CauseScope() { current = before_; }

}  // namespace kafka_events
