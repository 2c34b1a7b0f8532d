// A stream of bytes is a context and one function; the plugin may write and read it in pieces of any size.
#include "checks/handover.h"

#include <algorithm>
#include <cstring>

#include "checks/checks.h"

namespace plugin_validator {
namespace {

constexpr std::size_t max_description_bytes = 64 * 1024;
constexpr std::size_t max_state_bytes = std::size_t{256} * 1024 * 1024;

struct Sink {
  std::string& bytes;
  std::size_t capacity;

  static std::int32_t write(void* context, agent_bytes given) {
    auto& sink = *static_cast<Sink*>(context);
    if (given.size > sink.capacity - std::min(sink.capacity, sink.bytes.size())) return AGENT_E_TOO_LARGE;
    sink.bytes += view(given);
    return AGENT_OK;
  }
};

struct Source {
  std::string_view bytes;
  std::size_t step;

  static std::size_t read(void* context, void* buffer, std::size_t capacity) {
    auto& source = *static_cast<Source*>(context);
    const std::size_t count = std::min({capacity, source.step, source.bytes.size()});
    if (count > 0) std::memcpy(buffer, source.bytes.data(), count);
    source.bytes.remove_prefix(count);
    return count;
  }
};

const agent_handover& functions_of(Life& life) {
  const agent_handover* functions = life.handover();
  if (functions == nullptr) {
    life.destroy();
    skip("it does not offer " AGENT_EXT_HANDOVER);
  }
  return *functions;
}

}  // namespace

HandoverSide::HandoverSide(Life& life) : life_(life), functions_(functions_of(life)) {}

std::string HandoverSide::describe() {
  std::string description;
  Sink sink{description, max_description_bytes};
  const Phase phase = life_.host().ledger().phase();
  const Answer answer = life_.call("describe()", phase, phase, [&](agent_error* error) {
    Arena memory(life_.host().layout());
    return functions_.describe(
        life_.plugin(),
        memory.place(agent_byte_writer{.size = 0, .reserved = 0, .context = &sink, .write = &Sink::write}), error);
  });
  must(answer, "describe()");
  return description;
}

Answer HandoverSide::prepare(std::string_view other) {
  return life_.call("prepare()", phase_prepared, phase_prepared, [&](agent_error* error) {
    Arena memory(life_.host().layout());
    return functions_.prepare(
        life_.plugin(),
        memory.place(agent_prepare_request{.size = 0, .close_connections = 0, .other = memory.bytes(other)}), error);
  });
}

Answer HandoverSide::quiesce(std::uint32_t timeout_ms) {
  return life_.call(text_of("quiesce(", timeout_ms, " ms)"), phase_active, phase_active,
                    [&](agent_error* error) { return functions_.quiesce(life_.plugin(), timeout_ms, error); });
}

Answer HandoverSide::resume() {
  return life_.call("resume()", phase_active, phase_active,
                    [&](agent_error* error) { return functions_.resume(life_.plugin(), error); });
}

Answer HandoverSide::save(std::string_view other, std::string& state, std::optional<std::size_t> capacity,
                          bool close_connections) {
  Sink sink{state, capacity.value_or(max_state_bytes)};
  return life_.call("save()", phase_saving, phase_configured, [&](agent_error* error) {
    Arena memory(life_.host().layout());
    const agent_save_request* request = memory.place(agent_save_request{.size = 0,
                                                                        .revision = functions_.newest_revision,
                                                                        .timeout_ms = 1000,
                                                                        .close_connections = close_connections ? 1 : 0,
                                                                        .other = memory.bytes(other)});
    return functions_.save(
        life_.plugin(), request,
        memory.place(agent_byte_writer{.size = 0, .reserved = 0, .context = &sink, .write = &Sink::write}), error);
  });
}

Answer HandoverSide::load(std::string_view state, std::size_t step) {
  Source source{state, step};
  return life_.call("load()", phase_configuring, phase_configured, [&](agent_error* error) {
    Arena memory(life_.host().layout());
    return functions_.load(
        life_.plugin(),
        memory.place(agent_byte_reader{.size = 0, .reserved = 0, .context = &source, .read = &Source::read}), error);
  });
}

bool hand_over(HandoverSide& from, HandoverSide& to, Vault& vault, bool close_connections) {
  const std::string of_to = to.describe();
  must(from.quiesce(), "quiesce()");
  (void)deliver_samples(from.life().host());  // events of the bus are still handled
  from.life().host().bus().hold(true);
  vault.open(true);
  std::string state;
  const Answer saved = from.save(close_connections ? std::string_view() : of_to, state, {}, close_connections);
  if (close_connections && saved.status == AGENT_E_TIMEOUT) {
    from.life().host().bus().hold(false);
    must(from.resume(), "resume() after a save() that was out of time");
    return false;
  }
  must(saved, "save()");
  if (close_connections && vault.size() > 0) fail("save() deposited something though it was told to close connections");
  if (!from.life().host().bus().subscriptions().empty()) {
    fail("save() left the subscription ", from.life().host().bus().subscriptions().front());
  }
  must(to.load(state, state.size() + 1), "load() of the state that another instance had saved");
  must(to.life().start(), "start() after load()");
  must(to.resume(), "resume() after load() and start()");
  vault.open(false);
  vault.release_all();
  return true;
}

}  // namespace plugin_validator
