// The queue of one event stream.
#include "admin/event_stream.h"

#include <utility>

#include "agent_plugin/ext/event_bus.h"

#include "admin/event_text.h"
#include "bus/event_bus.h"

namespace host_stub {
namespace {

std::size_t weight(const agent_event& event) noexcept {
  std::size_t bytes = event.payload.size + event.key.size + event.topic.size + event.tenant.size + 128;
  for (std::uint32_t index = 0; index < event.header_count; ++index) {
    bytes += event.headers[index].name.size + event.headers[index].value.size;
  }
  return bytes;
}

}  // namespace

EventStream::EventStream(EventBus& bus, EventStreamLimits limits, std::function<void()> wake)
    : bus_(bus), limits_(limits), wake_(std::move(wake)) {}

Result<std::unique_ptr<EventStream>> EventStream::open(EventBus& bus, const std::vector<std::string>& patterns,
                                                       EventStreamLimits limits, std::function<void()> wake) {
  std::unique_ptr<EventStream> stream(new EventStream(bus, limits, std::move(wake)));
  std::vector<agent_text> texts;
  texts.reserve(patterns.size());
  for (const std::string& pattern : patterns) texts.push_back({pattern.data(), pattern.size()});
  constexpr std::string_view name = "host.admin.events";
  agent_subscription subscription{};
  subscription.size = sizeof subscription;
  subscription.pattern_count = static_cast<std::uint32_t>(texts.size());
  subscription.patterns = texts.data();
  subscription.name = {name.data(), name.size()};
  subscription.context = stream.get();
  subscription.on_event = &EventStream::on_event;
  agent_error error = AGENT_ERROR_INIT;
  std::uint64_t token = 0;
  const std::int32_t code = bus.subscribe(subscription, 0, &token, &error);
  if (code != AGENT_OK) return Failure{code, error.message};
  stream->token_ = token;
  return stream;
}

EventStream::~EventStream() {
  if (token_ != 0) bus_.unsubscribe(token_);
  for (const Entry& entry : queue_) {
    if (entry.event != nullptr) entry.event->release(entry.event);
  }
}

std::int32_t EventStream::on_event(void* context, const agent_event* event) {
  static_cast<EventStream*>(context)->push(*event);
  return AGENT_HANDLER_DONE;
}

void EventStream::push(const agent_event& event) {
  const std::size_t bytes = weight(event);
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() < limits_.max_events && bytes_ + bytes <= limits_.max_bytes) {
      event.retain(&event);
      queue_.push_back({&event, 0, bytes});
      bytes_ += bytes;
    } else if (!queue_.empty() && queue_.back().event == nullptr) {
      ++queue_.back().dropped;
    } else {
      queue_.push_back({nullptr, 1, 0});
    }
    wake = std::exchange(found_nothing_, false);
  }
  if (wake) wake_();
}

std::vector<EventStream::Entry> EventStream::pop(std::size_t max_bytes) {
  std::vector<Entry> entries;
  const std::lock_guard lock(mutex_);
  std::size_t taken = 0;
  while (!queue_.empty() && taken < max_bytes) {
    const Entry entry = queue_.front();
    queue_.pop_front();
    taken += entry.bytes;
    entries.push_back(entry);
  }
  bytes_ -= taken;
  found_nothing_ = entries.empty();
  return entries;
}

void EventStream::take(std::string& out, std::size_t max_bytes) {
  for (const Entry& entry : pop(max_bytes)) {
    if (entry.event == nullptr) {
      out += "event: lagged\ndata: {\"dropped\":" + std::to_string(entry.dropped) + "}\n\n";
      continue;
    }
    out += "data: ";
    append_event_json(out, *entry.event);
    out += "\n\n";
    entry.event->release(entry.event);
  }
}

}  // namespace host_stub
