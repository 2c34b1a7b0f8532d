#include "cli/interrupt.h"

#include <algorithm>
#include <csignal>
#include <optional>
#include <thread>

namespace host_stub::cli {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds patience{2000};
constexpr std::chrono::milliseconds turn{20};

volatile std::sig_atomic_t signals_seen = 0;
std::optional<steady_clock::time_point> first_noticed;

extern "C" void count_signal(int /*signal*/) { signals_seen = signals_seen + 1; }

void set_handler(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;  // without SA_RESTART: a read from a terminal or pipe returns
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

}  // namespace

Interrupt::Interrupt() {
  signals_seen = 0;
  first_noticed.reset();
  set_handler(count_signal);
}

Interrupt::~Interrupt() { set_handler(SIG_DFL); }

bool Interrupt::asked() noexcept { return signals_seen > 0; }

bool Interrupt::insisted() noexcept {
  if (!asked()) return false;
  if (!first_noticed.has_value()) first_noticed = steady_clock::now();
  return signals_seen > 1 || steady_clock::now() - *first_noticed > patience;
}

bool Interrupt::sleep(std::chrono::milliseconds duration) noexcept {
  const steady_clock::time_point until = steady_clock::now() + duration;
  while (!asked()) {
    const steady_clock::duration left = until - steady_clock::now();
    if (left <= steady_clock::duration::zero()) return true;
    std::this_thread::sleep_for(std::min<steady_clock::duration>(left, turn));
  }
  return false;
}

}  // namespace host_stub::cli
