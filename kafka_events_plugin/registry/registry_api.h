// The questions to a registry, each with the requests that it takes: references followed, a refusal explained, several URLs
// tried in turn.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/schema_registry.h"
#include "registry/http_client.h"
#include "registry/registry_answers.h"

namespace kafka_events {

/// A question in words of its own, for the thread that asks.
struct RegistryQuestion {
  std::uint32_t id = 0;
  std::string subject{};  ///< empty: it is about the id
  std::optional<std::int32_t> version{};
  std::string text{};
  bool auto_register = false;

  [[nodiscard]] SubjectRequest request() const { return {subject, version, text, auto_register}; }
};

/// Counted by the thread that asks, read by any.
struct RegistryFigures {
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> failures{0};  ///< that were not answered, or in a way that says nothing
  std::atomic<std::uint64_t> registered{0};
  std::atomic<std::size_t> answered_last{0};  ///< which of the URLs
};

/// All functions: [the one thread that asks]
class RegistryApi {
 public:
  /// All outlive it. There is at least one URL.
  RegistryApi(HttpClient& http, const std::vector<RegistryUrl>& urls, RegistryFigures& figures)
      : http_(http), urls_(urls), figures_(figures) {}

  /// The schema. Fails with `not_found` or `invalid` if the registry has decided so; with `unavailable` if it answers, but not
  /// this question; with `failed` or `timeout` if no URL answers at all; with `state` when the client was stopped.
  Result<RegisteredSchema> ask(const RegistryQuestion& question);

 private:
  struct Collected {
    std::vector<std::string> texts;
    std::vector<std::string> seen;  ///< subject and version
    std::size_t bytes = 0;
  };

  /// The body of an answer 200.
  Result<std::string> exchange(const std::string& path, const std::string* body);
  Result<std::string> exchange_with(const RegistryUrl& url, const std::string& path, const std::string* body);
  Result<SchemaAnswer> fetch(const std::string& path, const std::string* body = nullptr);
  Result<SchemaAnswer> answer_to(const RegistryQuestion& question);
  Result<SchemaAnswer> enroll(const RegistryQuestion& question, const std::string& body);
  Error explained(const RegistryQuestion& question, const std::string& body, const Error& refusal);
  Result<void> follow(const std::vector<SchemaReference>& references, Collected& collected, std::size_t depth);

  HttpClient& http_;
  const std::vector<RegistryUrl>& urls_;
  RegistryFigures& figures_;
};

}  // namespace kafka_events
