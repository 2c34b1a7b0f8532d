// The rules of the three guarantees, applied to a list of properties.
#include "kafka/producer_properties.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "kafka/properties.h"

namespace kafka_events {
namespace {

constexpr std::int64_t default_message_timeout_ms = 300'000;
constexpr int most_in_flight_idempotent = 5;
/// librdkafka's calls do not return before a request to a coordinator has an answer or this is over.
constexpr std::int64_t coordinator_timeout_ms = 10'000;

/// librdkafka's other names of the properties that are set here.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> aliases = {{
    {"request.required.acks", "acks"},
    {"retries", "message.send.max.retries"},
    {"max.in.flight", "max.in.flight.requests.per.connection"},
    {"delivery.timeout.ms", "message.timeout.ms"},
}};

std::string_view canonical(std::string_view name) {
  const auto* alias = std::ranges::find(aliases, name, &std::pair<std::string_view, std::string_view>::first);
  return alias == aliases.end() ? name : alias->second;
}

bool is_written(const config::Property& property) { return !property.place.file.empty(); }

/// The properties while they are being settled.
class Draft {
 public:
  explicit Draft(const config::ProducerSettings& written) { settled_.settings = written; }

  /// The last of that name or of an alias, as librdkafka takes it.
  [[nodiscard]] const config::Property* find(std::string_view name) const {
    const auto& all = settled_.settings.properties;
    const auto found = std::ranges::find_if(all.rbegin(), all.rend(),
                                            [&](const auto& property) { return canonical(property.name) == name; });
    return found == all.rend() ? nullptr : &*found;
  }
  [[nodiscard]] std::optional<std::int64_t> number(std::string_view name) const {
    const config::Property* property = find(name);
    if (property == nullptr) return std::nullopt;
    return std::strtoll(property->value.c_str(), nullptr, 10);
  }
  /// Somebody wrote it.
  [[nodiscard]] bool written(std::string_view name) const {
    const config::Property* property = find(name);
    return property != nullptr && is_written(*property);
  }

  /// Replaces what there is; a warning says why if somebody wrote it differently. Empty `why`: it is no contradiction.
  void set(std::string_view name, std::string value, std::string_view why) {
    const config::Property* before = find(name);
    if (before != nullptr && before->value == value) return;
    if (before != nullptr && is_written(*before) && !why.empty()) {
      warn(before->place, before->name + "=" + before->value + " becomes " + value + ": " + std::string(why));
    }
    config::Property property{std::string(name), std::move(value), false,
                              before == nullptr ? config::Place{} : before->place};
    drop(name);
    settled_.settings.properties.push_back(std::move(property));
  }
  void remove(std::string_view name, std::string_view why) {
    const config::Property* before = find(name);
    if (before == nullptr) return;
    if (is_written(*before))
      warn(before->place, before->name + "=" + before->value + " is not used: " + std::string(why));
    drop(name);
  }

  [[nodiscard]] SettledProducer take() && { return std::move(settled_); }

 private:
  void warn(const config::Place& place, std::string message) {
    settled_.problems.push_back({config::Severity::warning, place, std::move(message)});
  }
  void drop(std::string_view name) {
    std::erase_if(settled_.settings.properties, [&](const auto& property) { return canonical(property.name) == name; });
  }

  SettledProducer settled_;
};

bool is_all(std::string_view acks) { return acks == "all" || acks == "-1"; }

/// enable_idempotence=false that was written as such, not what acks=1 brought with it.
bool switched_off(const Draft& draft) {
  const config::Property* idempotence = draft.find("enable.idempotence");
  return idempotence != nullptr && idempotence->value == "false" && is_written(*idempotence) &&
         !idempotence->place.key_path.ends_with("acks");
}

