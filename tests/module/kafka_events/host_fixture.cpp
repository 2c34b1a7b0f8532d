#include "host_fixture.h"

#include <doctest/doctest.h>

#include "core/abi_text.h"

namespace module_test {
namespace {

std::string copy(agent_text text) { return std::string(host_stub::to_view(text)); }
std::string copy(agent_bytes bytes) {
  return bytes.data == nullptr ? std::string() : std::string(static_cast<const char*>(bytes.data), bytes.size);
}
agent_bytes to_bytes(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

void KeptLog::write(host_stub::LogLevel /*level*/, std::string_view origin, std::string_view component,
                    std::string_view message, std::span<const host_stub::LogField> fields) noexcept {
  const std::scoped_lock lock(mutex_);
  text_.append(origin).append(" ").append(component).append(": ").append(message);
  for (const host_stub::LogField& field : fields) text_.append(" ").append(field.name).append("=").append(field.value);
  text_ += '\n';
}

bool KeptLog::mentions(std::string_view text) const {
  const std::scoped_lock lock(mutex_);
  return text_.find(text) != std::string::npos;
}

void KeptLog::clear() {
  const std::scoped_lock lock(mutex_);
  text_.clear();
}

std::string SeenEvent::header(std::string_view name) const {
  for (const auto& [key_name, value] : headers) {
    if (key_name == name) return value;
  }
  return {};
}

Watcher::Watcher(host_stub::EventBus& bus, std::string_view pattern) : bus_(bus) {
  const agent_text text = host_stub::to_text(pattern);
  const agent_subscription subscription{sizeof subscription, 1, &text, host_stub::to_text("watcher"), this, &on_event};
  agent_error error = AGENT_ERROR_INIT;
  REQUIRE(bus.subscribe(subscription, 0, &token_, &error) == AGENT_OK);
}

Watcher::~Watcher() { bus_.unsubscribe(token_); }

std::size_t Watcher::count() const {
  const std::scoped_lock lock(mutex_);
  return events_.size();
}

std::vector<SeenEvent> Watcher::events() const {
  const std::scoped_lock lock(mutex_);
  return events_;
}

bool Watcher::wait_for(std::size_t wanted, std::chrono::milliseconds limit) const {
  return eventually([&] { return count() >= wanted; }, limit);
}

std::int32_t Watcher::on_event(void* context, const agent_event* event) {
  auto& self = *static_cast<Watcher*>(context);
  SeenEvent seen{copy(event->topic),
                 copy(event->tenant),
                 copy(event->key),
                 copy(event->id),
                 copy(event->payload),
                 event->payload.data == nullptr,
                 {}};
  for (std::uint32_t i = 0; i < event->header_count; ++i) {
    seen.headers.emplace_back(copy(event->headers[i].name), copy(event->headers[i].value));
  }
  const std::scoped_lock lock(self.mutex_);
  self.events_.push_back(std::move(seen));
  return AGENT_HANDLER_DONE;
}

Host::Host() : plugins({bus, routes, log, "module_test", "1.0.0", "test", "base"}, {}) { REQUIRE(routes.start()); }

Host::~Host() {
  (void)end();
  routes.stop(5s);
}

host_stub::Result<host_stub::PluginInfo> Host::load(std::string_view path) { return plugins.load(path); }

host_stub::Result<void> Host::configure(const std::string& text) {
  problems.clear();
  return plugins.configure({"test.yml", text, {}},
                           [this](const host_stub::ConfigProblem& problem) { problems.push_back(problem); });
}

void Host::run(const std::string& text) {
  const auto loaded = load(KAFKA_EVENTS_MODULE);
  REQUIRE_MESSAGE(loaded.ok(), (loaded.ok() ? "" : loaded.error().message));
  const auto configured = configure(text);
  REQUIRE_MESSAGE(configured.ok(), (configured.ok() ? "" : configured.error().message));
  const auto started = plugins.start_all();
  REQUIRE_MESSAGE(started.ok(), (started.ok() ? "" : started.error().message));
}

std::vector<host_stub::UnloadReport> Host::end() {
  (void)plugins.drain_all(10s);
  (void)plugins.stop_all();
  return plugins.unload_all();
}

std::int32_t Host::publish(std::string_view topic, std::string_view payload, std::string_view tenant,
                           std::string_view key) {
  agent_event_draft draft{};
  draft.size = sizeof draft;
  draft.topic = host_stub::to_text(topic);
  draft.payload = to_bytes(payload);
  draft.tenant = host_stub::to_text(tenant);
  draft.key = to_bytes(key);
  agent_error error = AGENT_ERROR_INIT;
  return bus.publish(draft, 0, nullptr, nullptr, &error);
}

host_stub::HttpReply Host::call(std::string_view method, std::string_view target) {
  return routes.call(method, target, "", 20s);
}

host_stub::PluginHealth Host::health() const {
  const std::vector<host_stub::PluginHealth> all = plugins.health();
  REQUIRE(all.size() == 1);
  return all.front();
}

std::string yaml(const std::string& servers, const std::string& more) {
  return "kafka_events:\n  bootstrap_servers: \"" + servers + "\"\n" + more;
}

}  // namespace module_test
