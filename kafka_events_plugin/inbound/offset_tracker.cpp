// The contiguous watermark, and completions that find their record.
#include "inbound/offset_tracker.h"

#include <algorithm>
#include <utility>

namespace kafka_events {
namespace {

constexpr std::size_t kept_slots = 64;  // memory for so many stays with an idle partition

std::uint64_t record_bytes(const InboundRecord& record) {
  std::uint64_t bytes = record.key.size() + record.value.size();
  for (const Header& header : record.headers) bytes += header.name.size() + header.value.size();
  return bytes;
}

}  // namespace

void WorkerState::add_failed(FailedRecord&& failed_record) {
  const std::lock_guard lock(mutex);
  failed.push_back(std::move(failed_record));
}

std::vector<FailedRecord> WorkerState::take_failed() {
  const std::lock_guard lock(mutex);
  return std::exchange(failed, {});
}

OffsetTracker::~OffsetTracker() {
  for (Slot& slot : slots_) release(slot);
}

void OffsetTracker::begin(const InboundRecord& record, Holder holder) {
  const std::lock_guard lock(mutex_);
  Slot& slot = add(record.offset);
  slot.record = record;
  slot.headers.assign(record.headers.begin(), record.headers.end());
  slot.record.headers = slot.headers;
  if (holder == Holder::event) slot.record.owner = nullptr;
  slot.held = HeldBytes(worker_->held_bytes, record_bytes(record));
  slot.attempts = 1;
  slot.published = true;
  published();
}

void OffsetTracker::begin(FailedRecord& failed) {
  failed.tracker = shared_from_this();
  const std::lock_guard lock(mutex_);
  const InboundRecord record = failed.record->view();
  Slot& slot = add(record.offset);
  slot.stage = failed.stage;
  slot.purpose = failed.purpose;
  slot.attempts = failed.attempts;
  failed.held = HeldBytes(worker_->held_bytes, record_bytes(record));
  trouble(slot);
}

InboundRecord OffsetTracker::begin_again(FailedRecord&& failed, Purpose purpose, std::uint32_t attempts) {
  const std::lock_guard lock(mutex_);
  const InboundRecord record = failed.record->view();
  if (Slot* slot = find(record.offset)) {
    slot->purpose = purpose;
    slot->attempts = attempts;
    if (purpose == Purpose::handle) slot->stage = "handle";  // it could be decoded
    slot->published = true;
    slot->kept = std::move(failed.record);
    slot->held = std::move(failed.held);
    slot->record = record;
    // A dead letter on its way needs no order: others of its partition may go on.
    if (purpose == Purpose::dead_letter && std::exchange(slot->troubled, false)) --troubled_;
    published();
  }
  return record;
}

std::optional<OffsetTracker::WithHandlers> OffsetTracker::oldest_with_handlers() const {
  const std::lock_guard lock(mutex_);
  const auto found =
      std::ranges::find_if(slots_, [](const Slot& slot) { return slot.published && slot.purpose == Purpose::handle; });
  if (found == slots_.end()) return std::nullopt;
  return WithHandlers{found->offset, found->attempts};
}

void OffsetTracker::look_at(std::int64_t offset, const std::function<void(const InboundRecord& record)>& look) {
  const std::lock_guard lock(mutex_);
  const Slot* slot = find(offset);
  // Its completion waits for this lock, and until then the event holds the record.
  if (slot != nullptr && slot->published) look(slot->record);
}

std::optional<FailedRecord> OffsetTracker::not_published(std::int64_t offset, std::string reason) {
  std::shared_ptr<OffsetTracker> last;
  const std::lock_guard lock(mutex_);
  last = one_completion_less();
  Slot* slot = find(offset);
  if (slot == nullptr) return std::nullopt;
  slot->published = false;
  // The bus has released what it owned, also when it refused.
  const bool still_there = slot->kept != nullptr || slot->record.owner != nullptr;
  if (!still_there) {
    slot->held.release();
    return std::nullopt;
  }
  return take(*slot, reason);
}

void OffsetTracker::finish(std::int64_t offset) {
  const std::lock_guard lock(mutex_);
  Slot* slot = find(offset);
  if (slot == nullptr || closed_) return;
  end(*slot);
  advance();
}

void OffsetTracker::completed(std::uint64_t cookie, Outcome outcome, std::string_view detail) noexcept {
  std::shared_ptr<OffsetTracker> last;  // destroyed after the lock is
  const std::lock_guard lock(mutex_);
  last = one_completion_less();
  Slot* slot = find(static_cast<std::int64_t>(cookie));
  if (slot == nullptr) return;
  slot->published = false;
  if (outcome != Outcome::done && slot->purpose == Purpose::handle) ++worker_->handler_failures;
  if (outcome == Outcome::done) ++(slot->purpose == Purpose::handle ? worker_->done : worker_->dead_lettered);
  if (outcome == Outcome::done || slot->done || closed_) {
    end(*slot);
    release(*slot);
    slot->kept.reset();
    slot->held.release();
    if (!closed_) advance();
    return;
  }
  const std::string_view reason = !detail.empty()            ? detail
                                  : outcome == Outcome::busy ? "a handler was busy"
                                                             : "a handler failed";
  // The event is alive during this call, and with it the record that it holds.
  worker_->add_failed(take(*slot, reason));
}

OffsetTracker::Slot& OffsetTracker::add(std::int64_t offset) {
  if (next_ < 0) next_ = told_ = offset;
  last_.store(offset, std::memory_order_relaxed);
  if (slots_.full()) slots_.set_capacity(std::max(2 * slots_.size(), kept_slots));
  slots_.push_back({});
  Slot& slot = slots_.back();
  slot.offset = offset;
  return slot;
}

OffsetTracker::Slot* OffsetTracker::find(std::int64_t offset) {
  // Most handlers end before they return: then it is the newest.
  if (!slots_.empty() && slots_.back().offset == offset) return &slots_.back();
  const auto found = std::ranges::lower_bound(slots_, offset, {}, &Slot::offset);
  return found == slots_.end() || found->offset != offset ? nullptr : &*found;
}

void OffsetTracker::published() {
  if (in_flight_++ == 0) self_ = shared_from_this();
  worker_->in_flight.fetch_add(1, std::memory_order_relaxed);
}

std::shared_ptr<OffsetTracker> OffsetTracker::one_completion_less() {
  worker_->in_flight.fetch_sub(1, std::memory_order_relaxed);
  if (--in_flight_ > 0) return nullptr;
  worker_->idle.notify_all();
  return std::move(self_);
}

FailedRecord OffsetTracker::take(Slot& slot, std::string_view reason) {
  if (slot.kept == nullptr) slot.kept = std::make_unique<KeptRecord>(slot.record);
  release(slot);
  trouble(slot);
  return {shared_from_this(), std::move(slot.kept), slot.purpose,        slot.attempts,
          slot.stage,         std::string(reason),  std::move(slot.held)};
}

void OffsetTracker::trouble(Slot& slot) {
  if (std::exchange(slot.troubled, true)) return;
  ++troubled_;
}

void OffsetTracker::end(Slot& slot) {
  slot.done = true;
  if (!std::exchange(slot.troubled, false)) return;
  --troubled_;
}

void OffsetTracker::release(Slot& slot) {
  if (slot.record.owner != nullptr) slot.record.release(std::exchange(slot.record.owner, nullptr));
}

void OffsetTracker::advance() {
  const std::int64_t before = next_;
  while (passed_ < slots_.size() && slots_[passed_].done) next_ = slots_[passed_++].offset + 1;
  // A record that was done early still has its completion to come, which must find its slot.
  for (; passed_ > 0 && !slots_.front().published; --passed_) slots_.pop_front();
  if (slots_.empty() && slots_.capacity() > kept_slots) slots_.set_capacity(kept_slots);
  if (next_ != before) worker_->moved.store(true, std::memory_order_release);
}

std::optional<std::int64_t> OffsetTracker::moved() {
  const std::lock_guard lock(mutex_);
  if (next_ == told_) return std::nullopt;
  told_ = next_;
  return next_;
}

std::optional<std::int64_t> OffsetTracker::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  if (next_ == told_) return std::nullopt;
  told_ = next_;
  return next_;
}

bool OffsetTracker::wants(std::int64_t offset) const {
  return !stopped_.load(std::memory_order_relaxed) && offset > last_.load(std::memory_order_relaxed);
}

bool OffsetTracker::must_rest(std::size_t spread_limit) const {
  const std::lock_guard lock(mutex_);
  return troubled_ > 0 || stopped_ || slots_.size() > spread_limit;
}

void OffsetTracker::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
}

bool OffsetTracker::stopped() const { return stopped_; }

bool OffsetTracker::closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

std::uint64_t OffsetTracker::in_flight() const {
  const std::lock_guard lock(mutex_);
  return in_flight_;
}

}  // namespace kafka_events
