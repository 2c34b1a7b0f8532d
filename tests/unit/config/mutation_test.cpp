// Whatever happens to a file, it is accepted or refused with a reason: never a crash, never silence.
#include <random>

#include "support.h"

using namespace config_test;

namespace {

void must_answer(const std::string& text) {
  const LoadResult result = load_text(text);
  bool has_error = false;
  for (const Problem& problem : result.problems) {
    has_error = has_error || problem.severity == Severity::error;
    CHECK_FALSE(problem.message.empty());
  }
  CHECK(result.settings.has_value() != has_error);
}

}  // namespace

TEST_CASE("every truncation of the samples is answered") {
  for (const std::string name : {"/conf/acapy-sample.yaml", "/conf/kafka_events.yaml"}) {
    const std::string text = read_file(PROJECT_ROOT + name);
    for (std::size_t size = 0; size < text.size(); size += 7) must_answer(text.substr(0, size));
  }
}

TEST_CASE("random changes of the sample are answered") {
  const std::string original = read_file(std::string(PROJECT_ROOT) + "/conf/acapy-sample.yaml");
  const std::string_view characters =
      "{}[]:,-#&*!|>'\"%@`$<? \n\t\\\x01\xff"
      "a0_~^()";
  std::mt19937 random(20240601);  // always the same changes
  const auto below = [&](std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
  };
  for (int round = 0; round < 1500; ++round) {
    std::string text = original;
    for (std::size_t change = below(6) + 1; change > 0; --change) {
      const std::size_t at = below(text.size());
      switch (below(4)) {
        case 0:
          text[at] = characters[below(characters.size())];
          break;
        case 1:
          text.insert(at, 1, characters[below(characters.size())]);
          break;
        case 2:
          text.erase(at, below(20) + 1);
          break;
        default:
          text.insert(at, text.substr(below(text.size()), below(60)));
      }
    }
    must_answer(text);
  }
}
