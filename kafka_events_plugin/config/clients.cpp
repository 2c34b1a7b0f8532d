// The mapping of options to librdkafka properties. Most of it is in the table; here stand the values that change on the
// way.
#include "config/clients.h"

#include <algorithm>
#include <array>
#include <utility>

#include "config/properties.h"

namespace kafka_events::config {

namespace {

struct Fixed {
  Client client;
  std::string_view name;
  std::string_view value;
};

// Offsets are stored by the plugin alone; the same key lands where Java clients put it; memory has a bound: 64 MiB of
// fetched records per consumer, 256 MiB of records that wait in the producer.
constexpr std::int64_t producer_queue_kbytes = 262144;
constexpr std::array<Fixed, 7> fixed = {{
    {Client::consumer, "enable.auto.offset.store", "false"},
    {Client::consumer, "enable.partition.eof", "false"},
    // Counted over all partitions together. Reaching it makes librdkafka before 2.2 look again only after a second,
    // during which a fast consumer runs dry: 100000 (its default) limits small records to 200,000 a second. The bytes
    // are the bound.
    {Client::consumer, "queued.min.messages", "1000000"},
    {Client::consumer, "queued.max.messages.kbytes", "65536"},
    {Client::producer, "partitioner", "murmur2_random"},
    {Client::producer, "queue.buffering.max.messages", "100000"},
    {Client::producer, "queue.buffering.max.kbytes", "262144"},
}};

std::string joined(const std::vector<std::string>& items) {
  std::string result;
  for (const std::string& item : items) result += (result.empty() ? "" : ",") + item;
  return result;
}

// api_version: brokers before 0.10 cannot be asked for their version.
bool is_before(std::string_view version, int minor_of_zero) {
  const std::vector<std::string_view> parts = split_list(version, '.');
  if (version == "auto" || parts.front() != "0") return false;
  return parts.size() < 2 || std::stoi(std::string(parts[1])) < minor_of_zero;
}

// The value of one property that an option becomes; nothing if it becomes none with this value.
std::optional<std::string> property_value(std::string_view name, const Value& value) {
  const std::string text = joined(value.items);
  if (name == "security.protocol") return lower(text);
  if (name == "auto.offset.reset" && text == "none") return "error";
  if (name == "ssl.endpoint.identification.algorithm") return text == "true" ? "https" : "none";
  if (name == "enable.sasl.oauthbearer.unsecure.jwt") return "true";
  if (name == "retry.backoff.ms" && text == "0") return "1";
  if (name == "api.version.request") return is_before(text, 10) ? "false" : "true";
  if (name == "broker.version.fallback") {
    if (!is_before(text, 10)) return std::nullopt;
    return text;
  }
  return text;
}

void add_option(const ClientValues& values, const Option& option, const Value& value,
                std::vector<Property>& properties) {
  if (value.items.empty()) return;
  for (const PropertyName& name : option.properties) {
    if (name.name.empty() || (name.client != Client::both && name.client != values.client())) continue;
    if (auto text = property_value(name.name, value)) {
      set_property(properties, {std::string(name.name), std::move(*text), value.secret, value.place});
    }
  }
}

void add_child(const ClientValues& values, std::string_view name, Block block, std::vector<Property>& properties) {
  const Values child = values.child(name);
  // Defaults of a map that is not there need not be said to librdkafka.
  if (!child.written) return;
  for (const Option* each : options_of({&block, 1})) add_option(values, *each, child.get(*each), properties);
}

// What depends on more than one option.
void adjust(const ClientValues& values, std::vector<Property>& properties) {
  const auto built_in = [&](std::string name, std::string value, const Place& place) {
    set_property(properties, {std::move(name), std::move(value), false, place});
  };
  const Property* mechanism = find_property(properties, "sasl.mechanism");
  if (mechanism != nullptr && mechanism->value == "GSSAPI") {
    // Without a key table, kinit has nothing to work with: the ticket in the cache is used as it is.
    built_in("sasl.kerberos.min.time.before.relogin", "0", mechanism->place);
  }
  if (values.client() != Client::producer) return;
  const Value acks = values.get(Block::producer, "acks");
  const Value idempotence = values.get(Block::producer, "enable_idempotence");
  const Value version = values.get(Block::client, "api_version");
  if (!idempotence.written && (acks.text() == "1" || acks.text() == "0")) {
    built_in("enable.idempotence", "false", acks.place);
  } else if (!idempotence.written && is_before(version.text(), 11)) {
    built_in("enable.idempotence", "false", version.place);
  }
  const std::int64_t largest = number_of(properties, "message.max.bytes", 0) / 1024 + 1;
  if (largest * 2 > producer_queue_kbytes) {
    built_in("queue.buffering.max.kbytes", std::to_string(largest * 2),
             find_property(properties, "message.max.bytes")->place);
  }
}

}  // namespace

Value ClientValues::get(const Option& option) const {
  if (const Value* value = own_.find(option.name)) return *value;
  if (option.block != Block::client) return own_.get(option);
  if (option.name == "bootstrap_servers" && top_.find(option.name) == nullptr) return servers_;
  return top_.get(option);
}

Values ClientValues::child(std::string_view name) const {
  return own_.has_children(name) ? own_.child(name) : top_.child(name);
}

std::vector<Property> client_properties(const ClientValues& values) {
  std::vector<Property> properties;
  for (const Fixed& each : fixed) {
    if (each.client != values.client()) continue;
    set_property(properties, {std::string(each.name), std::string(each.value), false, {"", 0, 0, "kafka_events"}});
  }
  const std::array<Block, 2> blocks = {Block::client,
                                       values.client() == Client::consumer ? Block::consumer : Block::producer};
  const bool sasl = values.get(Block::client, "security_protocol").text().starts_with("SASL");
  for (const Option* each : options_of(blocks)) {
    const Value value = values.get(*each);
    // Defaults for SASL without SASL would only be noise.
    if (!value.written && !sasl && each->name.starts_with("sasl_")) continue;
    add_option(values, *each, value, properties);
  }
  add_child(values, "ssl_context", Block::ssl, properties);
  add_child(values, "sasl_oauth_token_provider", Block::oauth, properties);
  adjust(values, properties);
  for (const Property& property : values.top().properties) set_property(properties, property);
  for (const Property& property : values.own().properties) set_property(properties, property);
  return properties;
}

void merge_other_names(Values& values, Report& report) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 2> names = {
      {{"hosts", "bootstrap_servers"}, {"retry_backoff_ms", "send_backoff_ms"}}};
  for (const auto& [other, name] : names) {
    auto found = values.values.find(other);
    if (found == values.values.end()) continue;
    if (values.find(name) != nullptr) {
      report.error(found->second.place, "is another name for " + std::string(name) + ", which is given too; write one");
    } else {
      values.values[std::string(name)] = std::move(found->second);
    }
    values.values.erase(found);
  }
}

std::string security_protocol(const std::vector<Property>& properties) {
  const Property* property = find_property(properties, "security.protocol");
  if (property == nullptr) return "PLAINTEXT";
  std::string name = property->value;
  std::ranges::transform(name, name.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return name;
}

}  // namespace kafka_events::config
