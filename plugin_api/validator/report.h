// The report for a person (line by line, as the checks end) and for a program (JSON).
#pragma once

#include <string>

#include "options.h"
#include "runner.h"

namespace plugin_validator {

/// No check was refused, and at least one passed.
[[nodiscard]] bool is_passed(const Report& report);

[[nodiscard]] std::string to_json(const Options& options, const Report& report);
[[nodiscard]] std::string list_of_checks(bool json);

/// Writes to standard output as the checks go.
class ConsoleReport {
 public:
  explicit ConsoleReport(const Options& options);
  void begins(const Check& check);
  void ended(const CheckReport& report);
  void finish(const Report& report);

 private:
  [[nodiscard]] std::string painted(Outcome outcome, const std::string& text) const;
  bool on_terminal_;
  bool colours_;
  int number_ = 0;
};

}  // namespace plugin_validator
