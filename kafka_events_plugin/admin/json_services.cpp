// Schemas, requests, tenants and single writers in /kafka/status.
#include "admin/json_services.h"

namespace kafka_events::admin {
namespace {

void write(Json& json, const RegistryView& registry) {
  json.member("url", registry.url);
  json.member("reachable", registry.reachable);
  json.member("trouble", registry.trouble);
  json.member("schemas", registry.schemas);
  json.member("requests", registry.requests);
  json.member("failures", registry.failures);
  json.member("registered", registry.registered);
  json.member("waiting", registry.waiting);
}

void write(Json& json, const RequestsView& requests) {
  json.member("pending", requests.pending);
  json.member("sent", requests.sent);
  json.member("answered", requests.answered);
  json.member("timed_out", requests.timed_out);
  json.member("late", requests.late);
  json.member("unknown", requests.unknown);
  json.member("refused", requests.refused);
  json.member("p50_seconds", requests.p50_seconds);
  json.member("p99_seconds", requests.p99_seconds);
}

void write(Json& json, const TenantsView& tenants) {
  json.member("known", tenants.known);
  json.member("active", tenants.active);
  json.member("in_flight", tenants.in_flight);
  json.object("refused", [&] {
    json.member("events_per_second", tenants.refused_events_per_second);
    json.member("bytes_per_second", tenants.refused_bytes_per_second);
    json.member("in_flight", tenants.refused_in_flight);
    json.member("fair_share", tenants.refused_fair_share);
  });
  json.member("without_entry", tenants.without_entry);
  json.member("bytes", tenants.bytes);
}

void write(Json& json, const WriterView& writer) {
  json.member("topic", writer.topic);
  json.member("state", writer.state);
  json.member("trouble", writer.trouble);
  json.member("committed", writer.committed);
  json.member("aborted", writer.aborted);
  json.member("delivered", writer.delivered);
  json.member("failed", writer.failed);
  json.member("waiting", writer.waiting);
}

}  // namespace

void write_services(Json& json, const ServicesView& services) {
  if (services.registry) json.object("schema_registry", [&] { write(json, *services.registry); });
  if (services.requests) json.object("requests", [&] { write(json, *services.requests); });
  if (services.tenants) json.object("tenants", [&] { write(json, *services.tenants); });
  if (services.writers.empty()) return;
  json.list("single_writers", services.writers, [&](const WriterView& writer) { write(json, writer); });
}

}  // namespace kafka_events::admin
