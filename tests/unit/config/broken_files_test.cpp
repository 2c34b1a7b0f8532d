// Every file in broken/ gives exactly the lines of the .expected file beside it, and is refused.
#include <algorithm>
#include <filesystem>

#include "support.h"

using namespace config_test;

TEST_CASE("broken files are refused with exactly the expected problems") {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(BROKEN_FILES)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  CHECK(files.size() >= 125);
  for (const std::filesystem::path& file : files) {
    CAPTURE(file.filename().string());
    const LoadResult result = load_text(read_file(file.string()), {}, file.filename().string());
    CHECK_FALSE(result.settings.has_value());
    std::filesystem::path expected = file;
    expected.replace_extension(".expected");
    CHECK(all_lines(result) == read_file(expected.string()));
  }
}

TEST_CASE("a file over 1 MiB is refused by its size") {
  const std::string text = "kafka_events:\n" + std::string(1 << 20, '#');
  const LoadResult result = load_text(text);
  CHECK_FALSE(result.settings.has_value());
  CHECK(all_lines(result) == "agent.yaml: the file has 1048590 bytes; at most 1048576 (1 MiB) are read\n");
}

TEST_CASE("no problem ever shows a secret") {
  const std::string_view secret = "geheim-4711";
  const std::string bodies[] = {
      "  request_timeout_ms: \"${file:secret.txt}\"\n",   "  hosts: [\"${MY_PASSWORD}:x\"]\n",
      "  sasl_plain_password: [geheim-4711]\n",           "  sasl_plain_password: geheim-4711,\n",
      "  topic_prefix: \"::${file:secret.txt}\"\n",       "  inbound: {topics: \"${MY_PASSWORD}/\"}\n",
      "  outbound: [{match: \"(${file:secret.txt}\"}]\n", "  api_version: \"${MY_PASSWORD}\"\n"};
  for (const std::string& body : bodies) {
    const std::string lines = problems_of(body);
    CAPTURE(body);
    CHECK_FALSE(lines.empty());
    CHECK(lines.find(secret) == std::string::npos);
  }
}
