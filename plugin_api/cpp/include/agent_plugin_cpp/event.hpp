// An event as handlers see it: Event is a borrowed view, EventRef holds a reference of its own.
//
//   agent::Answer on_event(const agent::Event& event) {
//     queue_.push(event.ref());        // outlives the call
//     return agent::Answer::done;
//   }
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "agent_plugin/event.h"
#include "agent_plugin_cpp/text.hpp"

namespace agent {

class EventRef;

/// A view of an event. Valid while the event is: for the length of a handler's call, or while an EventRef is held.
class Event {
 public:
  explicit Event(const agent_event* event) noexcept : event_(event) {}

  [[nodiscard]] std::string_view topic() const noexcept { return view(event_->topic); }
  [[nodiscard]] std::string_view tenant() const noexcept { return view(event_->tenant); }
  [[nodiscard]] std::string_view key() const noexcept { return view(event_->key); }
  [[nodiscard]] std::string_view id() const noexcept { return view(event_->id); }
  [[nodiscard]] std::string_view content_type() const noexcept { return view(event_->content_type); }
  /// data() is nullptr for a tombstone.
  [[nodiscard]] std::string_view payload() const noexcept { return view(event_->payload); }
  [[nodiscard]] std::int64_t timestamp_us() const noexcept { return event_->timestamp_us; }
  [[nodiscard]] std::uint64_t publisher() const noexcept { return event_->publisher; }

  [[nodiscard]] std::uint32_t header_count() const noexcept { return event_->header_count; }
  /// The headers in their order; header_count() of them.
  [[nodiscard]] const agent_header* headers() const noexcept { return event_->headers; }
  /// The first header of this name; null bytes if there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const noexcept {
    for (std::uint32_t i = 0; i < event_->header_count; ++i) {
      if (view(event_->headers[i].name) == name) return view(event_->headers[i].value);
    }
    return {};
  }

  [[nodiscard]] const agent_event* get() const noexcept { return event_; }
  [[nodiscard]] inline EventRef ref() const noexcept;

 private:
  const agent_event* event_;
};

/// One reference to an event, given back at destruction. May be used and destroyed on any thread.
class EventRef {
 public:
  EventRef() = default;
  explicit EventRef(const agent_event* event) noexcept : event_(event) {
    if (event_ != nullptr) event_->retain(event_);
  }
  EventRef(const EventRef& other) noexcept : EventRef(other.event_) {}
  EventRef(EventRef&& other) noexcept : event_(std::exchange(other.event_, nullptr)) {}
  EventRef& operator=(EventRef other) noexcept {
    std::swap(event_, other.event_);
    return *this;
  }
  ~EventRef() {
    if (event_ != nullptr) event_->release(event_);
  }

  explicit operator bool() const noexcept { return event_ != nullptr; }
  [[nodiscard]] Event operator*() const noexcept { return Event(event_); }
  [[nodiscard]] const agent_event* get() const noexcept { return event_; }
  /// Gives the reference away; whoever takes it must release it.
  [[nodiscard]] const agent_event* detach() noexcept { return std::exchange(event_, nullptr); }

 private:
  const agent_event* event_ = nullptr;
};

inline EventRef Event::ref() const noexcept { return EventRef(event_); }

}  // namespace agent
