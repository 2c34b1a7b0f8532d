// From options to the whole set of librdkafka properties of the producer and of a consumer.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/report.h"
#include "config/settings.h"
#include "config/values.h"

namespace kafka_events::config {

/// The values of one client: what its own block says, else what the top says, else the default.
class ClientValues {
 public:
  /// All must stay alive while this does. `servers` is the default of bootstrap_servers.
  ClientValues(Client client, const Values& top, const Values& own, const Value& servers)
      : client_(client), top_(top), own_(own), servers_(servers) {}

  [[nodiscard]] Client client() const noexcept { return client_; }
  [[nodiscard]] Value get(const Option& option) const;
  [[nodiscard]] Value get(Block block, std::string_view name) const { return get(option(block, name)); }
  /// A child map of an option of both clients: its own one, else the top's.
  [[nodiscard]] Values child(std::string_view name) const;
  [[nodiscard]] const Values& top() const noexcept { return top_; }
  [[nodiscard]] const Values& own() const noexcept { return own_; }

 private:
  Client client_;
  const Values& top_;
  const Values& own_;
  const Value& servers_;
};

/// The properties, mapped options first and then the librdkafka blocks, which win.
[[nodiscard]] std::vector<Property> client_properties(const ClientValues& values);

/// An option of the one name moves to the other: hosts to bootstrap_servers, retry_backoff_ms to send_backoff_ms.
void merge_other_names(Values& values, Report& report);

/// "PLAINTEXT", "SASL_SSL", …: what the properties come to.
[[nodiscard]] std::string security_protocol(const std::vector<Property>& properties);

}  // namespace kafka_events::config
