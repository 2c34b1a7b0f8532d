// Texts of registries, friendly and hostile.
#include <doctest/doctest.h>

#include "registry/registry_answers.h"

using namespace kafka_events;

TEST_CASE("an answer with a schema") {
  const auto answer = read_schema_answer(
      R"({"subject":"s","version":1,"id":4294967295,"schema":"\"int\"","references":[{"name":"n","subject":"r","version":3}]})");
  REQUIRE(answer.ok());
  CHECK(answer.value().id == 4294967295U);
  CHECK(answer.value().text == "\"int\"");
  REQUIRE(answer.value().references.size() == 1);
  CHECK(answer.value().references[0].subject == "r");
  CHECK(answer.value().references[0].version == 3);
}

TEST_CASE("schemas of other kinds are a decision") {
  const auto answer = read_schema_answer(R"({"schemaType":"PROTOBUF","schema":"message A {}"})");
  REQUIRE_FALSE(answer.ok());
  CHECK(answer.error().code == ErrorCode::invalid);
  CHECK(answer.error().message == "the schema is not Avro, but PROTOBUF");
  CHECK(read_schema_answer(R"({"schemaType":"AVRO","schema":"\"int\""})").ok());
}

TEST_CASE("answers that cannot be used are trouble") {
  for (const char* text : {"", "null", "7", "{", R"({"id":-1})", R"({"id":4294967296})", R"({"id":"1"})", "{}",
                           R"({"schema":"x","references":7})", R"({"schema":"x","references":[7]})",
                           R"({"schema":"x","references":[{"subject":"s"}]})",
                           R"({"schema":"x","references":[{"version":1}]})", "{\"schema\":\"\xff\"}"}) {
    CAPTURE(text);
    const auto answer = read_schema_answer(text);
    REQUIRE_FALSE(answer.ok());
    CHECK(answer.error().code == ErrorCode::unavailable);
  }
}

TEST_CASE("what is decided, and what is trouble") {
  const auto code = [](long status, const std::string& body) { return read_failure(status, body).code; };
  for (const int error : {40401, 40402, 40403}) {
    CHECK(code(404, R"({"error_code":)" + std::to_string(error) + "}") == ErrorCode::not_found);
  }
  CHECK(code(409, "") == ErrorCode::invalid);
  CHECK(code(422, R"({"error_code":42201})") == ErrorCode::invalid);
  for (const long status : {302L, 400L, 401L, 403L, 404L, 408L, 429L, 500L, 502L, 503L}) {
    CHECK(code(status, "") == ErrorCode::unavailable);
  }
  CHECK(code(404, R"({"error_code":404,"message":"HTTP 404 Not Found"})") == ErrorCode::unavailable);
  CHECK(code(404, R"({"error_code":0,"message":"Operation not supported."})") == ErrorCode::unavailable);
}

TEST_CASE("a registry's words are bounded and fit for a log") {
  std::string words;
  for (int i = 0; i < 5000; ++i) words += "ä";
  const std::string message = read_failure(409, R"({"message":"a\nb)" + words + "\"}").message;
  CHECK(message.rfind("HTTP 409: a b", 0) == 0);
  CHECK(message.size() < max_reason_bytes + 30);
  CHECK(message.ends_with("ä…"));
}

TEST_CASE("explanations of Confluent's and Apicurio's kind") {
  CHECK(read_compatibility(R"({"is_compatible":false,"messages":["a","b"]})") == "a; b");
  CHECK(read_compatibility(R"({"is_compatible":false,"reason":"y at /fields/1"})") == "y at /fields/1");
  CHECK(read_compatibility(R"({"is_compatible":true})").empty());
  CHECK(read_compatibility("<html>").empty());
}

TEST_CASE("subjects in paths, texts in requests") {
  CHECK(path_part("a-B_9.~") == "a-B_9.~");
  CHECK(path_part("a/b?c%ä") == "a%2Fb%3Fc%25%C3%A4");
  CHECK(schema_request("\"a\n\"") == R"({"schema":"\"a\n\""})");
}
