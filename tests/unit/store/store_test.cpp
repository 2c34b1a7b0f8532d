// The outbox as its users see it: order, positions, bound, streams, reopening, and many threads.
#include <atomic>
#include <sys/wait.h>
#include <unistd.h>

#include "support.h"

namespace kafka_events::test {

TEST_CASE("entries come back in the order of their positions, also after reopening") {
  const TemporaryDirectory directory;
  KeptLog log;
  const OutboxOptions options{.path = directory / "outbox"};
  std::vector<Found> there;
  std::string id;
  for (int run = 0; run < 3; ++run) {
    const auto store = opened(options, log);
    CHECK(found(*store, first_stream) == there);
    CHECK(id.empty() == (run == 0));
    if (run > 0) CHECK(store->id() == id);
    id = store->id();
    CHECK(id.size() == 36);
    for (int i = 0; i < 100; ++i) {
      const std::uint64_t number = there.size();
      const auto position = append(*store, first_stream, number);
      REQUIRE(position.ok());
      there.push_back({position.value(), number});
    }
    CHECK(found(*store, first_stream) == there);
    CHECK(store->entries(first_stream) == there.size());
    CHECK(store->figures().appended == 100);
  }
}

TEST_CASE("read visits as many as are wanted and goes on where it ended") {
  const TemporaryDirectory directory;
  KeptLog log;
  const auto store = opened({.path = directory / "outbox"}, log);
  for (std::uint64_t i = 0; i < 10; ++i) REQUIRE(append(*store, first_stream, i, 1000).ok());
  std::size_t visits = 0;
  const auto count = [&](std::uint64_t, const StoredEntry&) { return ++visits, true; };
  CHECK(store->read(first_stream, 0, 3, 1 << 20, count).value() == 4);
  CHECK(store->read(first_stream, 4, 100, 1500, count).value() == 6);
  CHECK(visits == 5);
  CHECK(store->read(first_stream, 11, 100, 1500, count).value() == 11);
  // The entry at which the visitor stops is visited again.
  CHECK(
      store->read(first_stream, 6, 100, 1 << 20, [](std::uint64_t at, const StoredEntry&) { return at < 8; }).value() ==
      8);
}

TEST_CASE("erased entries are gone at once, and positions never go back") {
  const TemporaryDirectory directory;
  KeptLog log;
  const OutboxOptions options{.path = directory / "outbox"};
  {
    const auto store = opened(options, log);
    for (std::uint64_t i = 1; i <= 300; ++i) REQUIRE(append(*store, first_stream, i).ok());
    erase(*store, first_stream, 1, 100);
    erase(*store, first_stream, 200, 202);
    CHECK(store->positions(first_stream).first == 100);
    CHECK(found(*store, first_stream).size() == 199);
  }
  {
    const auto store = opened(options, log);
    CHECK(store->positions(first_stream).first == 100);
    CHECK(store->entries(first_stream) == 199);
    CHECK(found(*store, first_stream).front() == Found{100, 100});
    erase(*store, first_stream, 0, 1000);
    CHECK(store->figures().bytes == 0);
  }
  for (int run = 0; run < 2; ++run) {
    const auto store = opened(options, log);
    CHECK(found(*store, first_stream).empty());
    CHECK(store->positions(first_stream).first == 301);
    CHECK(store->positions(first_stream).end == 301);
  }
  CHECK(append(*opened(options, log), first_stream, 1).value() == 301);
}

TEST_CASE("an entry in front that stays does not bring others back, and the last positions stay used") {
  const TemporaryDirectory directory;
  KeptLog log;
  const OutboxOptions options{.path = directory / "outbox"};
  {
    const auto store = opened(options, log);
    for (std::uint64_t i = 1; i <= 9000; ++i) REQUIRE(append(*store, first_stream, i, 10).ok());
    erase(*store, first_stream, 2, 9001);
    CHECK(found(*store, first_stream) == std::vector<Found>{{1, 1}});
  }
  const auto store = opened(options, log);
  CHECK(found(*store, first_stream) == std::vector<Found>{{1, 1}});
  CHECK(append(*store, first_stream, 5).value() == 9001);
}

TEST_CASE("positions that are kept free are filled in any order, before what was appended later") {
  const TemporaryDirectory directory;
  KeptLog log;
  const OutboxOptions options{.path = directory / "outbox"};
  constexpr std::uint64_t many = std::uint64_t{1} << 32U;
  {
    const auto store = opened(options, log);
    const std::uint64_t first = store->reserve(first_stream, many);
    CHECK(first == 1);
    CHECK(append(*store, first_stream, 100).value() == first + many);
    CHECK(append(*store, first_stream, 101).value() == first + many + 1);
    const std::string payload = payload_of(7);
    StoredEntry entry;
    entry.value = entry.payload = payload;
    CHECK(store->append_at(first_stream, 9, entry).ok());
    CHECK(store->append_at(first_stream, 3, entry).ok());
    CHECK_FALSE(store->append_at(first_stream, 3, entry).ok());
    CHECK_FALSE(store->append_at(first_stream, first + many, entry).ok());
    erase(*store, first_stream, first + many, first + many + 1);
    CHECK(store->positions(first_stream).first == 1);
    CHECK(found(*store, first_stream) == std::vector<Found>{{3, 7}, {9, 7}, {first + many + 1, 101}});
  }
  const auto store = opened(options, log);
  CHECK(found(*store, first_stream) == std::vector<Found>{{3, 7}, {9, 7}, {many + 2, 101}});
  CHECK(store->positions(first_stream).end == many + 3);
}

TEST_CASE("a reservation alone survives a restart") {
  const TemporaryDirectory directory;
  KeptLog log;
  const OutboxOptions options{.path = directory / "outbox"};
  opened(options, log)->reserve(first_stream, 1000);
  CHECK(opened(options, log)->positions(first_stream).end == 1001);
}

TEST_CASE("max_bytes is the bound: busy beyond it, nothing evicted, and room again after an erasure") {
  const TemporaryDirectory directory;
  KeptLog log;
  const auto store = opened({.path = directory / "outbox", .max_bytes = 100'000}, log);
  std::uint64_t appended = 0;
  Result<std::uint64_t> last = std::uint64_t{0};
  while ((last = append(*store, first_stream, appended, 1000)).ok()) ++appended;
  CHECK(last.error().code == ErrorCode::busy);
  CHECK(last.error().message.find("100000") != std::string::npos);
  CHECK(appended > 90);
  CHECK(store->figures().refused == 1);
  CHECK(store->figures().bytes <= 100'000);
  CHECK(found(*store, first_stream).size() == appended);
  // The bound is one for all streams.
  CHECK_FALSE(append(*store, second_stream, 1, 1000).ok());
  erase(*store, first_stream, 1, 2);
  CHECK(append(*store, second_stream, 1, 500).ok());
  // What can never fit is told apart.
  const auto huge = append(*store, first_stream, 1, 200'000);
  REQUIRE_FALSE(huge.ok());
  CHECK(huge.error().code == ErrorCode::too_large);
}

TEST_CASE("streams do not know each other") {
  const TemporaryDirectory directory;
  KeptLog log;
  const OutboxOptions options{.path = directory / "outbox"};
  {
    const auto store = opened(options, log);
    REQUIRE(append(*store, first_stream, 1).ok());
    REQUIRE(append(*store, second_stream, 2).ok());
    REQUIRE(append(*store, second_stream, 3).ok());
    erase(*store, second_stream, 1, 2);
  }
  const auto store = opened(options, log);
  CHECK(found(*store, first_stream) == std::vector<Found>{{1, 1}});
  CHECK(found(*store, second_stream) == std::vector<Found>{{2, 3}});
}

TEST_CASE("several appenders beside a reader that erases: all pass once, in order of positions, for each way to sync") {
  constexpr std::uint64_t each = 3000;
  constexpr std::uint64_t appenders = 3;
  for (const FsyncPolicy policy : {FsyncPolicy::group, FsyncPolicy::off, FsyncPolicy::each}) {
    const std::uint64_t count = policy == FsyncPolicy::each ? each / 20 : each;
    const TemporaryDirectory directory;
    KeptLog log;
    const auto store = opened({.path = directory / "outbox", .fsync = policy}, log);
    std::vector<std::thread> threads;
    std::atomic<bool> all_taken{true};
    for (std::uint64_t appender = 0; appender < appenders; ++appender) {
      threads.emplace_back([&, appender] {
        for (std::uint64_t i = 0; i < count; ++i) {
          if (!append(*store, first_stream, appender * each + i, 1000).ok()) all_taken = false;
        }
      });
    }
    std::vector<Found> seen;
    CHECK(comes_true([&] {
      const std::uint64_t from = seen.empty() ? 0 : seen.back().position + 1;
      const std::vector<Found> more = found(*store, first_stream, from);
      if (!more.empty()) erase(*store, first_stream, more.front().position, more.back().position + 1);
      seen.insert(seen.end(), more.begin(), more.end());
      return seen.size() == appenders * count;
    }));
    for (std::thread& thread : threads) thread.join();
    CHECK(all_taken);
    std::array<std::uint64_t, appenders> next{};
    for (std::size_t i = 0; i < seen.size(); ++i) {
      if (seen[i].position != i + 1) FAIL("a position is missing: ", i + 1);
      if (seen[i].number % each != next.at(seen[i].number / each)++) FAIL("an appender's order is not kept");
    }
    CHECK(store->entries(first_stream) == 0);
    CHECK((store->figures().fsyncs > 1) == (policy != FsyncPolicy::off));
  }
}

TEST_CASE("closing ends every thread and gives the directory back") {
  const TemporaryDirectory directory;
  KeptLog log;
  const OutboxOptions options{.path = directory / "outbox"};
  const std::size_t before = thread_names().size();
  for (int run = 0; run < 5; ++run) {
    const auto store = opened(options, log);
    // Enough that tables are written in the background.
    for (std::uint64_t i = 0; i < 3000; ++i) REQUIRE(append(*store, first_stream, i, 10'000).ok());
    CHECK(thread_names().size() > before);
  }
  CHECK(comes_true([&] { return thread_names().size() == before; }));
}

TEST_CASE("a second instance is refused with the owner's process id, until the first one is closed") {
  const TemporaryDirectory directory;
  KeptLog log;
  const OutboxOptions options{.path = directory / "outbox"};
  auto store = opened(options, log);
  auto second = OutboxStore::open(options, log);
  REQUIRE_FALSE(second.ok());
  CHECK(second.error().code == ErrorCode::exists);
  CHECK(second.error().message.find("this process (" + std::to_string(getpid()) + ")") != std::string::npos);
  store.reset();
  CHECK(OutboxStore::open(options, log).ok());
}

TEST_CASE("another process is refused with the owner's process id") {
  const TemporaryDirectory directory;
  KeptLog log;
  const OutboxOptions options{.path = directory / "outbox"};
  std::array<int, 2> ready{};
  std::array<int, 2> end{};
  REQUIRE(pipe(ready.data()) == 0);
  REQUIRE(pipe(end.data()) == 0);
  const pid_t child = fork();
  if (child == 0) {
    ::close(end[1]);
    auto store = OutboxStore::open(options, log);
    char byte = store.ok() ? 'y' : 'n';
    if (write(ready[1], &byte, 1) != 1 || read(end[0], &byte, 1) < 0) _exit(1);
    _exit(0);
  }
  char byte = 0;
  REQUIRE(read(ready[0], &byte, 1) == 1);
  CHECK(byte == 'y');
  const auto refused = OutboxStore::open(options, log);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == ErrorCode::exists);
  CHECK(refused.error().message.find("process " + std::to_string(child) + " has it open") != std::string::npos);
  ::close(end[1]);
  waitpid(child, nullptr, 0);
  CHECK(OutboxStore::open(options, log).ok());
  for (const int descriptor : {ready[0], ready[1], end[0]}) ::close(descriptor);
}

TEST_CASE("a path that cannot be used is told with what to do") {
  const TemporaryDirectory directory;
  KeptLog log;
  const auto no_parent = OutboxStore::open({.path = directory / "missing/outbox"}, log);
  REQUIRE_FALSE(no_parent.ok());
  CHECK(no_parent.error().message.find("missing/outbox") != std::string::npos);
  std::ofstream(directory / "file") << "x";
  const auto file = OutboxStore::open({.path = directory / "file"}, log);
  REQUIRE_FALSE(file.ok());
  CHECK(file.error().message.find("no directory") != std::string::npos);
}

}  // namespace kafka_events::test
