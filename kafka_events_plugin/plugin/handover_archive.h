// Records as bytes: each field is its tag (two bytes), its length (four bytes, both big-endian) and its value, so that
// every version finds what it knows and skips the rest. Fields of a record ascend by tag.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "plugin/handover_fields.h"

namespace kafka_events {

/// Appends to a text. Never fails but for memory.
class HandoverWriter {
 public:
  template <class T>
  void operator()(std::uint16_t tag, const T& value) {
    put(tag, 2);
    const std::size_t length_at = out_.size();
    put(0, 4);
    write(value);
    const std::uint64_t length = out_.size() - length_at - 4;
    for (unsigned i = 0; i < 4; ++i) out_[length_at + i] = static_cast<char>(length >> (8 * (3 - i)) & 0xFFU);
  }
  template <class T>
  void record(const T& value) {
    fields(*this, const_cast<T&>(value));  // the fields are listed once, for both directions; a writer only reads
  }
  [[nodiscard]] std::string take() noexcept { return std::move(out_); }

 private:
  void put(std::uint64_t value, unsigned bytes) {
    while (bytes-- > 0) out_.push_back(static_cast<char>(value >> (8 * bytes) & 0xFFU));
  }
  void write(const std::string& value) { out_ += value; }
  void write(bool value) { put(value ? 1 : 0, 1); }
  template <std::integral T>
  void write(T value) {
    put(static_cast<std::uint64_t>(static_cast<std::int64_t>(value)), 8);
  }
  template <class T>
  void write(const std::vector<T>& values) {
    for (const T& each : values) (*this)(0, each);
  }
  void write(const std::pair<std::uint64_t, std::uint64_t>& range) { put(range.first, 8), put(range.second, 8); }
  void write(const std::pair<std::int64_t, std::int64_t>& range) { write(range.first), write(range.second); }
  template <class T>
    requires std::is_class_v<T>
  void write(const T& value) {
    record(value);
  }

  std::string out_;
};

/// Reads what a writer wrote, or anything else: what makes no sense is noted and the field stays as it is.
class HandoverReader {
 public:
  explicit HandoverReader(std::string_view data) : rest_(data) {}

  template <class T>
  void operator()(std::uint16_t tag, T& value) {
    while (!rest_.empty()) {
      std::string_view before = rest_;
      std::uint16_t found = 0;
      std::string_view field;
      if (!next(found, field)) return;
      if (found > tag) {
        rest_ = before;
        return;
      }
      if (found == tag) return read(field, value);
    }
  }
  template <class T>
  void record(T& value) {
    fields(*this, value);
    std::uint16_t tag = 0;
    std::string_view field;
    while (!rest_.empty() && next(tag, field)) continue;
  }
  [[nodiscard]] bool damaged() const noexcept { return damaged_; }

 private:
  bool next(std::uint16_t& tag, std::string_view& field) {
    constexpr std::size_t head = 6;
    const std::uint64_t length = rest_.size() < head ? 0 : number(rest_.substr(2, 4));
    if (rest_.size() < head || rest_.size() - head < length) return damage();
    tag = static_cast<std::uint16_t>(number(rest_.substr(0, 2)));
    field = rest_.substr(head, length);
    rest_.remove_prefix(head + length);
    return true;
  }
  bool damage() {
    damaged_ = true;
    rest_ = {};
    return false;
  }
  static std::uint64_t number(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char byte : bytes) value = value << 8U | static_cast<unsigned char>(byte);
    return value;
  }

  void read(std::string_view field, std::string& value) { value = field; }
  void read(std::string_view field, bool& value) {
    if (field.size() != 1 || static_cast<unsigned char>(field.front()) > 1) return void(damage());
    value = field.front() == 1;
  }
  template <std::integral T>
  void read(std::string_view field, T& value) {
    const auto wide = static_cast<std::int64_t>(number(field));
    const T narrow = static_cast<T>(wide);
    if (field.size() != 8 || static_cast<std::int64_t>(narrow) != wide) return void(damage());
    value = narrow;
  }
  template <class T>
  void read(std::string_view field, std::vector<T>& values) {
    HandoverReader inner(field);
    std::uint16_t tag = 0;
    std::string_view element;
    while (!inner.rest_.empty() && inner.next(tag, element)) read(element, values.emplace_back());
    damaged_ = damaged_ || inner.damaged_;
  }
  template <class T>
  void read(std::string_view field, std::pair<T, T>& range) {
    if (field.size() != 16) return void(damage());
    read(field.substr(0, 8), range.first);
    read(field.substr(8), range.second);
  }
  template <class T>
    requires std::is_class_v<T>
  void read(std::string_view field, T& value) {
    HandoverReader inner(field);
    inner.record(value);
    damaged_ = damaged_ || inner.damaged_;
  }

  std::string_view rest_;
  bool damaged_ = false;
};

}  // namespace kafka_events
