#include "admin/openapi.h"

#include <doctest/doctest.h>
#include <rapidjson/document.h>
#include <rapidjson/pointer.h>
#include <string>

using namespace host_stub;

namespace {

std::string at(const rapidjson::Document& document, const char* pointer) {
  const rapidjson::Value* value = rapidjson::Pointer(pointer).Get(document);
  if (value == nullptr) return "(missing)";
  return value->IsString() ? value->GetString() : value->IsBool() ? (value->GetBool() ? "true" : "false") : "(other)";
}

rapidjson::Document document_of(const std::vector<RouteInfo>& routes, bool needs_key = true) {
  rapidjson::Document document;
  document.Parse(openapi_document(routes, {"title", "1.2.3", needs_key}).c_str());
  REQUIRE_FALSE(document.HasParseError());
  return document;
}

}  // namespace

TEST_CASE("the document says what each route takes and answers") {
  RouteInfo route;
  route.method = "POST";
  route.path = "/kafka/topics/{name}/partitions";
  route.summary = "More \"partitions\"";
  route.parameters = {{"dry_run", "only say what would be done", true}};
  route.request_schema = R"({"type":"object","properties":{"total":{"type":"integer"}}})";
  route.response_schema = R"({"type":"array"})";
  route.owner = 3;
  const auto document = document_of({route});
  CHECK(at(document, "/openapi") == "3.1.0");
  CHECK(at(document, "/info/version") == "1.2.3");
  const std::string base = "/paths/~1kafka~1topics~1{name}~1partitions/post";
  CHECK(at(document, (base + "/summary").c_str()) == "More \"partitions\"");
  CHECK(at(document, (base + "/operationId").c_str()) == "post_kafka_topics_name_partitions");
  CHECK(at(document, (base + "/tags/0").c_str()) == "kafka");
  CHECK(at(document, (base + "/parameters/0/in").c_str()) == "path");
  CHECK(at(document, (base + "/parameters/1/name").c_str()) == "dry_run");
  CHECK(at(document, (base + "/parameters/1/required").c_str()) == "true");
  CHECK(at(document, (base + "/requestBody/content/application~1json/schema/properties/total/type").c_str()) ==
        "integer");
  CHECK(at(document, (base + "/responses/200/content/application~1json/schema/type").c_str()) == "array");
  CHECK(at(document, (base + "/responses/default/$ref").c_str()) == "#/components/responses/Problem");
  CHECK(at(document, "/components/securitySchemes/apiKey/name") == "X-API-Key");
}

TEST_CASE("routes without the key say so, and insecure mode asks for none") {
  RouteInfo route;
  route.method = "GET";
  route.path = "/status/live";
  route.needs_key = false;
  const auto with_key = document_of({route});
  CHECK(at(with_key, "/paths/~1status~1live/get/security") == "(other)");
  CHECK(at(with_key, "/security/0/apiKey") == "(other)");
  CHECK(at(with_key, "/paths/~1status~1live/get/tags/0") == "host");
  const auto insecure = document_of({route}, false);
  CHECK(at(insecure, "/security") == "(missing)");
  CHECK(at(insecure, "/components/securitySchemes") == "(missing)");
}
