// A line is "result", outcome, milliseconds, detail; or "module", name, version, ABI.
#include "lines.h"

#include <cstdlib>
#include <vector>

namespace plugin_validator {
namespace {

std::string on_one_line(std::string text) {
  for (char& c : text) {
    if (c == '\n' || c == '\t' || c == '\r') c = ' ';
  }
  return text;
}

/// The fields of a line that begins with `kind`; empty for another line.
std::vector<std::string> fields_of(const std::string& line, const std::string& kind, std::size_t count) {
  std::vector<std::string> fields;
  std::istringstream stream(line);
  for (std::string field; std::getline(stream, field, '\t');) fields.push_back(field);
  if (fields.empty() || fields[0] != kind) return {};
  fields.resize(count);
  return fields;
}

}  // namespace

std::string result_line(const Result& result) {
  return text_of("result\t", static_cast<int>(result.outcome), "\t", result.milliseconds, "\t",
                 on_one_line(result.detail), "\n");
}

bool read_result_line(const std::string& line, Result& result) {
  const auto fields = fields_of(line, "result", 4);
  if (fields.empty()) return false;
  result = {static_cast<Outcome>(std::atoi(fields[1].c_str())), fields[3], std::strtod(fields[2].c_str(), nullptr)};
  return true;
}

std::string info_line(const ModuleInfo& info) {
  return text_of("module\t", on_one_line(info.name), "\t", on_one_line(info.version), "\t", info.abi, "\n");
}

bool read_info_line(const std::string& line, ModuleInfo& info) {
  const auto fields = fields_of(line, "module", 4);
  if (fields.empty()) return false;
  info = {fields[1], fields[2], fields[3]};
  return true;
}

}  // namespace plugin_validator
