// The host's place for deposits, in memory; and what is left in it at the end is released, as the host does.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "core/handover.h"

namespace kafka_events {

class MemoryDeposits final : public Deposits {
 public:
  MemoryDeposits() = default;
  ~MemoryDeposits() override {
    for (const auto& [name, thing] : things_) thing.second(thing.first);
  }
  MemoryDeposits(const MemoryDeposits&) = delete;
  MemoryDeposits& operator=(const MemoryDeposits&) = delete;

  Result<void> deposit(std::string_view kind, std::string_view name, void* thing, void (*release)(void*)) override {
    if (refuses) return Error(ErrorCode::state, "nobody takes over");
    const bool is_new = things_.try_emplace({std::string(kind), std::string(name)}, thing, release).second;
    return is_new ? Result<void>() : Error(ErrorCode::exists, "deposited already");
  }
  [[nodiscard]] void* withdraw(std::string_view kind, std::string_view name) noexcept override {
    const auto found = things_.find({std::string(kind), std::string(name)});
    if (found == things_.end()) return nullptr;
    void* thing = found->second.first;
    things_.erase(found);
    return thing;
  }
  [[nodiscard]] std::size_t size() const { return things_.size(); }

  bool refuses = false;

 private:
  std::map<std::pair<std::string, std::string>, std::pair<void*, void (*)(void*)>> things_;
};

}  // namespace kafka_events
