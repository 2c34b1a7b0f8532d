#include "cli/swap.h"

#include <cstdio>
#include <filesystem>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "cli/exit_status.h"
#include "cli/http_client.h"
#include "cli/interrupt.h"
#include "cli/swap_progress.h"
#include "cli/tables.h"

namespace host_stub::cli {
namespace {

constexpr std::chrono::milliseconds poll{50};

int fail(const std::string& message, int status) {
  std::fprintf(stderr, "host_stub: %s\n", message.c_str());
  return status;
}

/// Names of plugins need no escapes; anything else gets one, so that the host finds no such plugin.
std::string target_of(const std::string& plugin, const char* what) {
  std::string target = "/plugins/";
  for (const char character : plugin) {
    const auto byte = static_cast<unsigned char>(character);
    const bool plain = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '_';
    char escaped[4];
    std::snprintf(escaped, sizeof escaped, "%%%02X", static_cast<unsigned>(byte));
    target += plain ? std::string(1, character) : std::string(escaped);
  }
  return target + what;
}

std::string body_of(const SwapOptions& options) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  writer.StartObject();
  if (!options.path.empty()) {
    writer.Key("path");
    writer.String(std::filesystem::absolute(options.path).lexically_normal().c_str());
  }
  if (options.probation) {
    writer.Key("probation_ms");
    writer.Int64(options.probation->count());
  }
  if (options.close_connections) {
    writer.Key("close_connections");
    writer.Bool(true);
  }
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

std::uint64_t id_in(const std::string& body) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(body.data(), body.size());
  const bool has_id = !document.HasParseError() && document.IsObject() && document.HasMember("swap");
  return has_id && document["swap"].IsUint64() ? document["swap"].GetUint64() : 0;
}

/// Shows the steps until the swap is where the operator wants to wait for.
int follow(HttpClient& client, const SwapOptions& options, std::uint64_t id) {
  SwapProgress progress(id);
  HttpQuestion question;
  question.target = target_of(options.plugin, "/swaps");
  for (;;) {
    const Result<HttpAnswer> answer = client.request(question);
    if (!answer.ok()) return fail(answer.error().message, exit_failure);
    const auto view = answer.value().status == 200 ? progress.look(answer.value().body) : std::nullopt;
    if (!view) return fail("the host does not know swap " + std::to_string(id) + " any more", exit_failure);
    if (options.format == OutputFormat::text) std::fputs(view->lines.c_str(), stdout);
    std::fflush(stdout);
    const bool works = view->outcome == "swapped" || (!options.wait_for_end && view->outcome == "probation");
    if (works || (view->outcome != "running" && view->outcome != "probation")) {
      const std::string last = options.format == OutputFormat::json ? view->json + "\n" : view->summary;
      std::fputs(last.c_str(), stdout);
      return works ? exit_ok : exit_failure;
    }
    if (!Interrupt::sleep(poll)) return fail("interrupted; the swap goes on in the host", exit_interrupted);
  }
}

}  // namespace

int run_swap(const SwapOptions& options) {
  const Interrupt interrupt;
  auto client = HttpClient::create(options.client.admin_url, options.client.api_key, &Interrupt::insisted);
  if (!client.ok()) return fail(client.error().message, exit_usage);
  HttpQuestion question;
  question.method = "POST";
  question.target = target_of(options.plugin, "/swap?wait=none");
  question.content_type = "application/json";
  question.body = body_of(options);
  const Result<HttpAnswer> answer = client.value()->request(question);
  if (!answer.ok()) return fail(answer.error().message, exit_failure);
  const int status = answer.value().status;
  if (status == 202) return follow(*client.value(), options, id_in(answer.value().body));
  return fail(problem_in_words(status, answer.value().body),
              status == 409 ? exit_failure : exit_status_of_answer(status));
}

}  // namespace host_stub::cli
