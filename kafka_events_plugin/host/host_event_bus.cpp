// Trampolines between the event bus of the host and the ports of this module; no exception passes in either direction.
#include "host/host_event_bus.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <exception>
#include <utility>
#include <vector>

#include "host/convert.h"

namespace kafka_events::host {
namespace {

/// Headers in the other side's type: on the stack as long as there are few, which is nearly always.
template <class To>
class HeaderArray {
 public:
  template <class From, class Convert>
  HeaderArray(const From* from, std::size_t count, Convert convert) {
    To* to = few_.data();
    if (count > few_.size()) {
      many_.resize(count);
      to = many_.data();
    }
    std::transform(from, from + count, to, convert);
    headers_ = {to, count};
  }
  HeaderArray(const HeaderArray&) = delete;
  HeaderArray& operator=(const HeaderArray&) = delete;
  [[nodiscard]] std::span<const To> get() const noexcept { return headers_; }

 private:
  std::array<To, 8> few_;
  std::vector<To> many_;
  std::span<const To> headers_;
};

Header to_core(const agent_header& header) noexcept { return {agent::view(header.name), agent::view(header.value)}; }
agent_header to_host(const Header& header) noexcept { return agent::header(header.name, header.value); }

Outcome outcome_of(std::int32_t outcome) noexcept {
  if (outcome == AGENT_OUTCOME_DONE) return Outcome::done;
  return outcome == AGENT_OUTCOME_BUSY ? Outcome::busy : Outcome::failed;
}

void completed(void* context, std::uint64_t cookie, const agent_event_result* result) noexcept {
  static_cast<PublishCompletion*>(context)->completed(cookie, outcome_of(result->outcome), agent::view(result->detail));
}

/// The payload of another event is shared: the new one holds a reference, given back through the host's own function.
void share_payload(agent_event_draft& draft, const agent_event* source) noexcept {
  source->retain(source);
  draft.payload = source->payload;
  draft.payload_owner = const_cast<agent_event*>(source);
  draft.payload_release = reinterpret_cast<void (*)(void*)>(source->release);
}

agent_event_draft to_host(const EventDraft& draft, std::span<const agent_header> headers) noexcept {
  agent_event_draft result{};
  result.size = static_cast<std::uint32_t>(sizeof result);
  result.header_count = static_cast<std::uint32_t>(headers.size());
  result.headers = headers.data();
  result.topic = agent::text(draft.topic);
  result.tenant = agent::text(draft.tenant);
  result.key = agent::bytes(draft.key);
  result.id = agent::text(draft.id);
  result.content_type = agent::text(draft.content_type);
  result.payload = agent::bytes(draft.payload);
  result.timestamp_us = draft.timestamp_us;
  result.payload_owner = draft.payload_owner;
  result.payload_release = draft.payload_release;
  if (draft.payload_of != nullptr) share_payload(result, event_of(draft.payload_of));
  return result;
}

}  // namespace

HostEventBus::~HostEventBus() {
  for (const auto& entry : subscribers_) bus_->unsubscribe(host_, entry.first);
}

Result<void> HostEventBus::publish(const EventDraft& draft, PublishCompletion* completion, std::uint64_t cookie) {
  const HeaderArray<agent_header> headers(draft.headers.data(), draft.headers.size(),
                                          [](const Header& header) { return to_host(header); });
  const agent_event_draft request = to_host(draft, headers.get());
  const agent_event_completion wanted{static_cast<std::uint32_t>(sizeof wanted), 0, completion, cookie, &completed};
  agent_error error;
  error.size = static_cast<std::uint32_t>(sizeof error);
  error.message[0] = '\0';
  const std::int32_t status =
      bus_->publish(host_, &request, completion == nullptr ? nullptr : &wanted, nullptr, &error);
  // Busy means that it was published and that the completion tells so; without one this is the only place to say it.
  if (status == AGENT_OK || (status == AGENT_E_BUSY && completion != nullptr)) return {};
  return error_of(status, error);
}

Result<SubscriptionToken> HostEventBus::subscribe(std::string_view name, std::span<const std::string> patterns,
                                                  EventHandler& handler) {
  std::vector<agent_text> texts;
  for (const std::string& pattern : patterns) texts.push_back(agent::text(pattern));
  auto subscriber = std::make_unique<Subscriber>(Subscriber{*this, handler});
  agent_subscription request{};
  request.size = static_cast<std::uint32_t>(sizeof request);
  request.pattern_count = static_cast<std::uint32_t>(texts.size());
  request.patterns = texts.data();
  request.name = agent::text(name);
  request.context = subscriber.get();
  request.on_event = &HostEventBus::on_event;
  std::uint64_t token = 0;
  agent_error error = AGENT_ERROR_INIT;
  const std::int32_t status = bus_->subscribe(host_, &request, &token, &error);
  if (status != AGENT_OK) return error_of(status, error);
  const std::scoped_lock lock(mutex_);
  subscribers_.emplace(token, std::move(subscriber));
  return SubscriptionToken{token};
}

void HostEventBus::unsubscribe(SubscriptionToken token) {
  const auto number = static_cast<std::uint64_t>(token);
  bus_->unsubscribe(host_, number);  // first, and without the lock: it waits for calls that are running
  const std::scoped_lock lock(mutex_);
  subscribers_.erase(number);
}

void HostEventBus::defer(EventHandle event, std::uint32_t more) noexcept { bus_->defer(host_, event_of(event), more); }

void HostEventBus::complete(EventHandle event, Outcome outcome, std::string_view detail) noexcept {
  bus_->complete(host_, event_of(event), static_cast<std::int32_t>(outcome), agent::text(detail));
}

void HostEventBus::complete_many(std::span<const EventHandle> events, Outcome outcome) noexcept {
  // A handle is a host's event under another name, so an array of the one is an array of the other.
  bus_->complete_many(host_, reinterpret_cast<const agent_event* const*>(events.data()), events.size(),
                      static_cast<std::int32_t>(outcome));
}

std::uint32_t HostEventBus::listeners(std::string_view topic) const noexcept {
  return bus_->listeners(host_, agent::text(topic));
}

Event HostEventBus::view(EventHandle event) const noexcept { return view_of(event_of(event)); }

Event HostEventBus::view_of(const agent_event* event) const noexcept {
  return {.topic = agent::view(event->topic),
          .tenant = agent::view(event->tenant),
          .key = agent::view(event->key),
          .id = agent::view(event->id),
          .content_type = agent::view(event->content_type),
          .payload = agent::view(event->payload),
          .headers = {},
          .timestamp_us = event->timestamp_us,
          .published_by_us = event->publisher == host_->instance,
          .handle = handle_of(event)};
}

std::int32_t HostEventBus::on_event(void* context, const agent_event* event) noexcept {
  const Subscriber& subscriber = *static_cast<Subscriber*>(context);
  Event view = subscriber.bus.view_of(event);
  if (event->header_count == 0) return static_cast<std::int32_t>(subscriber.handler.on_event(view));
  try {
    const HeaderArray<Header> headers(event->headers, event->header_count,
                                      [](const agent_header& header) { return to_core(header); });
    view.headers = headers.get();
    return static_cast<std::int32_t>(subscriber.handler.on_event(view));
  } catch (const std::exception&) {  // no memory for the headers: the publisher may try again
    return AGENT_HANDLER_BUSY;
  }
}

}  // namespace kafka_events::host
