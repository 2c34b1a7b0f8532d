// What the flags of a verb were set to, and by whom: the command line, the environment or the arg file.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace host_stub::cli {

/// Later ones beat earlier ones.
enum class Layer { arg_file, environment, command_line };

/// One flag that was set. A toggle has the value "true" or "false".
struct Setting {
  Layer layer = Layer::command_line;
  std::string source;  ///< for messages: "--rate", "AGENT_RATE", "args.yml:3: rate"
  std::vector<std::string> values;
};

/// Reads settings as typed values; what is wrong is collected in problems().
class Settings {
 public:
  void set(std::string_view flag, Setting setting);
  void forget(std::string_view flag);
  [[nodiscard]] const Setting* find(std::string_view flag) const;

  [[nodiscard]] std::optional<std::string> text(std::string_view flag) const;
  [[nodiscard]] std::string text_or(std::string_view flag, std::string_view otherwise) const;
  [[nodiscard]] std::vector<std::string> list(std::string_view flag) const;
  [[nodiscard]] bool toggle(std::string_view flag);
  [[nodiscard]] std::optional<std::int64_t> number(std::string_view flag, std::int64_t lowest, std::int64_t highest);

  /// Notes that a flag's value is wrong: "SOURCE: message".
  void refuse(std::string_view flag, const std::string& message);
  [[nodiscard]] const std::vector<std::string>& problems() const noexcept { return problems_; }

 private:
  std::map<std::string, Setting, std::less<>> settings_;
  std::vector<std::string> problems_;
};

/// A whole number in a text, if it is one from `lowest` to `highest`.
[[nodiscard]] std::optional<std::int64_t> parse_number(std::string_view text, std::int64_t lowest,
                                                       std::int64_t highest);

/// true/false, yes/no, on/off, 1/0 in any case.
[[nodiscard]] std::optional<bool> parse_boolean(std::string_view text);

}  // namespace host_stub::cli
