// A directory of its own for each test, a log that keeps its lines, and entries that carry their number.
#pragma once

#include <chrono>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "store/outbox_store.h"

namespace kafka_events::test {

inline constexpr Stream first_stream = Stream::at_least_once;
inline constexpr Stream second_stream = Stream::exactly_once;

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "outbox-test-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  std::string path_;
};

class KeptLog final : public Log {
 public:
  [[nodiscard]] bool enabled(LogLevel level) const noexcept override { return level >= LogLevel::info; }
  void write(LogLevel, std::string_view, std::string_view message, std::span<const LogField>) noexcept override {
    const std::lock_guard lock(mutex_);
    text_ += std::string(message) + "\n";
  }
  [[nodiscard]] std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

/// Opens or fails the test with the reason.
inline std::unique_ptr<OutboxStore> opened(const OutboxOptions& options, Log& log) {
  auto store = OutboxStore::open(options, log);
  if (!store) FAIL(store.error().message);
  return std::move(store).value();
}

/// `number` is the payload's beginning; the rest fills it up to `size`.
inline std::string payload_of(std::uint64_t number, std::size_t size = 64) {
  std::string payload = std::to_string(number) + ":";
  payload.resize(std::max(size, payload.size()), 'x');
  return payload;
}

inline Result<std::uint64_t> append(OutboxStore& store, Stream stream, std::uint64_t number, std::size_t size = 64) {
  const std::string payload = payload_of(number, size);
  StoredEntry entry;
  entry.kafka_topic = "topic";
  entry.key = "key";
  entry.value = entry.payload = payload;
  return store.append(stream, entry);
}

struct Found {
  std::uint64_t position = 0;
  std::uint64_t number = 0;
  bool operator==(const Found& other) const { return position == other.position && number == other.number; }
};

/// Everything from `from` on; fails the test if it cannot be read.
inline std::vector<Found> found(OutboxStore& store, Stream stream, std::uint64_t from = 0) {
  std::vector<Found> all;
  while (true) {
    const auto next = store.read(stream, from, 1000, 1U << 20U, [&](std::uint64_t position, const StoredEntry& entry) {
      all.push_back({position, std::stoull(std::string(entry.value))});
      return true;
    });
    if (!next) FAIL(next.error().message);
    if (next.value() == from) return all;
    from = next.value();
  }
}

inline void erase(OutboxStore& store, Stream stream, std::uint64_t first, std::uint64_t end) {
  const PositionRange range{first, end};
  CHECK(store.erase(stream, {&range, 1}).ok());
}

/// Whether `condition` holds before the time is over.
inline bool comes_true(const std::function<bool()>& condition, std::chrono::seconds time = std::chrono::seconds(20)) {
  const auto deadline = std::chrono::steady_clock::now() + time;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

/// Threads of this process, by name.
inline std::vector<std::string> thread_names() {
  std::vector<std::string> names;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream file(task.path() / "comm");
    std::string name;
    if (std::getline(file, name)) names.push_back(name);
  }
  return names;
}

/// The newest file of this kind below a directory, empty ones left out.
inline std::filesystem::path newest_file(const std::filesystem::path& below, std::string_view extension) {
  std::filesystem::path newest;
  for (const auto& file : std::filesystem::recursive_directory_iterator(below)) {
    if (file.path().extension() != extension || file.file_size() == 0) continue;
    if (newest.empty() || file.path().filename() > newest.filename()) newest = file.path();
  }
  return newest;
}

}  // namespace kafka_events::test
