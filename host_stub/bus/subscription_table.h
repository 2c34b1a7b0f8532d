// Who listens: an immutable table. Changing it means making the next one; publishers read whichever they found.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent_plugin/ext/event_bus.h"

#include "bus/topic_pattern.h"

namespace host_stub {

struct Subscription {
  std::uint64_t token = 0;
  std::uint64_t owner = 0;
  std::string name;
  void* context = nullptr;
  std::int32_t (*on_event)(void* context, const agent_event* event) = nullptr;
  std::vector<TopicPattern> patterns;
  std::atomic<bool> removed{false};  ///< no call begins once this is set and a barrier has passed
};

class SubscriptionTable {
 public:
  explicit SubscriptionTable(std::uint64_t seed) : seed_(seed) {}

  /// The tables that follow this one. They refer to the same subscriptions and own none.
  [[nodiscard]] std::unique_ptr<const SubscriptionTable> with(Subscription& added) const;
  [[nodiscard]] std::unique_ptr<const SubscriptionTable> without(const Subscription& removed) const;

  /// Those that a topic reaches, in the order of subscribing, each once.
  [[nodiscard]] std::vector<Subscription*> match(std::string_view topic) const;

  [[nodiscard]] const std::vector<Subscription*>& all() const noexcept { return all_; }
  /// Different for each table of one bus.
  [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; }

 private:
  /// Patterns sorted by length and hash of their literal prefix: a topic is looked up once per length that occurs.
  struct Indexed {
    std::size_t length;
    std::uint64_t hash;
    const TopicPattern* pattern;
    Subscription* subscription;
  };
  struct Length {
    std::size_t length;
    std::size_t begin;  // in index_
    std::size_t end;
  };
  static bool before(const Indexed& left, const Indexed& right) noexcept {
    return left.length != right.length ? left.length < right.length : left.hash < right.hash;
  }
  void list_lengths();

  std::uint64_t seed_;
  std::uint64_t generation_ = 1;
  std::vector<Subscription*> all_;  // by token
  std::vector<Indexed> index_;
  std::vector<Length> lengths_;
};

}  // namespace host_stub
