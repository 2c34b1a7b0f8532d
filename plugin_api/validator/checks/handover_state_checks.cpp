// load() is given everything but a sound state. It answers with a status, and the instance is as before.
#include <cstdint>

#include "checks/checks.h"
#include "checks/handover.h"

namespace plugin_validator {
namespace {

constexpr std::size_t all_cuts_below = 64;  // a state is cut short at each of its first bytes, then here and there
constexpr std::size_t further_cuts = 64;

std::string big_endian(std::uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
          static_cast<char>(value)};
}

/// The state of an instance that has worked and ends with this call. What it deposited is in the vault.
std::string state_of(Subject& subject, const std::shared_ptr<Vault>& vault) {
  TestHost& host = host_for(subject, {.vault = vault});
  Life life(subject, host);
  life.must_create();
  HandoverSide side(life);
  life.must_configure();
  life.must_start();
  (void)deliver_samples(host);
  must(side.quiesce(), "quiesce()");
  vault->open(true);
  std::string state;
  must(side.save(side.describe(), state), "save()");
  life.destroy();
  return state;
}

/// Loads what cannot be right; only a crash, a hang or a failure without a message is wrong here.
void load_anything(HandoverSide& side, const std::string& state) { (void)side.load(state, state.size() + 1); }

void load_cut_short(HandoverSide& side, const std::string& state) {
  const std::size_t stride = std::max<std::size_t>(1, state.size() / further_cuts);
  for (std::size_t size = 0; size < state.size(); size += size < all_cuts_below ? 1 : stride) {
    load_anything(side, state.substr(0, size));
  }
}

void load_changed(HandoverSide& side, const std::string& state) {
  const std::size_t stride = std::max<std::size_t>(1, state.size() / 128);
  for (std::size_t at = 0; at < state.size(); at += at < all_cuts_below ? 1 : stride) {
    for (const char value : {'\xff', '\x7f', '\0'}) {
      std::string changed = state;
      changed[at] = value;
      load_anything(side, changed);
    }
  }
}

void load_noise(HandoverSide& side) {
  std::uint64_t seed = 1;
  for (const std::size_t size :
       {std::size_t{1}, std::size_t{3}, std::size_t{4}, std::size_t{8}, std::size_t{100}, std::size_t{65536}}) {
    std::string bytes;
    while (bytes.size() < size) {
      seed = seed * 6364136223846793005U + 1442695040888963407U;
      bytes += static_cast<char>(seed >> 56);
    }
    load_anything(side, bytes);
    load_anything(side, big_endian(side.newest_revision()) + bytes);
  }
}

}  // namespace

void check_handover_any_state(Subject& subject) {
  const auto vault = std::make_shared<Vault>();
  const std::string state = state_of(subject, vault);
  TestHost& host = host_for(subject, {.vault = vault});
  Life life(subject, host);
  life.must_create();
  HandoverSide side(life);
  life.must_configure();

  must(side.load(state, 1), "load() of a saved state, one byte at a time");
  load_anything(side, {});
  load_cut_short(side, state);
  load_changed(side, state);
  load_noise(side);
  if (state.starts_with(big_endian(side.newest_revision()))) {
    const std::string newer = big_endian(side.newest_revision() + 1) + state.substr(4);
    const Answer answer = side.load(newer, newer.size());
    if (answer.is_ok()) {
      fail("load() accepted a state of revision ", side.newest_revision() + 1, ", but it knows revisions up to ",
           side.newest_revision(), "; return AGENT_E_UNSUPPORTED");
    }
    if (answer.status != AGENT_E_UNSUPPORTED) {
      warn("load() refused a state of a newer revision with ", answer.status, " (", answer.message,
           "); AGENT_E_UNSUPPORTED tells the host to ask for an older one");
    }
  }
  must(side.load(state, state.size() + 1), "load() of a sound state after many damaged ones");
  must(life.start(), "start() after load()");
  must(side.resume(), "resume() after load() and start()");
  vault->release_all();
  life.down();
}

}  // namespace plugin_validator
