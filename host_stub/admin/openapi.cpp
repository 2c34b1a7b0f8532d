// Writes the OpenAPI document.
#include "admin/openapi.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "admin/target.h"

namespace host_stub {
namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void text(Writer& out, std::string_view value) {
  out.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
}
void key(Writer& out, std::string_view name) { out.Key(name.data(), static_cast<rapidjson::SizeType>(name.size())); }
void member(Writer& out, std::string_view name, std::string_view value) {
  key(out, name);
  text(out, value);
}
void raw(Writer& out, std::string_view name, std::string_view json) {
  key(out, name);
  out.RawValue(json.data(), json.size(), rapidjson::kObjectType);
}

constexpr std::string_view problem_schema =
    R"({"type":"object","description":"RFC 9457 problem details",)"
    R"("required":["type","title","status"],"properties":{)"
    R"("type":{"type":"string","format":"uri-reference"},"title":{"type":"string"},"status":{"type":"integer"},)"
    R"("detail":{"type":"string"},"instance":{"type":"string","format":"uri-reference"}}})";
constexpr std::string_view problem_response =
    R"({"description":"The request was not carried out; the body says why",)"
    R"("content":{"application/problem+json":{"schema":{"$ref":"#/components/schemas/Problem"}}}})";
constexpr std::string_view key_scheme = R"({"type":"apiKey","in":"header","name":"X-API-Key"})";

/// GET /kafka/topics/{name} becomes get_kafka_topics_name.
std::string operation_id(const RouteInfo& route) {
  std::string id = route.method;
  for (const char character : route.path) {
    const bool plain = std::isalnum(static_cast<unsigned char>(character)) != 0;
    if (plain)
      id += character;
    else if (!id.ends_with('_'))
      id += '_';
  }
  while (id.ends_with('_')) id.pop_back();
  std::ranges::transform(id, id.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return id;
}

/// The host's routes together; a plugin's by the first segment of their path.
std::string tag_of(const RouteInfo& route) {
  if (route.owner == 0) return "host";
  const std::size_t end = route.path.find('/', 1);
  return route.path.substr(1, end == std::string::npos ? end : end - 1);
}

void write_parameter(Writer& out, std::string_view name, std::string_view place, bool required,
                     std::string_view about) {
  out.StartObject();
  member(out, "name", name);
  member(out, "in", place);
  key(out, "required");
  out.Bool(required);
  if (!about.empty()) member(out, "description", about);
  raw(out, "schema", R"({"type":"string"})");
  out.EndObject();
}

void write_parameters(Writer& out, const RouteInfo& route) {
  const auto path = PathTemplate::parse(route.path);
  const std::vector<std::string> in_path = path ? path->parameter_names() : std::vector<std::string>{};
  if (in_path.empty() && route.parameters.empty()) return;
  key(out, "parameters");
  out.StartArray();
  for (const std::string& name : in_path) write_parameter(out, name, "path", true, {});
  for (const RouteParameter& parameter : route.parameters) {
    if (std::ranges::find(in_path, parameter.name) != in_path.end()) continue;
    write_parameter(out, parameter.name, "query", parameter.required, parameter.description);
  }
  out.EndArray();
}

void write_body(Writer& out, const RouteInfo& route) {
  if (route.request_schema.empty()) return;
  key(out, "requestBody");
  out.StartObject();
  key(out, "content");
  out.StartObject();
  key(out, json_type);
  out.StartObject();
  raw(out, "schema", route.request_schema);
  out.EndObject();
  out.EndObject();
  out.EndObject();
}

void write_responses(Writer& out, const RouteInfo& route, bool asks_for_key) {
  key(out, "responses");
  out.StartObject();
  key(out, std::to_string(route.success_status));
  out.StartObject();
  member(out, "description", route.success_status == 302 ? "Look there" : "Done");
  if (!route.response_type.empty() && route.success_status != 302) {
    key(out, "content");
    out.StartObject();
    key(out, route.response_type);
    out.StartObject();
    if (!route.response_schema.empty()) raw(out, "schema", route.response_schema);
    out.EndObject();
    out.EndObject();
  }
  out.EndObject();
  if (asks_for_key) raw(out, "401", R"({"$ref":"#/components/responses/Problem"})");
  raw(out, "default", R"({"$ref":"#/components/responses/Problem"})");
  out.EndObject();
}

void write_operation(Writer& out, const RouteInfo& route, const OpenApiOptions& options) {
  std::string method = route.method;
  std::ranges::transform(method, method.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  key(out, method);
  out.StartObject();
  member(out, "operationId", operation_id(route));
  key(out, "tags");
  out.StartArray();
  text(out, tag_of(route));
  out.EndArray();
  member(out, "summary", route.summary);
  if (!route.description.empty()) member(out, "description", route.description);
  write_parameters(out, route);
  write_body(out, route);
  write_responses(out, route, options.needs_key && route.needs_key);
  if (options.needs_key && !route.needs_key) raw(out, "security", "[]");
  out.EndObject();
}

void write_components(Writer& out, const OpenApiOptions& options) {
  key(out, "components");
  out.StartObject();
  key(out, "schemas");
  out.StartObject();
  raw(out, "Problem", problem_schema);
  out.EndObject();
  key(out, "responses");
  out.StartObject();
  raw(out, "Problem", problem_response);
  out.EndObject();
  if (options.needs_key) {
    key(out, "securitySchemes");
    out.StartObject();
    raw(out, "apiKey", key_scheme);
    out.EndObject();
  }
  out.EndObject();
  if (options.needs_key) raw(out, "security", R"([{"apiKey":[]}])");
}

bool is_openapi_method(std::string_view method) {
  constexpr std::array<std::string_view, 8> methods{"GET",     "PUT",  "POST",  "DELETE",
                                                    "OPTIONS", "HEAD", "PATCH", "TRACE"};
  return std::ranges::find(methods, method) != methods.end();
}

}  // namespace

std::string openapi_document(const std::vector<RouteInfo>& routes, const OpenApiOptions& options) {
  std::map<std::string, std::vector<const RouteInfo*>> by_path;
  for (const RouteInfo& route : routes) {
    if (is_openapi_method(route.method)) by_path[route.path].push_back(&route);
  }
  rapidjson::StringBuffer buffer;
  Writer out(buffer);
  out.StartObject();
  member(out, "openapi", "3.1.0");
  key(out, "info");
  out.StartObject();
  member(out, "title", options.title);
  member(out, "version", options.version.empty() ? "0" : options.version);
  out.EndObject();
  key(out, "paths");
  out.StartObject();
  for (const auto& [path, operations] : by_path) {
    key(out, path);
    out.StartObject();
    for (const RouteInfo* route : operations) write_operation(out, *route, options);
    out.EndObject();
  }
  out.EndObject();
  write_components(out, options);
  out.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace host_stub
