// Events of the test host, and the account of each: references taken and given back, completions asked for and made.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "agent_plugin/event.h"

#include "host/ledger.h"
#include "host/memory.h"

namespace plugin_validator {

/// What an event is made of. A null string_view is "no value".
struct EventSample {
  std::string topic;
  std::string_view key;
  std::string_view payload;
  std::string_view content_type;
  std::vector<std::pair<std::string, std::string_view>> headers;
};

class Events {
 public:
  Events(Ledger& ledger, Layout layout) : ledger_(ledger), layout_(layout) {}

  /// A new event, with one reference that is the caller's.
  const agent_event* make(const EventSample& sample);
  void retain(const agent_event* event);
  void release(const agent_event* event);
  /// From now on `count` more completions of the event are due.
  void expect_completions(const agent_event* event, std::int64_t count);
  void complete(const agent_event* event, const char* function);

  /// Those that made this event: during a swap one instance completes what another one was given. NULL: nobody's.
  [[nodiscard]] static Events* of(const agent_event* event);

  [[nodiscard]] std::size_t alive() const;
  /// Completions that are due and have not come, of all events.
  [[nodiscard]] std::int64_t open_completions() const;

 private:
  struct Account {
    std::unique_ptr<Arena> memory;
    std::int64_t references = 1;
    std::int64_t completions = 0;
  };
  Account* find(const agent_event* event, const char* function);

  Ledger& ledger_;
  Layout layout_;
  mutable std::mutex mutex_;
  std::map<const agent_event*, Account> accounts_;
  std::vector<std::unique_ptr<Arena>> ended_;  // kept, so that no later event has the address of an earlier one
  std::int64_t number_ = 0;
};

}  // namespace plugin_validator
