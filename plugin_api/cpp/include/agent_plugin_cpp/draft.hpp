// What an event is made from, built step by step. The texts that it is given must live until publish() returns.
//
//   bus.publish(agent::Draft("acapy::ping::received").tenant(wallet).payload(json).header("trace", id));
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "agent_plugin/ext/event_bus.h"
#include "agent_plugin_cpp/event.hpp"
#include "agent_plugin_cpp/text.hpp"

namespace agent {

class Draft {
 public:
  explicit Draft(std::string_view topic) {
    draft_.size = static_cast<std::uint32_t>(sizeof draft_);
    draft_.topic = text(topic);
  }

  Draft& tenant(std::string_view value) { return draft_.tenant = text(value), *this; }
  Draft& key(std::string_view value) { return draft_.key = bytes(value), *this; }
  Draft& id(std::string_view value) { return draft_.id = text(value), *this; }
  Draft& content_type(std::string_view value) { return draft_.content_type = text(value), *this; }
  Draft& timestamp_us(std::int64_t value) { return draft_.timestamp_us = value, *this; }
  /// Copied by the host.
  Draft& payload(std::string_view value) { return draft_.payload = bytes(value), *this; }

  /// The payload of another event, shared and not copied: the draft's event keeps a reference to it.
  Draft& payload_of(const Event& event) {
    source_ = event.ref();
    draft_.payload = event.get()->payload;
    return *this;
  }

  Draft& header(std::string_view name, std::string_view value) {
    headers_.push_back(agent::header(name, value));
    return *this;
  }

  /// The C struct, valid as long as this draft and its texts are. Hands the reference of payload_of() over: call it
  /// once.
  [[nodiscard]] agent_event_draft build() noexcept {
    agent_event_draft result = draft_;
    result.headers = headers_.empty() ? nullptr : headers_.data();
    result.header_count = static_cast<std::uint32_t>(headers_.size());
    if (source_) {
      result.payload_release = reinterpret_cast<void (*)(void*)>(source_.get()->release);
      result.payload_owner = const_cast<agent_event*>(source_.detach());
    }
    return result;
  }

 private:
  agent_event_draft draft_{};
  std::vector<agent_header> headers_;
  EventRef source_;
};

}  // namespace agent
