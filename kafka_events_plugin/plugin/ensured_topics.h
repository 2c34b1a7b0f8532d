// Creates the topics that the configuration wants and Kafka does not have (topics.ensure).
//
//   EnsuredTopics ensured(settings.ensure_topics, admin, log);
//   ensured.begin();                       // asks, and asks again for as long as no broker answers
//   ensured.wait(deadline);                // so that nobody else makes them with the broker's defaults
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/ports.h"
#include "core/topic_admin.h"

namespace kafka_events {

class EnsuredTopics {
 public:
  /// Administration and log outlive it.
  EnsuredTopics(std::vector<TopicSpec> topics, TopicAdmin& admin, Log& log);
  ~EnsuredTopics();
  EnsuredTopics(const EnsuredTopics&) = delete;
  EnsuredTopics& operator=(const EnsuredTopics&) = delete;

  /// Nothing to do if they are there already, as far as is known. [lifecycle thread]
  void begin();
  /// False: not all are decided at the deadline; it goes on. [lifecycle thread]
  bool wait(std::chrono::steady_clock::time_point deadline);
  /// What is missing still, or could not be created, for a person; empty: nothing. [any thread]
  [[nodiscard]] std::string trouble() const;

 private:
  struct Shared;
  static void ask(const std::shared_ptr<Shared>& shared);
  static void take(const std::shared_ptr<Shared>& shared, const Result<TopicOutcomes>& outcomes);
  const std::shared_ptr<Shared> shared_;  // answers may come after the end of this object
};

}  // namespace kafka_events
