// Where the answer to a record may go: the topic that it names, if that is allowed, else the worker's own.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"

namespace re2 {
class RE2;
}

namespace kafka_events {

/// Owned by one thread.
class ReplyAddress {
 public:
  /// `reply_to`: template over {topic}, the record's topic without the prefix; what it gives gets the prefix back. Empty:
  /// only records that name a topic can be answered. `allowed`: RE2 over whole topic names; fails if it is none.
  static Result<ReplyAddress> create(std::string_view reply_to, std::string_view allowed,
                                     std::string_view topic_prefix);
  /// Nothing can be answered.
  ReplyAddress();
  ReplyAddress(ReplyAddress&&) noexcept;
  ReplyAddress& operator=(ReplyAddress&&) noexcept;
  ~ReplyAddress();

  /// The event topic to answer on, valid until the next call; empty: there is none. `wanted` may be empty. A record of a
  /// topic that `reply_to` makes is an answer itself, and wants one only if it names a topic.
  std::string_view event_topic(std::string_view kafka_topic, std::string_view wanted);

 private:
  [[nodiscard]] bool is_reply_topic(std::string_view topic) const;

  std::unique_ptr<re2::RE2> allowed_;
  std::string reply_to_;
  std::string prefix_;
  std::string text_;
};

}  // namespace kafka_events
