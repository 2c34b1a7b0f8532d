// Who listens: an immutable table. Changing it means making the next one; publishers read whichever they found.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent_plugin/ext/event_bus.h"

#include "bus/topic_pattern.h"

namespace host_stub {

class HeldEvents;

/// May a handler be called? No call begins once this is not `live` and a barrier has passed.
enum class Reach : std::uint8_t {
  live,
  held,    ///< a hold takes its events (Subscription::hold)
  removed  ///< for good
};

struct Subscription {
  std::uint64_t token = 0;
  std::uint64_t owner = 0;
  std::string name;
  void* context = nullptr;
  std::int32_t (*on_event)(void* context, const agent_event* event) = nullptr;
  std::vector<std::shared_ptr<const TopicPattern>> patterns;  ///< shared with the hold that took its place
  std::atomic<Reach> reach{Reach::live};
  /// The last hold that took this one's place, and the generation of the table with which it began. Set before `reach`,
  /// in this order; only who has found this subscription in an older table may look at the hold (redirecting.cpp).
  std::atomic<HeldEvents*> hold{nullptr};
  std::atomic<std::uint64_t> held_since{0};
  bool in_table = false;                ///< false: parked. Guarded by BusCore::changes_
  std::shared_ptr<HeldEvents> is_hold;  ///< set in the subscription that stands for a hold: keeps it

  [[nodiscard]] bool matches(std::string_view topic) const;
};

class SubscriptionTable {
 public:
  explicit SubscriptionTable(std::uint64_t seed) : seed_(seed) {}

  /// The tables that follow this one. They refer to the same subscriptions and own none.
  [[nodiscard]] std::unique_ptr<const SubscriptionTable> with(Subscription& added) const;
  [[nodiscard]] std::unique_ptr<const SubscriptionTable> without(const Subscription& removed) const;
  [[nodiscard]] std::unique_ptr<const SubscriptionTable> exchange(std::span<Subscription* const> out,
                                                                  std::span<Subscription* const> in) const;

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
  void add(Subscription& added);
  void list_lengths();

  std::uint64_t seed_;
  std::uint64_t generation_ = 1;
  std::vector<Subscription*> all_;
  std::vector<Indexed> index_;
  std::vector<Length> lengths_;
};

}  // namespace host_stub
