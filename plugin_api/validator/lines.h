// The lines in which a child reports to its parent: fields between tabs.
#pragma once

#include <string>

#include "check.h"
#include "runner.h"

namespace plugin_validator {

[[nodiscard]] std::string result_line(const Result& result);
[[nodiscard]] bool read_result_line(const std::string& line, Result& result);

[[nodiscard]] std::string info_line(const ModuleInfo& info);
[[nodiscard]] bool read_info_line(const std::string& line, ModuleInfo& info);

}  // namespace plugin_validator
