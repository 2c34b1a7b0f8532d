// Templates: every placeholder, both spellings, and what is wrong with a bad one.
#include "outbound/template.h"

#include <array>
#include <doctest/doctest.h>

using namespace kafka_events;

namespace {

const std::array<Header, 3> headers = {{{"x", "first"}, {"x", "second"}, {"null", {}}}};
const std::array<std::string_view, 2> captures = {"one", "two"};

Event event() {
  Event made;
  made.topic = "acapy::record::connections::active";
  made.tenant = "w1";
  made.payload = R"({"a":{"b":"deep"},"n":7})";
  made.headers = headers;
  return made;
}

std::string render(std::string_view text, const Event& of = event()) {
  const Result<Template> compiled = Template::compile(text);
  REQUIRE(compiled.ok());
  std::string out;
  const Result<void> rendered = compiled.value().render(of, captures, out);
  std::string buffer;
  const Result<std::string_view> view = compiled.value().view(of, captures, buffer);
  CHECK(view.ok() == rendered.ok());
  if (rendered.ok()) CHECK(view.value() == out);
  return rendered.ok() ? out : "error: " + rendered.error().message;
}

std::string error_of(std::string_view text) {
  const Result<Template> compiled = Template::compile(text);
  return compiled.ok() ? "" : compiled.error().message;
}

}  // namespace

TEST_CASE("every placeholder is filled in") {
  CHECK(render("{topic}") == "acapy::record::connections::active");
  CHECK(render("{topic:kafka}") == "acapy-record-connections-active");
  CHECK(render("{tenant}") == "w1");
  CHECK(render("{wallet_id}") == "w1");
  CHECK(render("{state}") == "active");
  CHECK(render("{category}") == "connections");
  CHECK(render("{1}-{2}") == "one-two");
  CHECK(render("{header.x}") == "first");
  CHECK(render("{payload./a/b}") == "deep");
  CHECK(render("{payload./n}{payload./a/b}") == "7deep");
  CHECK(render("a-{tenant}-b") == "a-w1-b");
  CHECK(render("") == "");
}

TEST_CASE("dollar names are another spelling") {
  CHECK(render("acapy-$category-$state-$wallet_id") == "acapy-connections-active-w1");
  CHECK(render("$1x${2}y${topic:kafka}") == "onextwoyacapy-record-connections-active");
  CHECK(render("${wallet_id}_x") == "w1_x");
}

TEST_CASE("doubled characters stand for themselves") { CHECK(render("$$ {{x}}") == "$ {x}"); }

TEST_CASE("what the event does not have is empty") {
  Event bare;
  bare.topic = "other";
  CHECK(render("[{tenant}{state}{category}{header.x}{header.null}{9}]", bare) == "[]");
  CHECK(render("{wallet_id}", bare) == "base");
  CHECK(render("{payload./a}", bare) == "error: {payload./a}: the event has no payload");
}

TEST_CASE("a pointer that leads nowhere is an error that names the placeholder and nothing of the payload") {
  const std::string message = render("{payload./a/x}");
  CHECK(message.starts_with("error: {payload./a/x}: there is no such member"));
  CHECK(message.find("deep") == std::string::npos);
}

TEST_CASE("one placeholder alone is not copied") {
  const Event of = event();
  std::string buffer;
  const Result<Template> compiled = Template::compile("{tenant}");
  CHECK(compiled.value().view(of, {}, buffer).value().data() == of.tenant.data());
}

TEST_CASE("it is known what a template depends on") {
  const auto constant = [](const char* text) { return Template::compile(text).value().constant_per_topic(); };
  CHECK(constant("x{topic}{topic:kafka}{state}{category}{1}"));
  CHECK_FALSE(constant("{tenant}"));
  CHECK_FALSE(constant("$wallet_id"));
  CHECK_FALSE(constant("{header.a}"));
  CHECK_FALSE(constant("{payload./a}"));
  CHECK(Template::compile("{header.a}").value().uses_headers());
  CHECK_FALSE(Template::compile("{tenant}").value().uses_headers());
  CHECK(Template::compile("{2}$7").value().highest_capture() == 7);
  CHECK(Template::compile("x").value().highest_capture() == 0);
}

TEST_CASE("a character of the result is traced back to its placeholder") {
  const Result<Template> compiled = Template::compile("ab-{tenant}-$1");
  CHECK(compiled.value().placeholder_at(event(), captures, 0) == "");
  CHECK(compiled.value().placeholder_at(event(), captures, 3) == "{tenant}");
  CHECK(compiled.value().placeholder_at(event(), captures, 4) == "{tenant}");
  CHECK(compiled.value().placeholder_at(event(), captures, 5) == "");
  CHECK(compiled.value().placeholder_at(event(), captures, 6) == "{1}");
  CHECK(compiled.value().placeholder_at(event(), captures, 99) == "");
}

TEST_CASE("a bad template is refused with the position of what is wrong") {
  CHECK(error_of("ab{topik}").starts_with("position 3: {topik} is not known (there are {topic}"));
  CHECK(error_of("{tenant").starts_with("position 1: '{' is never closed"));
  CHECK(error_of("x}").starts_with("position 2: '}' closes nothing"));
  CHECK(error_of("a$").starts_with("position 2: no name follows '$'"));
  CHECK(error_of("$-").starts_with("position 1: no name follows '$'"));
  CHECK(error_of("${x").starts_with("position 1:"));
  CHECK(error_of("{0}").starts_with("position 1:"));
  CHECK(error_of("{10}").starts_with("position 1:"));
  CHECK(error_of("{}").starts_with("position 1:"));
  CHECK(error_of("{header.}").starts_with("position 1:"));
  CHECK(error_of("{payload.a}").starts_with("position 1: a JSON pointer begins with '/'"));
  CHECK(error_of("$walletId").starts_with("position 1: {walletId} is not known"));
}
