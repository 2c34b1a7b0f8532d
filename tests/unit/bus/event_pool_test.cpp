// The pool: blocks come back to the thread that made them, whoever frees them, and memory stays at its peak.
#include "bus/event_pool.h"

#include <cstring>
#include <doctest/doctest.h>
#include <set>
#include <thread>
#include <vector>

#include "bus/bus_core.h"

namespace host_stub {

TEST_CASE("every size fits into its block, aligned, and blocks do not overlap") {
  BusCore core({});
  BlockPool pool(core);
  std::vector<std::pair<unsigned char*, std::size_t>> blocks;
  for (std::size_t size = 1; size < 200'000; size += size / 7 + 1) {
    auto* memory = static_cast<unsigned char*>(pool.allocate(size));
    CHECK(reinterpret_cast<std::uintptr_t>(memory) % 16 == 0);
    std::memset(memory, static_cast<int>(blocks.size() % 251), size);
    blocks.emplace_back(memory, size);
  }
  for (std::size_t index = 0; index < blocks.size(); ++index) {
    const auto [memory, size] = blocks[index];
    CHECK(memory[0] == index % 251);
    CHECK(memory[size - 1] == index % 251);
    BlockPool::free(memory, pool);
  }
}

TEST_CASE("a freed block is the next one handed out") {
  BusCore core({});
  BlockPool pool(core);
  void* first = pool.allocate(500);
  BlockPool::free(first, pool);
  CHECK(pool.allocate(500) == first);
}

TEST_CASE("blocks that another thread frees are used again by their home, and memory does not grow") {
  BusCore core({});
  BlockPool home(core);
  BlockPool elsewhere(core);
  std::uint64_t peak = 0;
  for (int round = 0; round < 50; ++round) {
    std::vector<void*> blocks;
    for (int count = 0; count < 1000; ++count) blocks.push_back(home.allocate(300));
    if (round == 0) peak = home.bytes();
    CHECK(std::set<void*>(blocks.begin(), blocks.end()).size() == blocks.size());
    std::thread([&] {
      ReturnBatch batch(elsewhere);
      for (std::size_t index = 0; index < blocks.size(); ++index) {
        if (index % 3 == 0) {
          BlockPool::free(blocks[index], elsewhere);
        } else {
          batch.free(blocks[index]);
        }
      }
    }).join();
  }
  CHECK(home.bytes() == peak);
  CHECK(elsewhere.bytes() == 0);
}

TEST_CASE("a batch of blocks from more pools and sizes than it has places returns them all") {
  BusCore core({});
  BlockPool mine(core);
  std::vector<std::unique_ptr<BlockPool>> homes;
  std::vector<void*> blocks;
  for (int number = 0; number < 20; ++number) {
    homes.push_back(std::make_unique<BlockPool>(core));
    for (const std::size_t size : {100u, 600u, 3000u}) blocks.push_back(homes.back()->allocate(size));
  }
  {
    ReturnBatch batch(mine);
    for (void* block : blocks) batch.free(block);
  }
  std::set<void*> again;
  for (const auto& home : homes) {
    for (const std::size_t size : {100u, 600u, 3000u}) again.insert(home->allocate(size));
  }
  // A pool carves new blocks before it is out of them only if nothing came back.
  CHECK(again == std::set<void*>(blocks.begin(), blocks.end()));
}

}  // namespace host_stub
