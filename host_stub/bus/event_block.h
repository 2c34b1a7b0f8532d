// One event in one block of memory: the ABI's struct, the bus's own figures about it, then everything that was copied.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "agent_plugin/ext/event_bus.h"

#include "bus/event_pool.h"

namespace host_stub {

struct EventBlock {
  agent_event event;  // first: the pointer that plugins hold is the block's

  /// Low half: references, one of them the bus's own until all handlings have ended. High half: handlings that have not
  /// ended. The event lives while either is not zero, so ending a handling needs one atomic operation, not two.
  std::atomic<std::uint64_t> word;
  static constexpr std::uint64_t one_reference = 1;
  static constexpr std::uint64_t one_handling = std::uint64_t{1} << 32;
  [[nodiscard]] static constexpr std::uint64_t handlings(std::uint64_t word) noexcept { return word >> 32; }

  std::atomic<std::uint32_t> failed;
  std::atomic<std::uint32_t> busy;
  std::uint32_t handlers;  // written by the publisher before it ends its own handling
  std::atomic<std::string*> detail;

  std::uint64_t cookie;
  std::atomic<std::uint64_t>* outstanding;  // the publisher's counter or null; set if `completed` is, as is the next
  void* completion_context;
  void (*completed)(void* context, std::uint64_t cookie, const agent_event_result* result);

  void* payload_owner;
  void (*payload_release)(void* payload_owner);

  void ask(const agent_event_completion& completion, std::atomic<std::uint64_t>* counter) noexcept {
    outstanding = counter;
    cookie = completion.cookie;
    completion_context = completion.context;
    completed = completion.completed;
  }
  [[nodiscard]] static EventBlock& of(const agent_event* event) noexcept {
    return *reinterpret_cast<EventBlock*>(const_cast<agent_event*>(event));
  }
  [[nodiscard]] BlockPool& home() noexcept { return *Block::of(this)->home; }
};

static_assert(offsetof(EventBlock, event) == 0);

/// What an event gets from the bus rather than from its draft.
struct EventOrigin {
  std::string_view wallet_id;  ///< for drafts without a tenant
  std::uint64_t publisher = 0;
  std::uint64_t id_high = 0;  ///< with id_low: 128 bits that no other event has
  std::uint64_t id_low = 0;
  std::uint32_t handlings = 0;
};

/// Bytes that the parts of `draft` take together, without the payload; SIZE_MAX if they overflow.
[[nodiscard]] std::size_t size_besides_payload(const agent_event_draft& draft) noexcept;

/// Copies a draft into a block of `pool`. `besides` is size_besides_payload(draft). Throws std::bad_alloc.
[[nodiscard]] EventBlock& make_event(BlockPool& pool, const agent_event_draft& draft, std::size_t besides,
                                     const EventOrigin& origin);

/// Keeps the reason of a failure: the first one, cut after 1 KiB, if somebody has asked to be told.
void keep_detail(EventBlock& block, std::string_view detail) noexcept;
/// The same, but it takes the place of what is there.
void replace_detail(EventBlock& block, std::string_view detail) noexcept;

/// Ends the block's content: tells the payload's owner. The memory is the caller's to give back.
void end_event(EventBlock& block) noexcept;

}  // namespace host_stub
