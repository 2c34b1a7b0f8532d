// The ledger of numbered events sees what it is there to see.
#include "number_ledger.h"

#include <algorithm>
#include <doctest/doctest.h>
#include <string>
#include <vector>

using namespace swap_load;

namespace {

constexpr std::uint32_t keys = 3;

struct Sent {
  std::string key;
  std::string text;
};

/// Ten of each key, in turn: index 3 * (number - 1) + key.
std::vector<Sent> faithful() {
  std::vector<Sent> all;
  for (std::uint64_t number = 1; number <= 10; ++number) {
    for (std::uint32_t key = 0; key < keys; ++key) {
      all.push_back({key_text(key), {}});
      write_numbered(all.back().text, {key, number}, 60);
    }
  }
  return all;
}

NumberLedger judge(const std::vector<Sent>& all) {
  NumberLedger ledger(keys);
  for (const Sent& sent : all) ledger.add(sent.text, sent.key);
  return ledger;
}

}  // namespace

TEST_CASE("a text of a numbered event comes back as it was, or not at all") {
  std::string text;
  write_numbered(text, {7, 123456789}, 80);
  CHECK(text.size() == 80);
  const auto numbered = parse_numbered(text);
  REQUIRE(numbered);
  CHECK(numbered->key == 7);
  CHECK(numbered->number == 123456789);
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string damaged = text;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    CHECK_FALSE(parse_numbered(damaged));
  }
  CHECK_FALSE(parse_numbered(""));
  CHECK_FALSE(parse_numbered("k|"));
}

TEST_CASE("a faithful sequence is found faultless") {
  const NumberLedger ledger = judge(faithful());
  CHECK(ledger.records() == 30);
  CHECK(ledger.missing() + ledger.doubled() + ledger.reordered() + ledger.corrupt() == 0);
  CHECK(ledger.json().find("\"last\":[10,10,10],\"examples\":[],\"absent\":[]") != std::string::npos);
}

TEST_CASE("what is lost, doubled, reordered or corrupt is counted as such") {
  auto all = faithful();
  SUBCASE("lost") {
    all.erase(all.begin() + 7);
    CHECK(judge(all).missing() == 1);
    CHECK(judge(all).json().find("\"absent\":[\"k0001|3\"]") != std::string::npos);
  }
  SUBCASE("lost at the end") {
    all.erase(all.end() - 1);
    CHECK(judge(all).json().find("\"last\":[10,10,9]") != std::string::npos);
  }
  SUBCASE("doubled") {
    all.push_back(all[4]);
    CHECK(judge(all).doubled() == 1);
  }
  SUBCASE("reordered") {
    std::swap(all[3], all[6]);
    const NumberLedger ledger = judge(all);
    CHECK(ledger.reordered() == 1);
    CHECK(ledger.missing() == 0);
  }
  SUBCASE("corrupt") {
    all[5].text[8] = '?';
    CHECK(judge(all).corrupt() == 1);
    CHECK(judge(all).missing() == 1);
  }
  SUBCASE("under another key") {
    all[5].key = "k0000";
    CHECK(judge(all).corrupt() == 1);
  }
}
