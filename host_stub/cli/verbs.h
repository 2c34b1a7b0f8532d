// Every verb and flag of the program, as one table: parser, help, environment, arg file and completion are made from
// it.
#pragma once

#include <span>
#include <string_view>

namespace host_stub::cli {

enum class FlagKind {
  toggle,    ///< takes no value
  one,       ///< takes one value, once
  pair,      ///< takes two values
  optional,  ///< takes one value or none
  list,      ///< takes one value, may be repeated
  words      ///< takes values up to the next flag, may be repeated
};

struct Flag {
  std::string_view name;  ///< without the dashes: admin-api-key
  FlagKind kind = FlagKind::one;
  std::string_view value;  ///< what stands for the value in the help: KEY
  std::string_view help;
  std::string_view choices = {};     ///< "text|json": anything else is refused
  std::string_view short_name = {};  ///< "o" for -o
};

struct Positional {
  std::string_view name;
  std::string_view help;
  bool required = true;
  bool many = false;              ///< the last one may: it takes all that follow
  std::string_view choices = {};  ///< "list|create": for completion
};

struct Verb {
  std::string_view name;
  std::string_view summary;
  std::string_view example;  ///< one a line
  std::span<const Positional> positionals;
  std::span<const Flag> flags;
  bool hidden = false;
};

inline constexpr std::string_view default_verb = "start";

[[nodiscard]] std::span<const Verb> verbs() noexcept;
[[nodiscard]] const Verb* find_verb(std::string_view name) noexcept;

}  // namespace host_stub::cli
