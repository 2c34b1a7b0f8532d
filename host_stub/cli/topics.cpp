#include "cli/topics.h"

#include <cstdio>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <unistd.h>

#include "cli/exit_status.h"
#include "cli/http_client.h"
#include "cli/interrupt.h"
#include "cli/tables.h"
#include "cli/topics_text.h"
#include "cli/url.h"

namespace host_stub::cli {
namespace {

using Action = TopicsOptions::Action;

constexpr std::chrono::seconds beyond_kafka{10};  ///< for the host's own answer

/// A conversation with the host, and what it amounts to.
class Talk {
 public:
  Talk(HttpClient& client, const TopicsOptions& options) : client_(client), options_(options) {}

  /// Sends one request; what it answered is printed with `show` (a function of the body).
  template <class Show>
  void ask(const char* method, const std::string& path, std::string body, std::size_t topics, Show show) {
    if (wrong_ != exit_ok || Interrupt::asked()) return;
    HttpQuestion question;
    question.method = method;
    question.target = path + "?timeout_ms=" + std::to_string(std::chrono::milliseconds(options_.timeout).count());
    question.timeout = options_.timeout + beyond_kafka;
    if (!body.empty()) question.content_type = "application/json";
    question.body = std::move(body);
    const Result<HttpAnswer> answer = client_.request(question);
    if (!answer.ok()) {
      std::fprintf(stderr, "host_stub: %s\n", answer.error().message.c_str());
      wrong_ = exit_failure;
      return;
    }
    take(answer.value(), topics, show);
  }

  [[nodiscard]] int status() const {
    if (Interrupt::asked()) return exit_interrupted;
    if (good_ > 0 && (failed_ > 0 || wrong_ != exit_ok)) return exit_partial;
    return wrong_ != exit_ok ? wrong_ : failed_ > 0 ? exit_failure : exit_ok;
  }

 private:
  template <class Show>
  void take(const HttpAnswer& answer, std::size_t topics, Show show) {
    const TopicsShown outcomes = answer.status < 300 ? show(answer.body) : show_outcomes(answer.body, as_json());
    if (answer.status < 300 || outcomes.good + outcomes.failed > 0) {
      good_ += outcomes.good;
      failed_ += outcomes.failed;
      std::fputs(outcomes.text.c_str(), stdout);
      std::fflush(stdout);
      return;
    }
    std::fprintf(stderr, "host_stub: %s\n", problem_in_words(answer.status, answer.body).c_str());
    failed_ += topics;
    // A wrong key or a name that no broker would take; the other topics may still be good for an answer.
    if (answer.status == 401 || answer.status == 400) wrong_ = exit_usage;
  }
  [[nodiscard]] bool as_json() const { return options_.format == OutputFormat::json; }

  HttpClient& client_;
  const TopicsOptions& options_;
  std::size_t good_ = 0;
  std::size_t failed_ = 0;
  int wrong_ = exit_ok;  // set: no further request
};

std::string create_body(const TopicsOptions& options) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  const auto text = [&](const std::string& value) {
    writer.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  };
  writer.StartArray();
  for (const std::string& name : options.names) {
    writer.StartObject();
    writer.Key("name");
    text(name);
    if (options.partitions) writer.Key("partitions"), writer.Int64(*options.partitions);
    if (options.replication_factor) writer.Key("replication_factor"), writer.Int64(*options.replication_factor);
    writer.Key("config");
    writer.StartObject();
    for (const auto& [key, value] : options.config) writer.Key(key.c_str()), text(value);
    writer.EndObject();
    writer.EndObject();
  }
  writer.EndArray();
  return {buffer.GetString(), buffer.GetSize()};
}

std::string path_of(const std::string& name) { return "/kafka/topics/" + percent_encode(name); }

/// Records cannot be brought back: somebody has to say so.
bool may_delete(const TopicsOptions& options) {
  if (options.yes) return true;
  if (::isatty(STDIN_FILENO) != 1) {
    std::fputs("host_stub: topics delete removes all records of its topics; where nobody can be asked it needs --yes\n",
               stderr);
    return false;
  }
  std::string names;
  for (const std::string& name : options.names) names.append(names.empty() ? "" : ", ").append(name);
  std::fprintf(stderr, "Delete %s with all records? [y/N] ", names.c_str());
  const int answer = std::getchar();
  if (answer == 'y' || answer == 'Y') return true;
  std::fputs("host_stub: nothing was deleted\n", stderr);
  return false;
}

void act(Talk& talk, const TopicsOptions& options) {
  const bool as_json = options.format == OutputFormat::json;
  const auto outcomes = [&](const std::string& body) { return show_outcomes(body, as_json); };
  switch (options.action) {
    case Action::list:
      return talk.ask("GET", "/kafka/topics", {}, 1,
                      [&](const std::string& body) { return show_topics(body, options.internal, as_json); });
    case Action::create:
      return talk.ask("POST", "/kafka/topics", create_body(options), options.names.size(), outcomes);
    case Action::add_partitions:
      return talk.ask("POST", path_of(options.names.front()) + "/partitions",
                      "{\"total\":" + std::to_string(options.total) + "}", 1, outcomes);
    case Action::remove:
      for (const std::string& name : options.names) talk.ask("DELETE", path_of(name), {}, 1, outcomes);
      return;
    case Action::describe:
      for (const std::string& name : options.names) {
        talk.ask("GET", path_of(name), {}, 1, [&](const std::string& body) { return show_topic(body, as_json); });
      }
  }
}

}  // namespace

int run_topics(const TopicsOptions& options) {
  if (options.action == Action::remove && !may_delete(options)) return exit_usage;
  const Interrupt interrupt;
  auto client = HttpClient::create(options.client.admin_url, options.client.api_key, &Interrupt::insisted);
  if (!client.ok()) {
    std::fprintf(stderr, "host_stub: %s\n", client.error().message.c_str());
    return exit_usage;
  }
  Talk talk(*client.value(), options);
  act(talk, options);
  return talk.status();
}

}  // namespace host_stub::cli
