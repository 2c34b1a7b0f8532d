// Events from files and pipes.
#include "cli/line_source.h"

#include <array>
#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace host_stub::cli;

namespace {

class EventsFile {
 public:
  explicit EventsFile(const std::string& text) {
    char name[] = "/tmp/host_stub_lines_XXXXXX";
    const int descriptor = ::mkstemp(name);
    REQUIRE(descriptor >= 0);
    ::close(descriptor);
    name_ = name;
    std::ofstream(name_) << text;
  }
  ~EventsFile() { std::filesystem::remove(name_); }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string name_;
};

}  // namespace

TEST_CASE("lines keep their numbers, blank ones are passed over, the last one needs no end") {
  const EventsFile file("{\"topic\":\"a\"}\n\n  \n{\"topic\":\"b\"}\r\n{\"topic\":\"c\"}");
  const auto source = LineSource::open(file.name());
  REQUIRE(source.ok());
  CHECK(source.value()->total() == 3);
  const auto first = source.value()->next(2, 1000);
  REQUIRE(first.ok());
  REQUIRE(first.value().size() == 2);
  CHECK(first.value()[1].number == 4);
  const auto second = source.value()->next(2, 1000);
  REQUIRE(second.value().size() == 1);
  CHECK(second.value()[0].text == "{\"topic\":\"c\"}");
  CHECK(source.value()->next(2, 1000).value().empty());
}

TEST_CASE("a batch is bounded in bytes") {
  const EventsFile file("{\"topic\":\"a\"}\n{\"topic\":\"b\"}\n{\"topic\":\"c\"}\n");
  const auto source = LineSource::open(file.name());
  CHECK(source.value()->next(100, 20).value().size() == 2);
}

TEST_CASE("a mistake in a file is found before anything is published") {
  const EventsFile file("{\"topic\":\"a\"}\n{\"topc\":\"b\"}\nnonsense\n");
  const auto source = LineSource::open(file.name());
  REQUIRE_FALSE(source.ok());
  const std::string& message = source.error().message;
  CHECK(message.find(file.name() + ":2: ") != std::string::npos);
  CHECK(message.find(file.name() + ":3: ") != std::string::npos);
  CHECK(message.find("nothing was published") != std::string::npos);
}

TEST_CASE("a file that is not there, or a folder, is told by name") {
  CHECK(LineSource::open("/nonexistent").error().message == "cannot read /nonexistent: No such file or directory");
  const auto folder = LineSource::open("/tmp");
  const bool refused = !folder.ok() || !folder.value()->next(1, 1).ok();
  CHECK(refused);
}

TEST_CASE("from standard input the lines before a mistake come first") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const int saved = ::dup(STDIN_FILENO);
  ::dup2(ends[0], STDIN_FILENO);
  {
    const auto source = LineSource::open("-");
    REQUIRE(source.ok());
    CHECK_FALSE(source.value()->total().has_value());
    const std::string text = "{\"topic\":\"a\"}\n{\"topic\":\"b\"}\nnonsense\n";
    REQUIRE(::write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    CHECK(source.value()->next(10, 1000).value().size() == 2);  // does not wait for more
    ::close(ends[1]);
    const auto wrong = source.value()->next(10, 1000);
    REQUIRE_FALSE(wrong.ok());
    CHECK(wrong.error().message.starts_with("standard input:3: "));
  }
  ::dup2(saved, STDIN_FILENO);
  ::close(saved);
  ::close(ends[0]);
}
