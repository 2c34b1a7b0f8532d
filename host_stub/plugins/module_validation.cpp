#include "plugins/module_validation.h"

#include <rapidjson/document.h>
#include <string>
#include <system_error>
#include <unistd.h>

#include "agent_plugin/status.h"

#include "plugins/child_process.h"

namespace host_stub {
namespace {

namespace fs = std::filesystem;

std::string text_of(const rapidjson::Value& object, const char* name) {
  const auto member = object.FindMember(name);
  if (member == object.MemberEnd() || !member->value.IsString()) return {};
  return {member->value.GetString(), member->value.GetStringLength()};
}

/// "exports: two symbols are visible; threads: timed out" of the checks that did not pass.
std::string what_failed(const std::string& output) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(output.data(), output.size());
  std::string words;
  if (document.HasParseError() || !document.IsObject()) return words;
  const auto checks = document.FindMember("checks");
  if (checks == document.MemberEnd() || !checks->value.IsArray()) return words;
  for (const rapidjson::Value& check : checks->value.GetArray()) {
    if (!check.IsObject()) continue;
    const std::string outcome = text_of(check, "outcome");
    if (outcome != "failed" && outcome != "crashed" && outcome != "timed_out") continue;
    const std::string detail = text_of(check, "detail");
    if (!words.empty()) words += "; ";
    words.append(text_of(check, "name")).append(": ").append(detail.empty() ? outcome : detail);
  }
  return words;
}

}  // namespace

fs::path find_validator(const fs::path& executable) {
  const fs::path folder = executable.parent_path();
  for (const fs::path& place : {folder / "plugin_validator", folder.parent_path() / "libexec" / "plugin_validator"}) {
    if (::access(place.c_str(), X_OK) == 0) return place;
  }
  return {};
}

Result<void> validate_module(const fs::path& validator, const fs::path& module, std::chrono::milliseconds timeout) {
  if (validator.empty() || ::access(validator.c_str(), X_OK) != 0) {
    const std::string where = validator.empty() ? "beside this program" : "at " + validator.string();
    return Failure{AGENT_E_NOT_FOUND, "there is no plugin_validator " + where +
                                          "; start the host with --validator PATH, or with --validator none to swap "
                                          "without one"};
  }
  auto ended = run_child({validator.string(), "--quick", "--json", module.string()}, timeout);
  if (!ended) return Failure{ended.error().status, "the module is not validated: " + ended.error().message};
  const ChildResult& result = ended.value();
  if (result.exit_status == 0) return {};
  const std::string failed = what_failed(result.output);
  if (result.exit_status == 1 && !failed.empty()) {
    return Failure{AGENT_E_INVALID, "the module did not pass plugin_validator: " + failed};
  }
  const std::string how = result.exit_status >= 0 ? "status " + std::to_string(result.exit_status)
                                                  : "signal " + std::to_string(result.signal);
  return Failure{AGENT_E_FAILED, validator.string() + " ended with " + how + " and gave no verdict"};
}

}  // namespace host_stub
