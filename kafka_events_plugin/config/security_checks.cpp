// TLS and SASL: what each needs, said before a broker refuses a login without a reason.
#include <algorithm>
#include <array>

#include "config/client_checks.h"
#include "config/properties.h"

namespace kafka_events::config {

namespace {

void check_files(const ClientValues& values, const LoadInput& input, Report& report) {
  const Values ssl = values.child("ssl_context");
  const Value* certificate = ssl.find("certificate");
  const Value* key = ssl.find("key");
  if ((certificate == nullptr) != (key == nullptr)) {
    const Value& given = certificate != nullptr ? *certificate : *key;
    report.error(given.place, certificate != nullptr ? "needs its key as well; write ssl_context.key"
                                                     : "needs its certificate as well; write ssl_context.certificate");
  }
  if (!input.read_file) return;
  for (const std::string_view name : {"ca", "certificate", "key"}) {
    const Value* file = ssl.find(name);
    if (file == nullptr) continue;
    if (const Result<std::string> content = input.read_file(file->text()); !content) {
      report.error(file->place, content.error().message);
    }
  }
}

void require(const std::vector<Property>& properties, std::string_view property, std::string_view option_name,
             const Property& mechanism, Report& report) {
  const Property* found = find_property(properties, property);
  if (found != nullptr && !found->value.empty()) return;
  Place place = mechanism.place;
  const Property* protocol = find_property(properties, "security.protocol");
  if (place.file.empty() && protocol != nullptr) place = protocol->place;
  place.key_path = "kafka_events." + std::string(option_name);
  if (report.is_refused(place.key_path)) return;
  report.error(std::move(place), "is missing; " + mechanism.value + " needs it");
}

void check_kerberos(const ClientValues& values, const std::vector<Property>& properties, Report& report) {
  const Value domain = values.get(Block::client, "sasl_kerberos_domain_name");
  const Property* servers = find_property(properties, "bootstrap.servers");
  if (domain.items.empty() || servers == nullptr) return;
  for (const std::string_view server : split_list(servers->value)) {
    const std::string_view host = server.substr(0, server.rfind(':'));
    if (lower(host) == lower(domain.text())) continue;
    report.error(domain.place, "must equal the broker's host" +
                                   (servers->secret ? std::string() : " (" + std::string(host) + ")") +
                                   ": librdkafka takes each broker's host name as the domain; remove it, or reach the "
                                   "broker by that name");
    return;
  }
}

void check_oauth(const ClientValues& values, const std::vector<Property>& properties, const Property& mechanism,
                 Report& report) {
  const Values provider = values.top().child("sasl_oauth_token_provider");
  const bool file = provider.find("token_file") != nullptr;
  const bool unsecured = provider.find("unsecured") != nullptr;
  if (file && unsecured) report.error(provider.place, "has both token_file and unsecured; write one");
  const Property* own = find_property(properties, "enable.sasl.oauthbearer.unsecure.jwt");
  constexpr Block oauth = Block::oauth;
  const std::string path = "kafka_events.sasl_oauth_token_provider";
  const bool refused = report.is_refused(path) || std::ranges::any_of(options_of({&oauth, 1}), [&](const Option* each) {
                         return report.is_refused(path + "." + std::string(each->name));
                       });
  if (!file && !unsecured && own == nullptr && !refused) {
    Place place = mechanism.place;
    place.key_path = path;
    report.error(std::move(place), "is missing; OAUTHBEARER needs it: {token_file: /run/secrets/token.jwt}");
  }
}

}  // namespace

void check_security(const ClientValues& values, const std::vector<Property>& properties, const LoadInput& input,
                    Report& report) {
  const std::string protocol = security_protocol(properties);
  if (protocol.ends_with("SSL")) check_files(values, input, report);
  if (!protocol.starts_with("SASL")) return;
  const Property* mechanism = find_property(properties, "sasl.mechanism");
  if (mechanism == nullptr || report.is_refused(mechanism->place.key_path)) return;
  if (mechanism->value == "PLAIN" || mechanism->value.starts_with("SCRAM")) {
    require(properties, "sasl.username", "sasl_plain_username", *mechanism, report);
    require(properties, "sasl.password", "sasl_plain_password", *mechanism, report);
  } else if (mechanism->value == "GSSAPI") {
    check_kerberos(values, properties, report);
  } else if (mechanism->value == "OAUTHBEARER") {
    check_oauth(values, properties, *mechanism, report);
  }
  const Value domain = values.get(Block::client, "sasl_kerberos_domain_name");
  if (!domain.items.empty() && mechanism->value != "GSSAPI") {
    report.warning(domain.place, "has no effect with sasl_mechanism " + mechanism->value);
  }
}

void warn_of_unused_security(const Values& values, bool any_ssl, bool any_sasl, Report& report) {
  const auto warn = [&](const Place& place, bool used, std::string_view protocols) {
    if (!used) report.warning(place, "has no effect without security_protocol " + std::string(protocols));
  };
  for (const auto& [name, value] : values.values) {
    if (name.starts_with("sasl_")) warn(value.place, any_sasl, "SASL_PLAINTEXT or SASL_SSL");
  }
  for (const auto& [name, child] : values.children) {
    if (child.empty()) continue;
    if (name == "ssl_context") warn(child.front().place, any_ssl, "SSL or SASL_SSL");
    if (name == "sasl_oauth_token_provider") warn(child.front().place, any_sasl, "SASL_PLAINTEXT or SASL_SSL");
  }
}

}  // namespace kafka_events::config
