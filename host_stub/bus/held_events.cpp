// The queue of a hold.
#include "bus/held_events.h"

#include <algorithm>
#include <new>
#include <utility>

#include "bus/bus_core.h"
#include "core/abi_text.h"

namespace host_stub {
namespace {

std::size_t bytes_of(const EventBlock& block) noexcept {
  const agent_event& event = block.event;
  std::size_t bytes = sizeof(EventBlock) + event.topic.size + event.tenant.size + event.key.size + event.id.size +
                      event.content_type.size + event.payload.size + event.header_count * sizeof(agent_header);
  for (std::uint32_t index = 0; index < event.header_count; ++index) {
    bytes += event.headers[index].name.size + event.headers[index].value.size;
  }
  return bytes;
}

}  // namespace

void HeldEvents::stand_for(const std::vector<Subscription*>& replaced, std::uint64_t generation) {
  generation_ = generation;
  for (const Subscription* each : replaced) covered_.push_back({each, each->token, each->name, each->patterns});
}

bool HeldEvents::covers(const Subscription& subscription) const noexcept {
  return std::ranges::any_of(covered_, [&](const Covered& each) { return each.subscription == &subscription; });
}

bool HeldEvents::is_for(const Subscription& target, std::string_view topic, std::uint64_t first) const {
  if (!target.matches(topic)) return false;
  if (first == 0) return true;
  return target.owner == from_ ? target.token >= first : !was_called(target.name, topic, first);
}

/// A publish that the flip came upon may have called some of the old version's handlers already: then the handlers of
/// the same name in the new version must not get the event a second time.
bool HeldEvents::was_called(std::string_view name, std::string_view topic, std::uint64_t first) const {
  return std::ranges::any_of(covered_, [&](const Covered& each) {
    return each.token < first && each.name == name &&
           std::ranges::any_of(each.patterns, [&](const auto& pattern) { return pattern->matches(topic); });
  });
}

std::int32_t HeldEvents::on_event(void* context, const agent_event* event) {
  auto& self = *static_cast<HeldEvents*>(context);
  return self.take(slot_of_this_thread(self.core_), EventBlock::of(event), 0);
}

std::int32_t HeldEvents::take(ThreadSlot& slot, EventBlock& block, std::uint64_t first) noexcept {
  try {
    if (!passing_.load(std::memory_order_acquire)) {
      if (const auto answer = keep(block, first)) return *answer;
    }
    return core_.pass_on(slot, *this, block, first);
  } catch (const std::exception&) {  // memory is short
    return AGENT_HANDLER_BUSY;
  }
}

std::optional<std::int32_t> HeldEvents::keep(EventBlock& block, std::uint64_t first) {
  const std::size_t bytes = bytes_of(block);
  std::unique_lock lock(mutex_);
  if (const auto pause = pause_before(bytes); pause.count() > 0 && releaser_ != std::this_thread::get_id()) {
    passes_.wait_for(lock, pause, [&] { return passing_.load(std::memory_order_relaxed); });
  }
  if (passing_.load(std::memory_order_relaxed)) return std::nullopt;
  if (!has_room(bytes)) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    return AGENT_HANDLER_BUSY;
  }
  queue_.push_back({&block, bytes, first, 0});
  bytes_ += bytes;
  count_.fetch_add(1, std::memory_order_relaxed);
  return AGENT_HANDLER_LATER;
}

bool HeldEvents::has_room(std::size_t bytes) const {
  return !refusing_ && queue_.size() < limits_.max_events && bytes <= limits_.max_bytes - bytes_;
}

/// The fuller, the slower: somebody who publishes as fast as the hold takes events would fill it in no time.
std::chrono::microseconds HeldEvents::pause_before(std::size_t bytes) const {
  const auto fill = [&](std::size_t parts) {  // is it filled by so many quarters?
    return queue_.size() >= limits_.max_events / 4 * parts || bytes_ + bytes >= limits_.max_bytes / 4 * parts;
  };
  const auto by_fill = fill(3) ? max_pause : fill(2) ? shortest_pause : std::chrono::microseconds(0);
  return std::max(by_fill, pause_);
}

std::uint64_t HeldEvents::start_release() {
  const std::lock_guard lock(mutex_);
  releaser_ = std::this_thread::get_id();
  pause_ = shortest_pause;
  return ++release_;
}

std::optional<HeldEvents::Item> HeldEvents::pop(std::uint64_t release) {
  const std::lock_guard lock(mutex_);
  if (release != release_ || queue_.empty()) return std::nullopt;
  const Item item = queue_.front();
  queue_.pop_front();
  bytes_ -= item.bytes;
  count_.fetch_sub(1, std::memory_order_relaxed);
  return item;
}

bool HeldEvents::is_current(std::uint64_t release) const {
  const std::lock_guard lock(mutex_);
  return release == release_;
}

std::size_t HeldEvents::queued() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void HeldEvents::slow_publishers_down() noexcept {
  const std::lock_guard lock(mutex_);
  pause_ = std::min(pause_ * 2, max_pause);
}

void HeldEvents::refuse_all() noexcept {
  const std::lock_guard lock(mutex_);
  refusing_ = true;
}

bool HeldEvents::try_pass(std::uint64_t release, std::vector<Subscription*> targets) {
  {
    const std::lock_guard lock(mutex_);
    if (release != release_ || !queue_.empty()) return false;
    if (passing_.load(std::memory_order_relaxed)) return true;
    targets_ = std::move(targets);
    passing_.store(true, std::memory_order_release);
  }
  passes_.notify_all();
  return true;
}

}  // namespace host_stub
