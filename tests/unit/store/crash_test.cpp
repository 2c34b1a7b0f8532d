// kill -9, torn writes and damage: nothing that was appended is lost without a word.
#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

#include "support.h"

namespace kafka_events::test {
namespace {

/// Appends from `number` on and reports each position, until it is killed. Erases what is far behind.
[[noreturn]] void append_for_ever(const OutboxOptions& options, Log& log, int report) {
  auto store = OutboxStore::open(options, log);
  if (!store) _exit(1);
  while (true) {
    const std::uint64_t next = store.value()->positions(first_stream).end;
    const auto position = append(*store.value(), first_stream, next, 700);
    if (!position || write(report, &position.value(), sizeof next) != sizeof next) _exit(2);
    if (next % 100 == 0 && next > 5000) {
      const PositionRange range{0, next - 4900};
      (void)store.value()->erase(first_stream, {&range, 1});
    }
  }
}

/// The last position that was reported before the child was killed.
std::uint64_t killed_after(const OutboxOptions& options, Log& log, std::chrono::microseconds time) {
  std::array<int, 2> pipe_ends{};
  REQUIRE(pipe(pipe_ends.data()) == 0);
  const pid_t child = fork();
  if (child == 0) append_for_ever(options, log, pipe_ends[1]);
  ::close(pipe_ends[1]);
  std::uint64_t last = 0;
  REQUIRE(read(pipe_ends[0], &last, sizeof last) == sizeof last);
  const auto end = std::chrono::steady_clock::now() + time;
  std::array<std::uint64_t, 512> positions{};
  bool killed = false;
  while (true) {
    const ssize_t size = read(pipe_ends[0], positions.data(), sizeof positions);
    if (size <= 0) break;
    last = positions.at(static_cast<std::size_t>(size) / sizeof last - 1);
    if (!killed && std::chrono::steady_clock::now() > end) {
      kill(child, SIGKILL);
      killed = true;
    }
  }
  waitpid(child, nullptr, 0);
  ::close(pipe_ends[0]);
  return last;
}

/// A store of `count` entries whose log alone holds them.
void fill(const OutboxOptions& options, Log& log, std::uint64_t count) {
  const auto store = opened(options, log);
  for (std::uint64_t i = 1; i <= count; ++i) REQUIRE(append(*store, first_stream, i, 1000).ok());
}

void overwrite(const std::filesystem::path& file, std::uint64_t offset, std::size_t size) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekp(static_cast<std::streamoff>(offset));
  stream << std::string(size, '\x5a');
  REQUIRE(stream.good());
}

}  // namespace

TEST_CASE("killed at any instant, it has every position that was returned") {
  const TemporaryDirectory directory;
  KeptLog log;
  const OutboxOptions options{.path = directory / "outbox"};
  std::uint64_t random = 42;
  for (int round = 0; round < 24; ++round) {
    random = random * 6364136223846793005ULL + 1442695040888963407ULL;
    const std::uint64_t last = killed_after(options, log, std::chrono::microseconds((random >> 33U) % 60'000));
    const auto store = opened(options, log);
    const std::vector<Found> all = found(*store, first_stream);
    REQUIRE_FALSE(all.empty());
    CHECK(all.back().position >= last);
    CHECK(store->positions(first_stream).end > last);
    std::uint64_t expected = all.front().position;
    CHECK(expected <= std::max<std::uint64_t>(last, 5000) - 4800);
    for (const Found& entry : all) {
      if (!(entry == Found{expected, expected})) FAIL("position ", expected, " is missing or another's");
      ++expected;
    }
    CHECK(log.text().empty());
  }
}

TEST_CASE("a last write that is cut off is dropped, and only that") {
  for (const std::uintmax_t bytes : {1U, 500U, 1500U}) {
    const TemporaryDirectory directory;
    KeptLog log;
    const OutboxOptions options{.path = directory / "outbox"};
    fill(options, log, 100);
    const auto file = newest_file(directory / "outbox", ".log");
    std::filesystem::resize_file(file, std::filesystem::file_size(file) - bytes);
    const auto store = opened(options, log);
    CHECK(store->entries(first_stream) == (bytes < 1000 ? 99 : 98));
    CHECK(found(*store, first_stream).back().position == store->entries(first_stream));
    // It had been synced, so that this is no crash but a disk that lost something.
    CHECK(log.text().find("torn") != std::string::npos);
    CHECK(append(*store, first_stream, 5).ok());
  }
}

TEST_CASE("a last write that is garbled is dropped, and only that") {
  const TemporaryDirectory directory;
  KeptLog log;
  const OutboxOptions options{.path = directory / "outbox"};
  fill(options, log, 100);
  const auto file = newest_file(directory / "outbox", ".log");
  overwrite(file, std::filesystem::file_size(file) - 300, 300);
  const auto store = opened(options, log);
  CHECK(store->entries(first_stream) == 99);
}

TEST_CASE("damage in the middle of the log is an error that says what to do, each time, and changes nothing") {
  const TemporaryDirectory directory;
  KeptLog log;
  const OutboxOptions options{.path = directory / "outbox"};
  fill(options, log, 1000);
  const auto file = newest_file(directory / "outbox", ".log");
  overwrite(file, std::filesystem::file_size(file) / 2, 100);
  for (int run = 0; run < 2; ++run) {
    const auto store = OutboxStore::open(options, log);
    REQUIRE_FALSE(store.ok());
    CHECK(store.error().message.find("damaged") != std::string::npos);
    CHECK(store.error().message.find("move the directory away") != std::string::npos);
    CHECK(store.error().message.find(directory / "outbox") != std::string::npos);
  }
  CHECK(std::filesystem::exists(file));
}

TEST_CASE("damage in a table is found when it is opened") {
  const TemporaryDirectory directory;
  KeptLog log;
  const OutboxOptions options{.path = directory / "outbox"};
  fill(options, log, 20'000);
  const auto file = newest_file(directory / "outbox", ".sst");
  REQUIRE_FALSE(file.empty());
  overwrite(file, std::filesystem::file_size(file) / 2, 100);
  const auto store = OutboxStore::open(options, log);
  REQUIRE_FALSE(store.ok());
  CHECK(store.error().message.find("damaged") != std::string::npos);
  CHECK(store.error().message.find("move the directory away") != std::string::npos);
}

TEST_CASE("a database whose main file is gone is not begun anew") {
  const TemporaryDirectory directory;
  KeptLog log;
  const OutboxOptions options{.path = directory / "outbox"};
  fill(options, log, 10);
  std::filesystem::remove(directory / "outbox/db/CURRENT");
  const auto store = OutboxStore::open(options, log);
  REQUIRE_FALSE(store.ok());
  CHECK(store.error().message.find(directory / "outbox") != std::string::npos);
}

}  // namespace kafka_events::test
