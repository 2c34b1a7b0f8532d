// Makes tables out of tables, and finds the subscriptions of a topic.
#include "bus/subscription_table.h"

#include <algorithm>

#include "bus/topic_hash.h"

namespace host_stub {

bool Subscription::matches(std::string_view topic) const {
  return std::any_of(patterns.begin(), patterns.end(), [&](const auto& pattern) { return pattern->matches(topic); });
}

std::unique_ptr<const SubscriptionTable> SubscriptionTable::with(Subscription& added) const {
  Subscription* const in[] = {&added};
  return exchange({}, in);
}

std::unique_ptr<const SubscriptionTable> SubscriptionTable::without(const Subscription& removed) const {
  Subscription* const out[] = {const_cast<Subscription*>(&removed)};
  return exchange(out, {});
}

std::unique_ptr<const SubscriptionTable> SubscriptionTable::exchange(std::span<Subscription* const> out,
                                                                     std::span<Subscription* const> in) const {
  auto next = std::make_unique<SubscriptionTable>(*this);
  ++next->generation_;
  const auto goes = [&](const Subscription* each) { return std::find(out.begin(), out.end(), each) != out.end(); };
  if (!out.empty()) {
    std::erase_if(next->all_, goes);
    std::erase_if(next->index_, [&](const Indexed& entry) { return goes(entry.subscription); });
  }
  const auto known = static_cast<std::ptrdiff_t>(next->index_.size());
  for (Subscription* added : in) next->add(*added);
  std::sort(next->index_.begin() + known, next->index_.end(), before);
  std::inplace_merge(next->index_.begin(), next->index_.begin() + known, next->index_.end(), before);
  next->list_lengths();
  return next;
}

void SubscriptionTable::add(Subscription& added) {
  all_.push_back(&added);
  for (const auto& pattern : added.patterns) {
    const std::string& prefix = pattern->literal_prefix();
    index_.push_back({prefix.size(), topic_hash(prefix, seed_), pattern.get(), &added});
  }
}

void SubscriptionTable::list_lengths() {
  lengths_.clear();
  for (std::size_t at = 0; at < index_.size(); ++at) {
    if (lengths_.empty() || lengths_.back().length != index_[at].length)
      lengths_.push_back({index_[at].length, at, at});
    lengths_.back().end = at + 1;
  }
}

std::vector<Subscription*> SubscriptionTable::match(std::string_view topic) const {
  std::vector<Subscription*> found;
  for (const Length& group : lengths_) {
    if (group.length > topic.size()) break;
    const Indexed wanted{group.length, topic_hash(topic.substr(0, group.length), seed_), nullptr, nullptr};
    const auto begin = index_.begin() + static_cast<std::ptrdiff_t>(group.begin);
    const auto end = index_.begin() + static_cast<std::ptrdiff_t>(group.end);
    const auto [first, last] = std::equal_range(begin, end, wanted, before);
    for (auto entry = first; entry != last; ++entry) {
      if (entry->pattern->matches(topic)) found.push_back(entry->subscription);
    }
  }
  std::sort(found.begin(), found.end(), [](const auto* left, const auto* right) { return left->token < right->token; });
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

}  // namespace host_stub
