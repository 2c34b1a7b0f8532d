// Memory for events: blocks in a few sizes, kept for reuse by the thread that made them.
//
// Each thread allocates from its own pool, without atomics. A block that another thread gives back goes onto a list of
// its home pool with one compare-and-swap; only the home's thread takes from that list, and takes it whole, so that no
// element can come and go under its hands (no ABA problem). Blocks never wander, so memory stays at its peak.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace host_stub {

class BlockPool;
class BusCore;

/// What stands before the memory that is handed out.
struct alignas(16) Block {
  BlockPool* home;
  Block* next;
  std::uint32_t size_class;

  [[nodiscard]] void* memory() noexcept { return this + 1; }
  [[nodiscard]] static Block* of(void* memory) noexcept { return static_cast<Block*>(memory) - 1; }
};

class BlockPool {
 public:
  /// 256 bytes to 64 KiB, two sizes per doubling; larger blocks are allocated and freed one by one.
  static constexpr std::uint32_t size_classes = 17;

  explicit BlockPool(BusCore& core) noexcept : core_(core) {}
  ~BlockPool();
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;

  /// Owner's thread. Aligned to 16 bytes. Throws std::bad_alloc.
  [[nodiscard]] void* allocate(std::size_t bytes) {
    const std::uint32_t size_class = class_of(bytes + sizeof(Block));
    if (size_class < size_classes && free_[size_class] != nullptr) [[likely]] {
      Block* block = free_[size_class];
      free_[size_class] = block->next;
      expect(block->next);
      return block->memory();
    }
    return allocate_slowly(bytes, size_class);
  }

  /// Any thread; `mine` is the calling thread's pool.
  static void free(void* memory, BlockPool& mine) noexcept {
    Block* block = Block::of(memory);
    if (block->home == &mine && block->size_class < size_classes) [[likely]] {
      block->next = mine.free_[block->size_class];
      mine.free_[block->size_class] = block;
    } else {
      free_elsewhere(block);
    }
  }

  [[nodiscard]] BusCore& core() const noexcept { return core_; }
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }

 private:
  friend class ReturnBatch;

  struct Unused {  // of the newest slab: memory that was never touched
    std::byte* at = nullptr;
    std::byte* end = nullptr;
  };
  using List = std::atomic<Block*>;
  static constexpr std::size_t cache_line = 64;
  static constexpr std::size_t expected_lines = 7;  // an event with short texts and a payload of some 100 bytes

  /// With many events in flight a block that comes back has long left the cache: fetching it here, for the event after
  /// this one, takes the wait out of that one. Only a hint to the processor.
  static void expect(const Block* next) noexcept {
    if (next == nullptr) return;  // allowed as a hint, but the processor would look for its page each time
    const auto* bytes = reinterpret_cast<const char*>(next);
    for (std::size_t line = 0; line < expected_lines; ++line) __builtin_prefetch(bytes + line * cache_line, 1);
  }

  static std::uint32_t class_of(std::size_t bytes) noexcept;
  static std::size_t class_bytes(std::uint32_t size_class) noexcept;
  [[nodiscard]] void* allocate_slowly(std::size_t bytes, std::uint32_t size_class);
  [[nodiscard]] Block* carve(std::uint32_t size_class);
  static void free_elsewhere(Block* block) noexcept;
  static void push(List& list, Block* first, Block* last) noexcept;

  BusCore& core_;
  std::array<Block*, size_classes> free_{};
  std::array<Unused, size_classes> unused_{};
  std::vector<std::unique_ptr<std::byte[]>> slabs_;
  std::atomic<std::uint64_t> bytes_{0};
  alignas(128) std::array<List, size_classes> returned_{};  // other threads write here
};

/// Gives many blocks back with one atomic operation for each pool that they came from.
class ReturnBatch {
 public:
  explicit ReturnBatch(BlockPool& mine) noexcept : mine_(mine) {}
  ~ReturnBatch();
  ReturnBatch(const ReturnBatch&) = delete;
  ReturnBatch& operator=(const ReturnBatch&) = delete;

  void free(void* memory) noexcept;

 private:
  struct Chain {
    BlockPool::List* list = nullptr;
    Block* first = nullptr;
    Block* last = nullptr;
  };
  BlockPool& mine_;
  std::array<Chain, 8> chains_{};
};

inline std::uint32_t BlockPool::class_of(std::size_t bytes) noexcept {
  if (bytes <= 256) return 0;
  const auto bits = static_cast<std::uint32_t>(64 - __builtin_clzll(bytes - 1));  // bytes <= 2^bits
  const bool fits_lower = bytes <= (std::size_t{3} << (bits - 2));                // <= 0.75 * 2^bits
  return 2 * (bits - 8) - (fits_lower ? 1 : 0);
}

}  // namespace host_stub