void make_idempotent(Draft& draft, std::string_view why) {
  draft.set("enable.idempotence", "true",
            draft.find("enable.idempotence") != nullptr && switched_off(draft) ? why : "");
  if (draft.number("message.send.max.retries") == 0) {
    draft.remove("message.send.max.retries", "an idempotent producer has to retry");
  }
  if (draft.number("max.in.flight.requests.per.connection").value_or(0) > most_in_flight_idempotent) {
    draft.set("max.in.flight.requests.per.connection", std::to_string(most_in_flight_idempotent),
              "brokers remember so many requests of an idempotent producer");
  }
}

void require_all_acks(Draft& draft, std::string_view why) {
  const config::Property* acks = draft.find("acks");
  if (acks == nullptr || !is_all(acks->value)) draft.set("acks", "all", why);
}

/// Without idempotence a request that is sent again would be overtaken by those behind it; "not leader" is sent again
/// whatever `retries` says.
void one_request_at_a_time(Draft& draft) {
  if (draft.written("max.in.flight.requests.per.connection")) return;
  draft.set("max.in.flight.requests.per.connection", "1", "");
}

void settle_at_most_once(Draft& draft) {
  const config::Property* acks = draft.find("acks");
  // librdkafka sends again after "not leader", where another replica may have the record: only the broker can tell then.
  if (acks != nullptr && is_all(acks->value) && is_written(*acks)) {
    return make_idempotent(draft, "with acks=all the broker itself has to recognise what it has already");
  }
  const bool weak = acks != nullptr && (acks->value == "0" || acks->value == "1");
  if (!weak) draft.set("acks", "1", "at_most_once waits for one broker at most");
  draft.set("enable.idempotence", "false", "at_most_once does not retry");
  draft.set("message.send.max.retries", "0", "at_most_once never sends a record twice");
  one_request_at_a_time(draft);
  if (draft.find("enable.gapless.guarantee") != nullptr) {
    draft.remove("enable.gapless.guarantee", "at_most_once leaves gaps");
  }
}

void settle_at_least_once(Draft& draft, bool with_outbox) {
  require_all_acks(draft, "at_least_once counts a record as delivered when all replicas in sync have it");
  if (switched_off(draft)) {
    one_request_at_a_time(draft);
    if (draft.number("message.send.max.retries") == 0) {
      draft.remove("message.send.max.retries", "at_least_once has to retry");
    }
  } else {
    make_idempotent(draft, "");
  }
  if (with_outbox) draft.set("message.timeout.ms", "0", "the outbox keeps a record for as long as it takes");
}

void settle_exactly_once(Draft& draft, const config::ProducerSettings& written, const std::string& transactional_id) {
  const std::int64_t timeout = written.transaction_timeout.count();
  draft.set("transactional.id", transactional_id.empty() ? written.transactional_id : transactional_id, "");
  draft.set("transaction.timeout.ms", std::to_string(timeout), "transaction_timeout_ms says so");
  require_all_acks(draft, "exactly_once needs all replicas in sync");
  make_idempotent(draft, "exactly_once needs the idempotent producer");
  const std::int64_t record_time = draft.number("message.timeout.ms").value_or(default_message_timeout_ms);
  if (record_time == 0 || record_time > timeout) {
    draft.set("message.timeout.ms", std::to_string(timeout), "no record outlives its transaction");
  }
  // So that a request to the coordinator can be repeated before the transaction's time is over.
  const std::int64_t longest = timeout - 100;
  const bool written_here = draft.written("socket.timeout.ms");
  const std::int64_t request_time =
      written_here ? draft.number("socket.timeout.ms").value_or(0) : coordinator_timeout_ms;
  draft.set("socket.timeout.ms", std::to_string(std::min(request_time, longest)), "transaction_timeout_ms is shorter");
}

}  // namespace

SettledProducer settings_for(const config::ProducerSettings& written, const ProducerRole& role) {
  Draft draft(written);
  switch (role.qos) {
    case config::Qos::at_most_once:
      settle_at_most_once(draft);
      break;
    case config::Qos::at_least_once:
      settle_at_least_once(draft, role.with_outbox);
      break;
    case config::Qos::exactly_once:
      settle_exactly_once(draft, written, role.transactional_id);
      break;
  }
  return std::move(draft).take();
}

}  // namespace kafka_events
