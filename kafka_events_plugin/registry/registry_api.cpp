#include "registry/registry_api.h"

#include <algorithm>

namespace kafka_events {
namespace {

constexpr std::size_t max_reference_depth = 16;
constexpr std::size_t max_references = 200;
constexpr std::size_t max_reference_bytes = std::size_t{16} << 20U;

/// How much an error says, where several URLs were asked: a decision is more than trouble, and that is more than silence.
int weight(ErrorCode code) {
  switch (code) {
    case ErrorCode::state:
      return 3;
    case ErrorCode::not_found:
    case ErrorCode::invalid:
      return 2;
    case ErrorCode::unavailable:
      return 1;
    default:
      return 0;
  }
}

/// Is another URL worth asking? A registry that follows another one may not know the newest ids yet.
bool asks_on(ErrorCode code, const std::string& path) {
  return weight(code) < 2 || (code == ErrorCode::not_found && path.starts_with("/schemas/ids/"));
}

std::string path_of(const RegistryQuestion& question) {
  if (question.subject.empty()) return "/schemas/ids/" + std::to_string(question.id);
  std::string path = "/subjects/" + path_part(question.subject);
  if (!question.text.empty()) return question.auto_register ? path + "/versions" : path;
  return path + "/versions/" + (question.version ? std::to_string(*question.version) : "latest");
}

std::string name_of(const RegistryQuestion& question) {
  if (question.subject.empty()) return "schema " + std::to_string(question.id);
  std::string name = "subject " + question.subject;
  if (!question.text.empty()) return name;
  return name + (question.version ? ", version " + std::to_string(*question.version) : ", the latest version");
}

/// A decision is about the question; trouble is the registry's, whatever was asked.
Error about(const RegistryQuestion& question, const Error& error) {
  return weight(error.code) == 2 ? error.within(name_of(question)) : error;
}

Error too_many_references() {
  return {ErrorCode::invalid, "it refers to more other schemas than 200, 16 levels or 16 MiB"};
}

}  // namespace

Result<RegisteredSchema> RegistryApi::ask(const RegistryQuestion& question) {
  auto answer = answer_to(question);
  if (!answer) return answer.error();
  Collected collected;
  if (const auto done = follow(answer.value().references, collected, 0); !done) {
    return about(question, done.error());
  }
  RegisteredSchema schema{answer.value().id, std::move(answer.value().text), std::move(collected.texts)};
  if (question.subject.empty()) schema.id = question.id;
  if (schema.text.empty()) schema.text = question.text;  // a registration is answered with the id alone
  if ((schema.id == 0 && !question.subject.empty()) || schema.text.empty()) {
    ++figures_.failures;
    return Error(ErrorCode::unavailable, "its answer cannot be used: no `id` or no `schema`");
  }
  return schema;
}

Result<SchemaAnswer> RegistryApi::answer_to(const RegistryQuestion& question) {
  if (question.text.empty()) {
    auto answer = fetch(path_of(question));
    return answer ? std::move(answer) : Result<SchemaAnswer>(about(question, answer.error()));
  }
  const std::string body = schema_request(question.text);
  if (question.auto_register) return enroll(question, body);
  auto answer = fetch(path_of(question), &body);
  // Apicurio compares octet by octet, unless it is asked to normalize.
  if (!answer && answer.error().code == ErrorCode::not_found)
    answer = fetch(path_of(question) + "?normalize=true", &body);
  if (answer) return answer;
  const Error error = about(question, answer.error());
  if (error.code != ErrorCode::not_found) return error;
  return Error(error.code, error.message + "; register the schema there, or set auto_register: true");
}

Result<SchemaAnswer> RegistryApi::enroll(const RegistryQuestion& question, const std::string& body) {
  auto answer = fetch(path_of(question), &body);
  if (answer) {
    ++figures_.registered;
    return answer;
  }
  return answer.error().code == ErrorCode::invalid ? explained(question, body, answer.error())
                                                   : about(question, answer.error());
}

Error RegistryApi::explained(const RegistryQuestion& question, const std::string& body, const Error& refusal) {
  std::string text = "the registry does not take the schema for " + name_of(question) + ": " + refusal.message;
  const std::string path = "/compatibility/subjects/" + path_part(question.subject) + "/versions/latest?verbose=true";
  if (const auto explanation = exchange(path, &body); explanation) {
    const std::string reasons = read_compatibility(explanation.value());
    if (!reasons.empty() && text.find(reasons) == std::string::npos)
      text += "; compared with the latest version: " + reasons;
  }
  return {refusal.code, std::move(text)};
}

Result<SchemaAnswer> RegistryApi::fetch(const std::string& path, const std::string* body) {
  const auto text = exchange(path, body);
  if (!text) return text.error();
  auto answer = read_schema_answer(text.value());
  if (answer || answer.error().code == ErrorCode::invalid) return answer;
  ++figures_.failures;
  return answer.error().within(urls_[figures_.answered_last].shown);
}

Result<std::string> RegistryApi::exchange(const std::string& path, const std::string* body) {
  Error heaviest(ErrorCode::failed, "there is no URL");
  const std::size_t first = figures_.answered_last;
  for (std::size_t tried = 0; tried < urls_.size(); ++tried) {
    const std::size_t at = (first + tried) % urls_.size();
    auto answer = exchange_with(urls_[at], path, body);
    if (answer.ok() || weight(answer.error().code) == 2) figures_.answered_last = at;
    if (answer.ok() || !asks_on(answer.error().code, path)) return answer;
    if (tried == 0 || weight(answer.error().code) > weight(heaviest.code)) heaviest = answer.error();
  }
  return heaviest;
}

Result<std::string> RegistryApi::exchange_with(const RegistryUrl& url, const std::string& path,
                                               const std::string* body) {
  ++figures_.requests;
  auto answer = http_.request(url, path, body);
  if (answer && answer.value().status == 200) return std::move(answer.value().body);
  Error error = answer ? read_failure(answer.value().status, answer.value().body) : answer.error();
  if (error.code == ErrorCode::state) return error;
  const bool decided = error.code == ErrorCode::not_found || error.code == ErrorCode::invalid;
  if (!decided) ++figures_.failures;
  return decided ? error : error.within(url.shown);
}

Result<void> RegistryApi::follow(const std::vector<SchemaReference>& references, Collected& collected,
                                 std::size_t depth) {
  if (!references.empty() && depth == max_reference_depth) return too_many_references();
  for (const SchemaReference& each : references) {
    std::string name = each.subject + '\n' + std::to_string(each.version);
    if (std::find(collected.seen.begin(), collected.seen.end(), name) != collected.seen.end()) continue;
    if (collected.seen.size() == max_references) return too_many_references();
    collected.seen.push_back(std::move(name));
    const RegistryQuestion question{0, each.subject, each.version};
    auto answer = answer_to(question);
    if (!answer)
      return weight(answer.error().code) == 2 ? answer.error().within("it refers to others") : answer.error();
    if (const auto done = follow(answer.value().references, collected, depth + 1); !done) return done.error();
    collected.bytes += answer.value().text.size();
    if (collected.bytes > max_reference_bytes) return too_many_references();
    collected.texts.push_back(std::move(answer.value().text));
  }
  return {};
}

}  // namespace kafka_events
