// The slower ways: taking back what other threads returned, new slabs, blocks too large for a slab.
#include "bus/event_pool.h"

#include <algorithm>
#include <new>

namespace host_stub {
namespace {

constexpr std::size_t slab_bytes = 64 << 10;
constexpr std::align_val_t large_alignment{alignof(Block)};

}  // namespace

BlockPool::~BlockPool() = default;

std::size_t BlockPool::class_bytes(std::uint32_t size_class) noexcept {
  const std::size_t lower = std::size_t{256} << (size_class / 2);
  return size_class % 2 == 0 ? lower : lower + lower / 2;
}

void* BlockPool::allocate_slowly(std::size_t bytes, std::uint32_t size_class) {
  if (size_class >= size_classes) {
    auto* block = static_cast<Block*>(::operator new(bytes + sizeof(Block), large_alignment));
    *block = {this, nullptr, size_classes};
    return block->memory();
  }
  Block* taken = returned_[size_class].exchange(nullptr, std::memory_order_acquire);
  if (taken == nullptr) return carve(size_class)->memory();
  free_[size_class] = taken->next;
  expect(taken->next);
  return taken->memory();
}

Block* BlockPool::carve(std::uint32_t size_class) {
  const std::size_t size = class_bytes(size_class);
  Unused& unused = unused_[size_class];
  if (unused.at == unused.end) {
    const std::size_t usable = std::max(slab_bytes / size, std::size_t{1}) * size;
    slabs_.reserve(slabs_.size() + 1);
    slabs_.push_back(std::make_unique_for_overwrite<std::byte[]>(usable));
    unused = {slabs_.back().get(), slabs_.back().get() + usable};
    bytes_.fetch_add(usable, std::memory_order_relaxed);
  }
  auto* block = reinterpret_cast<Block*>(unused.at);
  unused.at += size;
  *block = {this, nullptr, size_class};
  return block;
}

void BlockPool::free_elsewhere(Block* block) noexcept {
  if (block->size_class == size_classes) {
    ::operator delete(block, large_alignment);
  } else {
    push(block->home->returned_[block->size_class], block, block);
  }
}

void BlockPool::push(List& list, Block* first, Block* last) noexcept {
  Block* head = list.load(std::memory_order_relaxed);
  do {
    last->next = head;
  } while (!list.compare_exchange_weak(head, first, std::memory_order_release, std::memory_order_relaxed));
}

void ReturnBatch::free(void* memory) noexcept {
  Block* block = Block::of(memory);
  if (block->home == &mine_ || block->size_class == BlockPool::size_classes) return BlockPool::free(memory, mine_);
  BlockPool::List* list = &block->home->returned_[block->size_class];
  auto chain = std::find_if(chains_.begin(), chains_.end(),
                            [&](const Chain& known) { return known.list == list || known.list == nullptr; });
  if (chain == chains_.end()) {
    chain = chains_.begin();
    BlockPool::push(*chain->list, chain->first, chain->last);
    *chain = {};
  }
  if (chain->list == nullptr) *chain = {list, nullptr, block};
  block->next = chain->first;
  chain->first = block;
}

ReturnBatch::~ReturnBatch() {
  for (const Chain& chain : chains_) {
    if (chain.list != nullptr) BlockPool::push(*chain.list, chain.first, chain.last);
  }
}

}  // namespace host_stub
