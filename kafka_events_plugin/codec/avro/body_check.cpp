// A walk through a body by the writer's schema.

#include "codec/avro/body_check.h"

#include <algorithm>

#include "codec/avro/encoder.h"
#include "codec/avro/words.h"
#include "codec/json_text.h"

namespace kafka_events::avro {

bool read_long(std::string_view& body, std::int64_t& value) {
  std::uint64_t bits = 0;
  for (std::size_t index = 0; index < body.size() && index < 10; ++index) {
    const auto byte = static_cast<std::uint8_t>(body[index]);
    if (index == 9 && byte > 1) return false;
    bits |= std::uint64_t{byte & 0x7FU} << (7 * index);
    if (byte >= 0x80) continue;
    body.remove_prefix(index + 1);
    value = static_cast<std::int64_t>(bits >> 1U) ^ -static_cast<std::int64_t>(bits & 1U);
    return true;
  }
  return false;
}

namespace {

class BodyCheck {
 public:
  BodyCheck(std::string_view body, std::size_t offset) : rest_(body), size_(body.size()), offset_(offset) {}

  bool value(const Type& type);
  bool finish() { return rest_.empty() || fail("bytes", " follow the value"); }
  [[nodiscard]] Error error() const {
    return {ErrorCode::invalid, std::string(message_).append(" at offset ").append(std::to_string(at_))};
  }

 private:
  bool fail(std::string_view what, std::string_view why) {
    at_ = offset_ + size_ - rest_.size();
    message_ = std::string(what).append(why);
    return false;
  }
  bool number(std::string_view what, std::int64_t& value) {
    return read_long(rest_, value) || fail(what, ": the number does not end, or is too large");
  }
  bool skip(std::string_view what, std::uint64_t bytes) {
    if (bytes > rest_.size()) {
      return fail(what, joined({" of ", std::to_string(bytes), " bytes, of which only ", std::to_string(rest_.size()),
                                " are there"}));
    }
    rest_.remove_prefix(static_cast<std::size_t>(bytes));
    return true;
  }
  bool contents(const Type& type);
  bool text(std::string_view what, bool is_text, std::string_view& content);
  bool index(const Type& type, std::size_t count, const char* what, std::int64_t& value);
  bool block_count(const Type& type, std::int64_t& count, std::int64_t& size);
  bool blocks(const Type& type);
  bool entry(const Type& type);
  bool names_differ(std::size_t first_name);

  std::string_view rest_;
  std::size_t size_;
  std::size_t offset_;
  std::size_t depth_ = 0;
  std::size_t empty_values_ = 0;
  std::vector<std::string_view> names_;  // of the maps that are being read
  std::string message_;
  std::size_t at_ = 0;
};

bool BodyCheck::value(const Type& type) {
  const std::size_t before = rest_.size();
  if (!contents(type)) return false;
  if (rest_.size() != before || ++empty_values_ <= max_empty_values) return true;
  return fail("more", joined({" than ", std::to_string(max_empty_values), " values of no bytes"}));
}

bool BodyCheck::contents(const Type& type) {
  std::int64_t value_read = 0;
  std::string_view content;
  switch (type.kind) {
    case Kind::null_type:
      return true;
    case Kind::boolean:
      if (!rest_.empty() && static_cast<std::uint8_t>(rest_[0]) > 1) return fail(type.name, " that is neither 0 nor 1");
      return skip(type.name, 1);
    case Kind::int_type:
      if (!number(type.name, value_read)) return false;
      return (value_read >= INT32_MIN && value_read <= INT32_MAX) || fail(type.name, " that is out of range");
    case Kind::long_type:
      return number(type.name, value_read);
    case Kind::float_type:
      return skip(type.name, 4);
    case Kind::double_type:
      return skip(type.name, 8);
    case Kind::bytes:
      return text(type.name, false, content);
    case Kind::string:
      return text(type.name, true, content);
    case Kind::enumeration:
      return index(type, type.symbols.size(), "symbols", value_read);
    case Kind::fixed:
      return skip(type.name, type.size);
    default:
      break;
  }
  if (++depth_ > max_value_depth)
    return fail("values", joined({" nest deeper than ", std::to_string(max_value_depth), " levels"}));
  bool good = true;
  if (type.kind == Kind::record) {
    for (std::size_t field = 0; good && field < type.fields.size(); ++field) good = value(*type.fields[field].type);
  } else if (type.kind == Kind::union_type) {
    good = index(type, type.branches.size(), "branches", value_read) &&
           value(*type.branches[static_cast<std::size_t>(value_read)]);
  } else {
    good = blocks(type);
  }
  --depth_;
  return good;
}

bool BodyCheck::text(std::string_view what, bool is_text, std::string_view& content) {
  std::int64_t length = 0;
  if (!number(what, length)) return false;
  if (length < 0) return fail(what, " of a negative length");
  content = rest_.substr(0, static_cast<std::size_t>(length));
  if (!skip(what, static_cast<std::uint64_t>(length))) return false;
  return !is_text || !first_invalid_utf8(content) || fail(what, " that is not UTF-8, which ends");
}

bool BodyCheck::index(const Type& type, std::size_t count, const char* what, std::int64_t& value) {
  if (!number(type.name, value)) return false;
  if (value >= 0 && static_cast<std::uint64_t>(value) < count) return true;
  return fail(type.name, joined({": index ", std::to_string(value), " of ", std::to_string(count), " ", what}));
}

// size: -1 if the block does not say.
bool BodyCheck::block_count(const Type& type, std::int64_t& count, std::int64_t& size) {
  size = -1;
  if (!number(type.name, count)) return false;
  if (count >= 0) return true;
  if (count == INT64_MIN) return fail(type.name, " with a block count that is out of range");
  count = -count;
  if (!number(type.name, size)) return false;
  if (size < 0 || static_cast<std::uint64_t>(size) > rest_.size()) {
    return fail(type.name, " with a block of a wrong size");
  }
  return true;
}

bool BodyCheck::entry(const Type& type) {
  if (type.kind == Kind::map) {
    constexpr std::string_view what = "the name of a map's entry";
    std::string_view name;
    if (!text(what, true, name)) return false;
    if (name.find('\0') != std::string_view::npos) return fail(what, " with a NUL character, which ends");
    names_.push_back(name);
  }
  return value(*type.items);
}

// Two members of one name would be no JSON that others agree on.
bool BodyCheck::names_differ(std::size_t first_name) {
  const auto begin = names_.begin() + static_cast<std::ptrdiff_t>(first_name);
  if (names_.end() - begin > 1) {
    std::sort(begin, names_.end());
    if (std::adjacent_find(begin, names_.end()) != names_.end())
      return fail("map", " with two entries of one name, which ends");
  }
  names_.resize(first_name);
  return true;
}

bool BodyCheck::blocks(const Type& type) {
  const std::size_t first_name = names_.size();
  for (;;) {
    std::int64_t count = 0;
    std::int64_t size = 0;
    if (!block_count(type, count, size)) return false;
    if (count == 0) return names_differ(first_name);
    const std::size_t before = rest_.size();
    for (std::int64_t entry_index = 0; entry_index < count; ++entry_index) {
      if (!entry(type)) return false;
    }
    if (size >= 0 && before - rest_.size() != static_cast<std::uint64_t>(size)) {
      return fail(type.name, " with a block of a wrong size, which ends");
    }
  }
}

}  // namespace

Result<void> check_body(const Type& type, std::string_view body, std::size_t offset) {
  BodyCheck check(body, offset);
  if (check.value(type) && check.finish()) return {};
  return check.error();
}

}  // namespace kafka_events::avro
