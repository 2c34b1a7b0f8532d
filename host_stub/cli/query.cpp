#include "cli/query.h"

#include <cstdio>
#include <rapidjson/document.h>

#include "cli/exit_status.h"
#include "cli/http_client.h"
#include "cli/tables.h"

namespace host_stub::cli {
namespace {

std::string cell(const rapidjson::Value& object, const char* name) {
  const auto member = object.FindMember(name);
  if (member == object.MemberEnd() || member->value.IsNull()) return "-";
  if (member->value.IsBool()) return member->value.GetBool() ? "yes" : "no";
  if (!member->value.IsString() || member->value.GetStringLength() == 0) return "-";
  return {member->value.GetString(), member->value.GetStringLength()};
}

/// "swapped, pause 1.2 ms" of the newest swap.
std::string last_swap(const rapidjson::Value& plugin) {
  const auto swap = plugin.FindMember("swap");
  if (swap == plugin.MemberEnd() || !swap->value.IsObject()) return "-";
  std::string text = cell(swap->value, "outcome");
  const auto pause = swap->value.FindMember("pause_ms");
  if (pause == swap->value.MemberEnd() || !pause->value.IsNumber() || pause->value.GetDouble() <= 0) return text;
  char shown[32];
  std::snprintf(shown, sizeof shown, ", pause %.1f ms", pause->value.GetDouble());
  return text + shown;
}

/// The list is the answer itself, or its member "plugins".
std::string plugins_for_people(const std::string& body) {
  rapidjson::Document document;
  document.Parse(body.data(), body.size());
  if (document.HasParseError()) return body + "\n";
  const rapidjson::Value* list = &document;
  if (document.IsObject() && document.HasMember("plugins")) list = &document["plugins"];
  if (!list->IsArray()) return json_for_people(body);
  std::vector<std::vector<std::string>> rows{{"NAME", "VERSION", "STATE", "LIVE", "READY", "PATH", "SWAP", "REASON"}};
  for (const rapidjson::Value& plugin : list->GetArray()) {
    if (!plugin.IsObject()) continue;
    rows.push_back({cell(plugin, "name"), cell(plugin, "version"), cell(plugin, "state"), cell(plugin, "live"),
                    cell(plugin, "ready"), cell(plugin, "path"), last_swap(plugin), cell(plugin, "reason")});
  }
  return rows.size() == 1 ? "no plugin is loaded\n" : format_table(rows);
}

int ask(const QueryOptions& options, const char* target, std::string (*for_people)(const std::string& body)) {
  auto client = HttpClient::create(options.client.admin_url, options.client.api_key);
  if (!client.ok()) {
    std::fprintf(stderr, "host_stub: %s\n", client.error().message.c_str());
    return exit_usage;
  }
  HttpQuestion question;
  question.target = target;
  const Result<HttpAnswer> answer = client.value()->request(question);
  if (!answer.ok()) {
    std::fprintf(stderr, "host_stub: %s\n", answer.error().message.c_str());
    return exit_failure;
  }
  const std::string& body = answer.value().body;
  if (answer.value().status != 200) {
    std::fprintf(stderr, "host_stub: %s\n", problem_in_words(answer.value().status, body).c_str());
    return exit_status_of_answer(answer.value().status);
  }
  const std::string text = options.format == OutputFormat::json ? json_on_one_line(body) + "\n" : for_people(body);
  std::fputs(text.c_str(), stdout);
  return exit_ok;
}

}  // namespace

int run_status(const QueryOptions& options) {
  return ask(options, "/status", [](const std::string& body) { return json_for_people(body); });
}

int run_plugins(const QueryOptions& options) { return ask(options, "/plugins", plugins_for_people); }

}  // namespace host_stub::cli
