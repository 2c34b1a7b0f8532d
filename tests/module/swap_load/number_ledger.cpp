// The judgement of each number, as it comes.
#include "number_ledger.h"

namespace swap_load {
namespace {

constexpr std::size_t most_examples = 20;
constexpr std::uint64_t most_missing_at_once = 1'000'000;  // a jump beyond that is no sequence any more

}  // namespace

void NumberLedger::add(std::string_view text, std::string_view key, bool may_be_late) {
  const std::optional<Numbered> numbered = parse_numbered(text);
  const bool known = numbered && numbered->key < accounts_.size() && key_text(numbered->key) == key;
  if (known && numbered->number > 0 && numbered->number <= accounts_[numbered->key].last + most_missing_at_once) {
    add(*numbered, may_be_late);
    return;
  }
  ++records_;
  ++corrupt_;
  note("corrupt", numbered.value_or(Numbered{}));
}

void NumberLedger::add(const Numbered& numbered, bool may_be_late) {
  ++records_;
  Account& account = accounts_[numbered.key];
  if (numbered.number == account.last + 1) {
    account.last = numbered.number;
  } else if (numbered.number > account.last) {
    note("gap before", numbered);
    for (std::uint64_t number = account.last + 1; number < numbered.number; ++number) account.missing.insert(number);
    account.last = numbered.number;
  } else if (account.missing.erase(numbered.number) != 0) {
    if (may_be_late) return;
    ++reordered_;
    note("late", numbered);
  } else {
    ++doubled_;
    note("doubled", numbered);
  }
}

std::uint64_t NumberLedger::missing() const noexcept {
  std::uint64_t count = 0;
  for (const Account& account : accounts_) count += account.missing.size();
  return count;
}

void NumberLedger::note(const char* what, const Numbered& numbered) {
  if (examples_.size() >= most_examples) return;
  std::string example = what;
  example.append(" ").append(key_text(numbered.key)).append("|").append(std::to_string(numbered.number));
  examples_.push_back(std::move(example));
}

std::string NumberLedger::json() const {
  std::string out = "{";
  const auto field = [&out](const char* name, std::uint64_t value) {
    out.append("\"").append(name).append("\":").append(std::to_string(value)).append(",");
  };
  field("records", records_);
  field("doubled", doubled_);
  field("reordered", reordered_);
  field("corrupt", corrupt_);
  field("missing", missing());
  out += "\"last\":[";
  for (std::size_t key = 0; key < accounts_.size(); ++key) {
    if (key != 0) out += ',';
    out += std::to_string(accounts_[key].last);
  }
  out += "],\"examples\":[";
  for (std::size_t i = 0; i < examples_.size(); ++i) {
    if (i != 0) out += ',';
    out.append("\"").append(examples_[i]).append("\"");
  }
  return out.append("],\"absent\":[").append(absent()).append("]}");
}

std::string NumberLedger::absent() const {
  std::string out;
  std::size_t count = 0;
  for (std::size_t key = 0; key < accounts_.size(); ++key) {
    for (const std::uint64_t number : accounts_[key].missing) {
      if (++count > most_examples) return out;
      out.append(out.empty() ? "\"" : ",\"").append(key_text(static_cast<std::uint32_t>(key)));
      out.append("|").append(std::to_string(number)).append("\"");
    }
  }
  return out;
}

}  // namespace swap_load
