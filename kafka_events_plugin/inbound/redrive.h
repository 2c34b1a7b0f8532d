// Redrives a worker's dead letters: read from where the last redrive ended, published to the topic that they came from,
// remembered as redriven only after the broker's acknowledgement. A crash in between may redrive a record once more.
//
//   DeadLetterSource ─► filter ─► pace ─► RecordSink ─► delivery report ─► RedriveProgress ─► commit
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "config/settings.h"
#include "core/dead_letter_source.h"
#include "core/ports.h"
#include "inbound/event_maker.h"

namespace kafka_events {

struct RedriveRequest {
  static constexpr std::uint64_t default_limit = 1000;
  static constexpr std::uint64_t max_limit = 1'000'000;
  static constexpr std::uint32_t default_rate = 100;
  static constexpr std::uint32_t max_rate = 100'000;

  std::string worker;
  std::optional<std::string> tenant;  ///< only dead letters of this tenant
  std::uint64_t limit = default_limit;
  std::uint32_t rate = default_rate;  ///< records per second
};

/// How far a redrive is.
struct RedriveReport {
  bool running = false;
  std::string worker;
  std::uint64_t redriven = 0;  ///< acknowledged by the broker
  std::uint64_t failed = 0;    ///< not acknowledged; they stay redrivable
  std::uint64_t skipped = 0;   ///< of other tenants or workers; they stay redrivable
  std::uint64_t left = 0;      ///< not redriven, those skipped and failed among them
  std::string problem;         ///< why it ended early, and what to do; empty if it did not
  std::chrono::system_clock::time_point started;
};

/// One redrive. Records that die again while it runs are left for the next one.
class Redrive final : public DeliveryListener {
 public:
  using Clock = std::chrono::steady_clock;
  /// Makes the sink ready, with this listener.
  using OpenSink = std::function<Result<void>(DeliveryListener&)>;

  /// Everything given must outlive it. `maker`: of the worker, see maker_for_redrive().
  Redrive(const config::WorkerSettings& worker, std::string_view topic_prefix, std::unique_ptr<EventMaker> maker,
          RedriveRequest request, DeadLetterSource& source, RecordSink& sink);
  ~Redrive() override;

  /// Until it is over, or `stop` says so. `tick` is called at least every 100 ms. [one thread]
  void run(const std::function<bool()>& stop, const std::function<void()>& tick);

  [[nodiscard]] RedriveReport report() const;  ///< [any thread]

  void on_deliveries(std::span<const DeliveryReport> reports) noexcept override;

 private:
  class Body;
  const std::unique_ptr<Body> body_;
};

/// Tells whose a record is, whoever wrote it and however far it has come. Fails as EventMaker::create() does.
[[nodiscard]] Result<std::unique_ptr<EventMaker>> maker_for_redrive(const config::WorkerSettings& worker,
                                                                    std::string_view topic_prefix,
                                                                    const CodecParts& codecs);

}  // namespace kafka_events
