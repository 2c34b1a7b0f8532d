// Writing times to files, for the harness to read at the end.
#include "times.h"

#include <algorithm>
#include <fstream>

namespace swap_load {
namespace {

constexpr std::int64_t slot_ns = 10'000'000;
constexpr std::size_t slots = 360'000;  // an hour
constexpr std::size_t most_long_calls = 1'000'000;
constexpr std::int64_t long_call_ns = 50'000;

template <class Value>
bool write_values(const std::string& path, const Value* values, std::size_t count) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(values), static_cast<std::streamsize>(count * sizeof(Value)));
  return file.good();
}

}  // namespace

bool LongTimes::write(const std::string& path) const {
  return write_values(path, times_.data(), std::min(count_.load(), times_.size()));
}

CallTimes::CallTimes(std::int64_t began_ns) : began_(began_ns), slots_(slots), long_(most_long_calls, long_call_ns) {}

void CallTimes::add(std::int64_t begin_ns, std::int64_t end_ns) noexcept {
  const auto slot = static_cast<std::size_t>((begin_ns - began_) / slot_ns);
  if (slot < slots_.size()) ++slots_[slot];
  long_.add(end_ns, end_ns - begin_ns);
}

bool CallTimes::write(const std::string& prefix) const {
  return long_.write(prefix + ".long") && write_values(prefix + ".slots", slots_.data(), slots_.size());
}

}  // namespace swap_load
