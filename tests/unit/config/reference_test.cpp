// The committed files are what the table makes: run `config_reference ROOT` after a change.
#include "config/reference.h"

#include "support.h"

using namespace config_test;

namespace {

std::string project_file(const std::string& name) { return read_file(std::string(PROJECT_ROOT) + "/" + name); }

// The sample with every option taken in: "#name" without the '#'.
std::string uncommented(const std::string& text) {
  std::string result;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    std::string line = text.substr(begin, end - begin);
    const std::size_t mark = line.find_first_not_of(' ');
    if (mark != std::string::npos && mark + 1 < line.size() && line[mark] == '#' && line[mark + 1] != ' ' &&
        line[mark + 1] != '#') {
      line.erase(mark, 1);
    }
    result += line + "\n";
    begin = end + 1;
  }
  return result;
}

}  // namespace

TEST_CASE("schema, sample and documentation are those of the table") {
  CHECK(project_file("conf/kafka_events.schema.json") == reference_schema());
  CHECK(project_file("conf/kafka_events.yaml") == reference_sample());
  CHECK(project_file("docs/configuration.md") == reference_documentation());
}

TEST_CASE("the annotated sample is accepted without a word, as it is") {
  const LoadResult result = load_text(reference_sample());
  CHECK(result.settings.has_value());
  CHECK(all_lines(result).empty());
}

TEST_CASE("the annotated sample is accepted with every option taken in, and names them all") {
  const std::string text = uncommented(reference_sample());
  const LoadResult result = load_text(text);
  CHECK_MESSAGE(result.settings.has_value(), all_lines(result));
  for (const Option* option : all_options()) {
    if (option->type == Type::later || option->effect.starts_with("another name")) continue;
    CAPTURE(option->name);
    CHECK(text.find(std::string(option->name) + ":") != std::string::npos);
  }
}

TEST_CASE("the shortest file is accepted") { CHECK(load_text(project_file("conf/minimal.yaml")).settings.has_value()); }

TEST_CASE("the worked examples are accepted without a word, with the files beside them") {
  for (const std::string name : {"workers", "control-framework"}) {
    CAPTURE(name);
    const std::string text = project_file("conf/" + name + ".yaml");
    LoadInput input{};
    input.file_name = name;
    input.text = text;
    input.read_file = &read_process_file;
    input.base_dir = std::string(PROJECT_ROOT) + "/conf";
    const LoadResult result = load(input);
    CHECK(result.settings.has_value());
    CHECK(all_lines(result).empty());
  }
}
