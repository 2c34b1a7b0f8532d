// Lays an event out in its block.
#include "bus/event_block.h"

#include <bit>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <limits>
#include <new>

#include "bus/event_reference.h"
#include "core/abi_text.h"

namespace host_stub {
namespace {

constexpr std::size_t id_size = 32;
constexpr std::size_t max_detail_bytes = 1024;

/// Sixteen hexadecimal digits, eight at a time without a loop: each nibble gets a byte, then '0' or 'a' - 10 added.
void write_hex(char* to, std::uint64_t value) noexcept {
  for (int half = 0; half < 2; ++half) {
    std::uint64_t nibbles = half == 0 ? value >> 32 : value & 0xFFFFFFFFu;
    nibbles = (nibbles | nibbles << 16) & 0x0000FFFF0000FFFFu;
    nibbles = (nibbles | nibbles << 8) & 0x00FF00FF00FF00FFu;
    nibbles = (nibbles | nibbles << 4) & 0x0F0F0F0F0F0F0F0Fu;
    const std::uint64_t above_nine = ((nibbles + 0x0606060606060606u) >> 4) & 0x0101010101010101u;
    std::uint64_t digits = nibbles + 0x3030303030303030u + above_nine * 0x27u;
    if constexpr (std::endian::native == std::endian::little) digits = __builtin_bswap64(digits);
    std::memcpy(to + std::ptrdiff_t{half} * 8, &digits, sizeof(digits));
  }
}

std::int64_t now_us() noexcept {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

/// Hands out the bytes behind the block, one piece after another.
class Writer {
 public:
  explicit Writer(char* at) noexcept : at_(at) {}

  agent_text text(std::string_view from) noexcept {
    if (from.empty() || from.data() == nullptr) return {nullptr, 0};
    std::memcpy(at_, from.data(), from.size());
    const agent_text copy{at_, from.size()};
    at_ += from.size();
    return copy;
  }
  /// Null stays null, and empty stays empty but not null.
  agent_bytes bytes(const agent_bytes& from) noexcept {
    if (from.data == nullptr) return {nullptr, 0};
    if (from.size > 0) std::memcpy(at_, from.data, from.size);
    const agent_bytes copy{at_, from.size};
    at_ += from.size;
    return copy;
  }
  agent_text fresh_id(const EventOrigin& origin) noexcept {
    write_hex(at_, origin.id_high);
    write_hex(at_ + id_size / 2, origin.id_low);
    const agent_text id{at_, id_size};
    at_ += id_size;
    return id;
  }

 private:
  char* at_;
};

/// Sums sizes and remembers an overflow.
class Sum {
 public:
  void add(std::size_t bytes) noexcept { overflow_ |= __builtin_add_overflow(total_, bytes, &total_); }
  [[nodiscard]] std::size_t value() const noexcept {
    return overflow_ ? std::numeric_limits<std::size_t>::max() : total_;
  }

 private:
  std::size_t total_ = 0;
  bool overflow_ = false;
};

}  // namespace

std::size_t size_besides_payload(const agent_event_draft& draft) noexcept {
  Sum sum;
  sum.add(draft.topic.size);
  sum.add(draft.tenant.size);
  sum.add(draft.key.size);
  sum.add(draft.id.size);
  sum.add(draft.content_type.size);
  sum.add(std::size_t{draft.header_count} * sizeof(agent_header));
  for (std::uint32_t index = 0; index < draft.header_count; ++index) {
    sum.add(draft.headers[index].name.size);
    sum.add(draft.headers[index].value.size);
  }
  return sum.value();
}

EventBlock& make_event(BlockPool& pool, const agent_event_draft& draft, std::size_t besides,
                       const EventOrigin& origin) {
  const bool copies_payload = draft.payload_release == nullptr;
  const std::size_t bytes =
      sizeof(EventBlock) + besides + origin.wallet_id.size() + id_size + (copies_payload ? draft.payload.size : 0);
  auto& block = *new (pool.allocate(bytes)) EventBlock;
  auto* headers = reinterpret_cast<agent_header*>(&block + 1);
  Writer writer(reinterpret_cast<char*>(headers + draft.header_count));

  agent_event& event = block.event;
  event.size = sizeof(agent_event);
  event.header_count = draft.header_count;
  event.topic = writer.text(to_view(draft.topic));  // first: whoever ends the event later looks at it again
  event.tenant = writer.text(draft.tenant.size > 0 ? to_view(draft.tenant) : origin.wallet_id);
  event.key = writer.bytes(draft.key);
  event.id = draft.id.size > 0 ? writer.text(to_view(draft.id)) : writer.fresh_id(origin);
  event.content_type = writer.text(to_view(draft.content_type));
  event.payload = copies_payload ? writer.bytes(draft.payload) : draft.payload;
  for (std::uint32_t index = 0; index < draft.header_count; ++index) {
    headers[index] = {writer.text(to_view(draft.headers[index].name)), writer.bytes(draft.headers[index].value)};
  }
  event.headers = headers;
  event.timestamp_us = draft.timestamp_us != 0 ? draft.timestamp_us : now_us();
  event.publisher = origin.publisher;
  event.retain = retain_event;
  event.release = release_event;

  block.word.store(origin.handlings * EventBlock::one_handling + EventBlock::one_reference, std::memory_order_relaxed);
  block.failed.store(0, std::memory_order_relaxed);
  block.busy.store(0, std::memory_order_relaxed);
  block.handlers = 0;
  block.detail.store(nullptr, std::memory_order_relaxed);
  block.completed = nullptr;
  block.payload_owner = draft.payload_owner;
  block.payload_release = draft.payload_release;
  return block;
}

namespace {

std::string* copy_of(std::string_view detail) noexcept {
  auto* reason = new (std::nothrow) std::string;
  if (reason == nullptr) return nullptr;
  try {
    reason->assign(truncated(detail, max_detail_bytes));
  } catch (const std::bad_alloc&) {  // it ended so all the same, only without the reason
  }
  return reason;
}

}  // namespace

void replace_detail(EventBlock& block, std::string_view detail) noexcept {
  if (detail.empty() || block.completed == nullptr) return;
  if (auto* reason = copy_of(detail)) delete block.detail.exchange(reason, std::memory_order_acq_rel);
}

void keep_detail(EventBlock& block, std::string_view detail) noexcept {
  if (detail.empty() || block.completed == nullptr || block.detail.load(std::memory_order_relaxed) != nullptr) return;
  std::string* reason = copy_of(detail);
  if (reason == nullptr) return;
  std::string* none = nullptr;
  if (!block.detail.compare_exchange_strong(none, reason, std::memory_order_release, std::memory_order_relaxed)) {
    delete reason;
  }
}

void end_event(EventBlock& block) noexcept {
  delete block.detail.load(std::memory_order_relaxed);
  if (block.payload_release != nullptr) block.payload_release(block.payload_owner);
}

}  // namespace host_stub
