// Topic administration through librdkafka's admin API: a client of its own, made for the first call and ended after a while
// without any, and one thread that takes the broker's answers.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "config/settings.h"
#include "core/ports.h"
#include "core/topic_admin.h"

namespace kafka_events {

class TopicAdministrator final : public TopicAdmin {
 public:
  /// Calls that may wait at once; more are answered busy.
  static constexpr std::size_t max_waiting = 16;

  /// `settings` are those of the producer; starts and connects nothing. `log` outlives it. The client is ended when it was
  /// idle for so long.
  static Result<std::unique_ptr<TopicAdministrator>> create(const config::ProducerSettings& settings, Log& log,
                                                            std::string oauth_token_file = {},
                                                            std::chrono::milliseconds idle = std::chrono::seconds(60));
  /// Answers what waits (state), ends thread and client.
  ~TopicAdministrator() override;
  TopicAdministrator(const TopicAdministrator&) = delete;
  TopicAdministrator& operator=(const TopicAdministrator&) = delete;

  /// Takes calls from now on. [lifecycle thread]
  Result<void> start();
  /// Answers what waits (state) and ends thread and client. Idempotent. [lifecycle thread]
  void stop();

  Result<void> list(Deadline deadline, TopicListAnswer answer) override;
  Result<void> describe(std::vector<std::string> names, Deadline deadline, TopicListAnswer answer) override;
  Result<void> create(std::vector<TopicSpec> topics, Deadline deadline, TopicOutcomesAnswer answer) override;
  Result<void> remove(std::vector<std::string> names, Deadline deadline, TopicOutcomesAnswer answer) override;
  Result<void> add_partitions(std::string name, std::int32_t total, Deadline deadline,
                              TopicOutcomesAnswer answer) override;

 private:
  class Impl;
  explicit TopicAdministrator(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace kafka_events
