// Limits of tenants: rates by the clock, events in flight, shares of a crowded way out, and a bounded memory.
#include "outbound/tenant_gate.h"

#include <doctest/doctest.h>
#include <random>
#include <string>
#include <thread>
#include <vector>

using namespace kafka_events;
using namespace std::chrono_literals;

namespace {

std::atomic<std::int64_t> now_ns{0};
std::int64_t fake_clock() { return now_ns; }
void pass_time(std::chrono::nanoseconds time) { now_ns += time.count(); }

config::TenantSettings unlimited() {
  config::TenantSettings settings;
  settings.fair = false;
  return settings;
}

int passed(TenantGate& gate, std::string_view tenant, int tries, std::size_t bytes = 100) {
  int count = 0;
  for (int each = 0; each < tries; ++each) count += gate.enter(tenant, bytes) == TenantVerdict::pass ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("a tenant gets its events per second, and a burst of them at once") {
  config::TenantSettings settings = unlimited();
  settings.max_events_per_second = 100;
  settings.burst = 500ms;
  TenantGate gate(settings, fake_clock);
  CHECK(passed(gate, "a", 80) == 50);
  CHECK(gate.enter("a", 1) == TenantVerdict::over_event_rate);
  CHECK(passed(gate, "b", 80) == 50);  // for itself
  pass_time(100ms);
  CHECK(passed(gate, "a", 80) == 10);
  int in_ten_seconds = 0;
  for (int turn = 0; turn < 10'000; ++turn) {
    pass_time(1ms);
    in_ten_seconds += passed(gate, "a", 1);
  }
  CHECK(in_ten_seconds == 1000);
  pass_time(60s);
  CHECK(passed(gate, "a", 80) == 50);  // never more than the burst
  CHECK(gate.statistics().refused_events > 0);
}

TEST_CASE("bytes per second: an event larger than the burst passes a full bucket, and is paid for") {
  config::TenantSettings settings = unlimited();
  settings.max_bytes_per_second = 1000;
  TenantGate gate(settings, fake_clock);
  CHECK(gate.enter("a", 5000) == TenantVerdict::pass);
  CHECK(gate.enter("a", 1) == TenantVerdict::over_byte_rate);
  pass_time(3999ms);
  CHECK(gate.enter("a", 1000) == TenantVerdict::over_byte_rate);
  pass_time(1001ms);
  CHECK(passed(gate, "a", 20, 100) == 10);
  CHECK(gate.statistics().refused_bytes == 12);
}

TEST_CASE("a refused event takes nothing from the other limits") {
  config::TenantSettings settings = unlimited();
  settings.max_events_per_second = 10;
  settings.max_bytes_per_second = 100;
  TenantGate gate(settings, fake_clock);
  CHECK(gate.enter("a", 100) == TenantVerdict::pass);
  CHECK(passed(gate, "a", 50, 100) == 0);  // bytes
  CHECK(passed(gate, "a", 50, 0) == 9);
}

TEST_CASE("events in flight are bounded until they leave") {
  config::TenantSettings settings = unlimited();
  settings.max_in_flight = 3;
  TenantGate gate(settings, fake_clock);
  CHECK(passed(gate, "a", 10) == 3);
  CHECK(gate.enter("a", 1) == TenantVerdict::over_in_flight);
  gate.leave("a", 100);
  CHECK(passed(gate, "a", 10) == 1);
  CHECK(passed(gate, "", 10) == 3);  // no tenant is a tenant
  const TenantStatistics statistics = gate.statistics();
  CHECK(statistics.in_flight == 6);
  CHECK(statistics.active == 2);
  CHECK(statistics.known == 2);
  CHECK(statistics.refused_in_flight == 7 + 1 + 9 + 7);
}

TEST_CASE("records of an event that was let pass count without being asked for") {
  config::TenantSettings settings = unlimited();
  settings.max_in_flight = 2;
  TenantGate gate(settings, fake_clock);
  REQUIRE(gate.enter("a", 1) == TenantVerdict::pass);
  gate.add("a", 1, 3);
  CHECK(gate.statistics().in_flight == 4);
  for (int record = 0; record < 4; ++record) gate.leave("a", 1);
  CHECK(gate.statistics().in_flight == 0);
  gate.add("nobody", 1, 3);
  CHECK(gate.statistics().in_flight == 0);
}

TEST_CASE("who never entered does not leave: nothing falls below zero") {
  TenantGate gate(unlimited(), fake_clock);
  gate.leave("a", 10);
  REQUIRE(gate.enter("a", 10) == TenantVerdict::pass);
  gate.leave("a", 10'000'000);
  gate.leave("a", 10);
  CHECK(gate.statistics().in_flight == 0);
  CHECK(gate.statistics().active == 0);
}

TEST_CASE("while it is crowded a noisy tenant gets its share, and the others go on") {
  config::TenantSettings settings;
  settings.fair_from = 200;
  TenantGate gate(settings, fake_clock);
  CHECK(passed(gate, "noisy", 1000) == 200);
  CHECK(gate.enter("noisy", 1) == TenantVerdict::over_fair_share);
  for (int tenant = 0; tenant < 20; ++tenant) CHECK(passed(gate, "quiet-" + std::to_string(tenant), 2) == 2);
  CHECK(passed(gate, "second", 1000) == 25);  // an eighth of the window
  for (int event = 0; event < 192; ++event) gate.leave("noisy", 100);
  CHECK(passed(gate, "noisy", 1000) > 100);  // no longer crowded
  CHECK(gate.statistics().refused_unfair > 1700);
}

TEST_CASE("a large event takes up more of the window, and one passes always") {
  config::TenantSettings settings;
  settings.fair_from = 100;
  TenantGate gate(settings, fake_clock);
  CHECK(passed(gate, "noisy", 1000, 40'960) == 9);  // 11 units each
  CHECK(passed(gate, "quiet", 5, 10'000'000) == 1);
  gate.leave("quiet", 10'000'000);
  CHECK(passed(gate, "quiet", 5, 10'000'000) == 1);
}

TEST_CASE("at the bound tenants at rest make room, and who finds none is let pass") {
  config::TenantSettings settings = unlimited();
  settings.max_tenants = 100;
  settings.max_in_flight = 1;
  TenantGate gate(settings, fake_clock);
  for (int tenant = 0; tenant < 100; ++tenant) CHECK(passed(gate, std::to_string(tenant), 2) == 1);
  CHECK(gate.statistics().known == 100);
  CHECK(passed(gate, "one more", 5) == 5);  // no entry, so no limit
  CHECK(gate.statistics().without_entry == 5);
  for (int tenant = 0; tenant < 100; ++tenant) gate.leave(std::to_string(tenant), 100);
  CHECK(passed(gate, "one more", 5) == 1);
  CHECK(gate.statistics().known == 100);
}

TEST_CASE("a tenant whose bucket is not full again keeps its entry") {
  config::TenantSettings settings = unlimited();
  settings.max_tenants = 1;
  settings.max_events_per_second = 1;
  TenantGate gate(settings, fake_clock);
  CHECK(passed(gate, "a", 3) == 1);
  gate.leave("a", 100);
  CHECK(passed(gate, "b", 3) == 3);  // no room
  pass_time(1s);
  CHECK(passed(gate, "b", 3) == 1);  // a's entry
  CHECK(gate.statistics().known == 1);
}

TEST_CASE("100,000 tenants take at most 64 bytes each; those at rest take none") {
  constexpr std::uint64_t tenants = 100'000;
  config::TenantSettings settings = unlimited();
  settings.max_in_flight = 10;
  TenantGate gate(settings, fake_clock);
  const std::uint64_t empty = gate.statistics().bytes;
  CHECK(empty < 80 * 1024);
  for (std::uint64_t tenant = 0; tenant < 2 * tenants; ++tenant) {
    REQUIRE(passed(gate, "wallet-" + std::to_string(tenant), 1) == 1);
    gate.leave("wallet-" + std::to_string(tenant), 100);
  }
  CHECK(gate.statistics().known <= 256);  // one after the other: each made room for the next
  for (std::uint64_t tenant = 0; tenant < tenants; ++tenant) {
    REQUIRE(passed(gate, "wallet-" + std::to_string(tenant), 1) == 1);
  }
  const TenantStatistics statistics = gate.statistics();
  CHECK(statistics.known == tenants);
  CHECK(statistics.bytes - empty <= 64 * tenants);
  CHECK(statistics.bytes - empty >= 40 * tenants);
}

TEST_CASE("whatever is done in whatever order, by several threads: nothing leaks") {
  config::TenantSettings settings;
  settings.max_tenants = 50;
  settings.max_in_flight = 20;
  settings.max_events_per_second = 10'000;
  settings.fair_from = 100;
  TenantGate gate(settings);
  const auto work = [&gate](unsigned seed) {
    std::minstd_rand random(seed);
    std::vector<std::string> inside;
    for (int step = 0; step < 50'000; ++step) {
      const std::string tenant = std::to_string(random() % 80);
      if (random() % 2 == 0 && gate.enter(tenant, random() % 20'000) == TenantVerdict::pass) inside.push_back(tenant);
      if (random() % 2 == 0 && !inside.empty()) {
        std::swap(inside[random() % inside.size()], inside.back());
        gate.leave(inside.back(), random() % 20'000);
        inside.pop_back();
      }
    }
    for (const std::string& tenant : inside) gate.leave(tenant, 7);
  };
  std::vector<std::thread> threads;
  for (unsigned seed = 1; seed <= 3; ++seed) threads.emplace_back(work, seed);
  for (std::thread& thread : threads) thread.join();
  const TenantStatistics statistics = gate.statistics();
  CHECK(statistics.in_flight == 0);
  CHECK(statistics.active == 0);
  CHECK(statistics.known <= 50);
  // Nothing is held against anybody: a whole window is free again.
  CHECK(statistics.refused_in_flight + statistics.refused_events + statistics.refused_unfair > 0);
}

TEST_CASE("what a publisher is told names the option and no tenant") {
  CHECK(to_text(TenantVerdict::over_event_rate).find("max_events_per_second") != std::string_view::npos);
  CHECK(to_text(TenantVerdict::over_byte_rate).find("max_bytes_per_second") != std::string_view::npos);
  CHECK(to_text(TenantVerdict::over_in_flight).find("max_in_flight") != std::string_view::npos);
  CHECK(to_text(TenantVerdict::over_fair_share).find("fair") != std::string_view::npos);
}
