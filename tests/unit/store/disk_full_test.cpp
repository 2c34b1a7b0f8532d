// A disk that is full: appends are refused, nothing is lost, and all goes on by itself when there is room.
#include <atomic>
#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "support.h"

namespace kafka_events::test {
namespace {

/// A small file system of its own; needs root.
class SmallDisk {
 public:
  SmallDisk() {
    std::filesystem::create_directory(path());
    mounted_ = mount("tmpfs", path().c_str(), "tmpfs", 0, "size=64m") == 0;
  }
  ~SmallDisk() {
    if (mounted_) umount2(path().c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  [[nodiscard]] bool mounted() const {
    if (!mounted_) MESSAGE("skipped: mounting a tmpfs needs root");
    return mounted_;
  }
  [[nodiscard]] std::string path() const { return directory_ / "disk"; }
  [[nodiscard]] OutboxOptions options() const { return {.path = path() + "/outbox"}; }

  /// Takes all the room that is left, as another program would.
  void fill() const {
    const int file = ::open((path() + "/filler").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    const std::string block(4096, 'x');
    while (write(file, block.data(), block.size()) > 0) {
    }
    close(file);
  }
  void free() const { std::filesystem::remove(path() + "/filler"); }

 private:
  TemporaryDirectory directory_;
  bool mounted_ = false;
};

constexpr std::size_t kilobyte = 1000;

/// Appends numbers from `next` on until the disk is full.
void append_until_refused(OutboxStore& store, std::vector<Found>& there) {
  while (true) {
    const std::uint64_t number = there.size();
    const auto position = append(store, first_stream, number, kilobyte);
    if (!position) {
      CHECK(position.error().code == ErrorCode::busy);
      CHECK(position.error().message.find("the disk is full") != std::string::npos);
      return;
    }
    there.push_back({position.value(), number});
    REQUIRE(there.size() < 1'000'000);
  }
}

bool accepts(OutboxStore& store, std::vector<Found>& there) {
  const std::uint64_t number = there.size();
  const auto position = append(store, first_stream, number, kilobyte);
  if (position) there.push_back({position.value(), number});
  return position.ok();
}

}  // namespace

TEST_CASE("a disk smaller than max_bytes is full in time, is drained and takes entries again") {
  const SmallDisk disk;
  if (!disk.mounted()) return;
  KeptLog log;
  const auto store = opened(disk.options(), log);
  for (int round = 0; round < 3; ++round) {
    std::vector<Found> there;
    append_until_refused(*store, there);
    CAPTURE(round);
    CHECK(there.size() > 15'000);
    CHECK(store->figures().trouble.find("the disk is full") != std::string::npos);
    CHECK(found(*store, first_stream) == there);
    erase(*store, first_stream, there.front().position, there.back().position + 1);
    CHECK(comes_true([&] { return store->figures().trouble.empty(); }));
    const auto again = append(*store, first_stream, 0, kilobyte);
    REQUIRE(again.ok());
    CHECK(again.value() == there.back().position + 1);
    erase(*store, first_stream, again.value(), again.value() + 1);
  }
}

TEST_CASE("another program fills the disk: nothing is lost or half-written, and it goes on when there is room") {
  const SmallDisk disk;
  if (!disk.mounted()) return;
  KeptLog log;
  std::vector<Found> there;
  {
    const auto store = opened(disk.options(), log);
    for (int i = 0; i < 3000; ++i) REQUIRE(accepts(*store, there));
    disk.fill();
    append_until_refused(*store, there);
    // Erasures are kept in memory meanwhile, and reading goes on.
    erase(*store, first_stream, there[0].position, there[100].position);
    there.erase(there.begin(), there.begin() + 100);
    CHECK(found(*store, first_stream) == there);
    disk.free();
    CHECK(comes_true([&] { return append(*store, first_stream, 4000, kilobyte).ok(); }));
    CHECK(store->figures().entries == there.size() + 1);
    CHECK(comes_true([&] { return store->figures().trouble.empty(); }));
    there.push_back({there.back().position + 1, 4000});
    CHECK(found(*store, first_stream) == there);
  }
  const auto store = opened(disk.options(), log);
  CHECK(found(*store, first_stream) == there);
}

TEST_CASE("the log itself finds no room: the store goes on when there is some") {
  const SmallDisk disk;
  if (!disk.mounted()) return;
  KeptLog log;
  std::vector<Found> there;
  {
    const auto store = opened(disk.options(), log);
    for (int i = 0; i < 10; ++i) REQUIRE(accepts(*store, there));
    // Within what the store was granted without asking again.
    disk.fill();
    append_until_refused(*store, there);
    append_until_refused(*store, there);
    CHECK(found(*store, first_stream) == there);
    disk.free();
    CHECK(comes_true([&] { return append(*store, first_stream, there.size(), kilobyte).ok(); }));
    there.push_back({there.back().position + 1, there.size()});
    CHECK(found(*store, first_stream) == there);
  }
  const auto store = opened(disk.options(), log);
  CHECK(found(*store, first_stream) == there);
}

TEST_CASE("closed while the disk is full, it has everything when it is opened again") {
  const SmallDisk disk;
  if (!disk.mounted()) return;
  KeptLog log;
  std::vector<Found> there;
  {
    const auto store = opened(disk.options(), log);
    for (int i = 0; i < 10; ++i) REQUIRE(accepts(*store, there));
    disk.fill();
    append_until_refused(*store, there);
  }
  CHECK(log.text().find("the disk is full") != std::string::npos);
  disk.free();
  const auto store = opened(disk.options(), log);
  CHECK(found(*store, first_stream) == there);
}

TEST_CASE("room comes and goes while entries pass through: order and positions hold") {
  const SmallDisk disk;
  if (!disk.mounted()) return;
  KeptLog log;
  std::vector<Found> there;
  std::vector<Found> seen;
  {
    const auto store = opened(disk.options(), log);
    std::atomic<bool> done{false};
    std::thread other([&] {
      for (int round = 0; round < 8; ++round) {
        disk.fill();
        std::this_thread::sleep_for(std::chrono::milliseconds(50));  // not waited for: any moment will do
        disk.free();
        comes_true([&] { return store->figures().trouble.empty(); });
      }
      done = true;
    });
    std::uint64_t from = 0;
    while (!done || store->entries(first_stream) > 0) {
      for (int i = 0; i < 500 && !done; ++i) {
        if (!accepts(*store, there)) break;
      }
      for (const Found& entry : found(*store, first_stream, from)) seen.push_back(entry);
      const std::uint64_t end = seen.empty() ? 1 : seen.back().position + 1;
      if (end > from) erase(*store, first_stream, from, end);
      from = end;
    }
    other.join();
  }
  CHECK(there.size() > 500);
  CHECK(seen == there);
}

TEST_CASE("a disk that is full at the start is said so") {
  const SmallDisk disk;
  if (!disk.mounted()) return;
  KeptLog log;
  disk.fill();
  const auto store = OutboxStore::open(disk.options(), log);
  REQUIRE_FALSE(store.ok());
  CHECK(store.error().message.find("full") != std::string::npos);
}

}  // namespace kafka_events::test
