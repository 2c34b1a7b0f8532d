// A Kafka inside the host process, for trying things out: librdkafka's mock cluster, which other processes reach over
// TCP.
//
//   auto kafka = EmbeddedKafka::start();
//   if (!kafka.ok()) …                              // kafka.error().message says why
//   use(kafka.value()->bootstrap_servers());        // "127.0.0.1:40123": kcat -b 127.0.0.1:40123 -L
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"

namespace host_stub {

/// One broker with automatically created topics of four partitions. Records live in memory, at most about 5 MB a
/// partition, and are gone with the object: it is not durable, and has neither transactions, TLS nor SASL.
/// Functions may be called from any thread; the threads inside belong to the object.
class EmbeddedKafka {
 public:
  /// Starts the broker on 127.0.0.1. With `port` (1 to 65535) it is also reached at that port: there a forwarder
  /// answers, which is enough to bootstrap, since a client then learns the broker's own port from the metadata.
  /// AGENT_E_EXISTS: the port is in use; AGENT_E_FAILED: librdkafka could not start it.
  [[nodiscard]] static Result<std::unique_ptr<EmbeddedKafka>> start(std::optional<std::uint16_t> port = std::nullopt);

  /// Ends it. Returns within stop_deadline even if librdkafka does not.
  ~EmbeddedKafka();
  EmbeddedKafka(const EmbeddedKafka&) = delete;
  EmbeddedKafka& operator=(const EmbeddedKafka&) = delete;

  /// Where clients begin: the port that was asked for, or the broker's own. "127.0.0.1:PORT".
  [[nodiscard]] const std::string& bootstrap_servers() const noexcept;
  /// The broker's own address, which the metadata name. "127.0.0.1:PORT".
  [[nodiscard]] const std::string& broker_address() const noexcept;

  /// Makes topics of four partitions, all at once; those that exist are left as they are. Within some milliseconds, or
  /// AGENT_E_TIMEOUT after five seconds.
  [[nodiscard]] Result<void> create_topics(const std::vector<std::string>& names);

 private:
  struct Parts;
  explicit EmbeddedKafka(std::unique_ptr<Parts> parts) noexcept;
  std::unique_ptr<Parts> parts_;
};

}  // namespace host_stub
