// What came of a numbered sequence per key: lost, doubled, reordered. Needs memory only for what is missing.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "numbered.h"

namespace swap_load {

/// One thread at a time.
class NumberLedger {
 public:
  explicit NumberLedger(std::uint32_t keys) : accounts_(keys) {}

  /// One event or record, in the order in which they came. `key` as it came, which must be that of the text.
  /// `may_be_late`: it failed before, so others of its key that were on their way may have overtaken it.
  void add(std::string_view text, std::string_view key, bool may_be_late = false);
  void add(const Numbered& numbered, bool may_be_late = false);

  /// {"records":…,"doubled":…,"reordered":…,"corrupt":…,"missing":…,"last":[…],"examples":[…],"absent":[…]}; `missing`: below the last one
  /// of their key. What is missing behind that, only who wrote them knows: `last` has the highest number of each key.
  [[nodiscard]] std::string json() const;
  [[nodiscard]] std::uint64_t records() const noexcept { return records_; }
  [[nodiscard]] std::uint64_t missing() const noexcept;
  [[nodiscard]] std::uint64_t doubled() const noexcept { return doubled_; }
  [[nodiscard]] std::uint64_t reordered() const noexcept { return reordered_; }
  [[nodiscard]] std::uint64_t corrupt() const noexcept { return corrupt_; }

 private:
  struct Account {
    std::uint64_t last = 0;
    std::set<std::uint64_t> missing;  // below last
  };
  /// The first of those that are missing, as JSON strings.
  [[nodiscard]] std::string absent() const;
  void note(const char* what, const Numbered& numbered);

  std::vector<Account> accounts_;
  std::uint64_t records_ = 0;
  std::uint64_t doubled_ = 0;
  std::uint64_t reordered_ = 0;
  std::uint64_t corrupt_ = 0;
  std::vector<std::string> examples_;
};

}  // namespace swap_load
