// The window narrows while tenants that send little are kept waiting, and no further than that.
#include "outbound/tenant_window.h"

#include <doctest/doctest.h>

using namespace kafka_events;

namespace {

constexpr std::int64_t ms = 1'000'000;

struct Stand {
  TenantWindow window;
  std::int64_t now = 0;

  explicit Stand(std::uint64_t most) : window(most) {}
  void samples(std::int64_t waited, bool calm, int turns, bool crowded = true) {
    for (int sample = 0; sample < 20 * turns; ++sample) {
      now += 5 * ms;
      window.begun();
      if (crowded && !calm) window.crowded(now);
      window.add(waited, calm, now);
    }
  }
  void nobody(int turns) {
    for (int turn = 0; turn < turns; ++turn) window.crowded(now += 50 * ms);
  }
};

}  // namespace

TEST_CASE("it narrows while others wait much longer than on a calm way, and widens when they do not") {
  Stand stand(1000);
  CHECK(stand.window.units() == TenantWindow::at_first);
  stand.samples(4 * ms, true, 5);
  CHECK(stand.window.units() == TenantWindow::at_first);
  stand.samples(6 * ms, false, 20);
  CHECK(stand.window.units() == TenantWindow::least);
  stand.samples(4 * ms, false, 200);
  CHECK(stand.window.units() == 1000);
  stand.samples(40 * ms, false, 4);
  CHECK(stand.window.units() == TenantWindow::least);
}

TEST_CASE("when nobody is refused any more it goes back to where it began") {
  Stand stand(1000);
  stand.samples(4 * ms, true, 5);
  stand.samples(8 * ms, false, 20);
  CHECK(stand.window.units() == TenantWindow::least);
  stand.samples(4 * ms, true, 100);
  CHECK(stand.window.units() == TenantWindow::at_first);
  stand.nobody(100);
  CHECK(stand.window.units() == 1000);
  stand.samples(4 * ms, true, 100);
  CHECK(stand.window.units() == TenantWindow::at_first);
}

TEST_CASE("somebody who waits so long that no sample ends is somebody who waits") {
  Stand stand(1000);
  for (int turn = 0; turn < 200; ++turn) {
    stand.window.begun();
    stand.nobody(1);
  }
  CHECK(stand.window.units() == TenantWindow::at_first);
}

TEST_CASE("before it knows a calm way it neither widens nor narrows") {
  Stand stand(1000);
  stand.samples(50 * ms, false, 50);
  CHECK(stand.window.units() == TenantWindow::at_first);
}

TEST_CASE("where nobody is kept waiting it widens to the configured bound") {
  Stand stand(1000);
  stand.nobody(10);
  CHECK(stand.window.units() == TenantWindow::at_first);
  stand.nobody(100);
  CHECK(stand.window.units() == 1000);
}

TEST_CASE("a Kafka that has become slower is told from a window that is too wide") {
  Stand stand(1000);
  stand.samples(4 * ms, true, 5);
  stand.samples(40 * ms, false, 40);
  CHECK(stand.window.units() == TenantWindow::least);
  stand.samples(40 * ms, false, 400);
  CHECK(stand.window.units() > TenantWindow::least);
}

TEST_CASE("the configured bound is one, however small") {
  Stand stand(10);
  CHECK(stand.window.units() == 10);
  stand.samples(4 * ms, true, 5);
  stand.samples(40 * ms, false, 40);
  CHECK(stand.window.units() == 10);
}
