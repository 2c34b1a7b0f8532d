// A registry with Confluent's REST API (/subjects, /schemas/ids), and a memory of all that it said. One thread asks; callers
// never wait.
//
//   auto client = SchemaRegistryClient::create(settings, log);
//   client.value()->start(schemas_of_the_version_before);
//   client.value()->by_id(7);                     // from memory, or unavailable while it is asked for
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "config/settings.h"
#include "core/handover.h"
#include "core/ports.h"
#include "core/schema_registry.h"

namespace kafka_events {

struct RegistryStatus {
  std::string url;            ///< that answered last, or the first one; without user information
  bool reachable = false;     ///< the last request was answered
  std::string trouble;        ///< of the last request that was not, for a person; empty if it was
  std::uint64_t schemas = 0;  ///< in memory
  std::uint64_t requests = 0;
  std::uint64_t failures = 0;    ///< requests that were not answered
  std::uint64_t registered = 0;  ///< schemas that were registered
  std::uint64_t waiting = 0;     ///< questions without an answer
};

class SchemaRegistryClient final : public SchemaRegistry {
 public:
  /// Connects to nothing. Fails (invalid) when a file of the settings cannot be used. `log` outlives it.
  static Result<std::unique_ptr<SchemaRegistryClient>> create(const config::RegistrySettings& settings, Log& log);
  ~SchemaRegistryClient() override;
  SchemaRegistryClient(const SchemaRegistryClient&) = delete;
  SchemaRegistryClient& operator=(const SchemaRegistryClient&) = delete;

  /// Starts the thread `kfk-registry`. `known`: what another version of this module had in memory. [lifecycle thread]
  Result<void> start(const std::vector<SchemaHandover>& known = {});
  /// Ends the thread, and a request that is under way, at once; the memory stays. Idempotent. [lifecycle thread]
  void stop();
  /// What it knows, for another version of this module. [any thread]
  [[nodiscard]] std::vector<SchemaHandover> known() const;

  Result<SchemaPointer> by_id(std::uint32_t id) override;
  Result<SchemaPointer> by_subject(const SubjectRequest& request) override;
  [[nodiscard]] RegistryStatus status() const;  ///< [any thread]

 private:
  class Impl;
  explicit SchemaRegistryClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace kafka_events
