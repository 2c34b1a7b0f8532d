// Dispatch by an exact text, for comparison. It is like eventpp's EventDispatcher with its default policies, and not
// eventpp: a hash table from the text to a list of callbacks behind one mutex, which is held while looking up; the list
// is walked node by node, each step under the list's own mutex and with a shared_ptr that keeps the node alive, and
// skips what was added after the walk began. What callbacks return is dropped. Nothing can be removed here.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

namespace bench {

template <class... Args>
class StringDispatch {
 public:
  using Callback = std::function<int(Args...)>;

  void add(const std::string& name, Callback callback) {
    const std::lock_guard lock(mutex_);
    lists_[name].add(std::move(callback));
  }

  void dispatch(const std::string& name, Args... args) const {
    if (const List* list = find(name); list != nullptr) list->call(args...);
  }

 private:
  struct Node {
    Callback callback;
    unsigned number;
    std::shared_ptr<Node> next{};
  };

  class List {
   public:
    void add(Callback callback) {
      const std::lock_guard lock(mutex_);
      auto node = std::make_shared<Node>(Node{std::move(callback), ++newest_});
      (last_ == nullptr ? first_ : last_->next) = node;
      last_ = std::move(node);
    }

    void call(Args... args) const {
      const unsigned newest = newest_.load(std::memory_order_acquire);
      for (std::shared_ptr<Node> node = copy_of(first_); node != nullptr; node = copy_of(node->next)) {
        if (node->number <= newest) node->callback(args...);
      }
    }

   private:
    std::shared_ptr<Node> copy_of(const std::shared_ptr<Node>& node) const {
      const std::lock_guard lock(mutex_);
      return node;
    }

    mutable std::mutex mutex_;
    std::atomic<unsigned> newest_{0};
    std::shared_ptr<Node> first_;
    std::shared_ptr<Node> last_;
  };

  // Lists stay where they are: the lock is needed for the search only.
  const List* find(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    const auto found = lists_.find(name);
    return found == lists_.end() ? nullptr : &found->second;
  }

  mutable std::mutex mutex_;
  std::unordered_map<std::string, List> lists_;
};

}  // namespace bench
