// From a name to a file: the order of the places, and what is said when there is none.
#include "plugins/search_path.h"

#include <cstdlib>
#include <doctest/doctest.h>
#include <fstream>

#include "agent_plugin/status.h"

namespace host_stub {
namespace {

namespace fs = std::filesystem;

/// bin/host, lib/agent-plugins, lib/x86_64-linux-gnu/agent-plugins, extra, as somebody might have installed them.
struct Tree {
  fs::path root;
  Tree() {
    std::string name = (fs::temp_directory_path() / "search-path-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    root = name;
    for (const char* folder :
         {"bin", "lib/agent-plugins", "lib/x86_64-linux-gnu/agent-plugins", "lib/other", "extra"}) {
      fs::create_directories(root / folder);
    }
  }
  ~Tree() { fs::remove_all(root); }
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;
  void file(const std::string& name) const { std::ofstream(root / name) << "x"; }
  [[nodiscard]] SearchPath search(const std::vector<std::string>& dirs = {}, const char* environment = nullptr) const {
    return SearchPath::of_host(dirs, environment, root / "bin" / "host_stub");
  }
};

}  // namespace

TEST_CASE("--plugin-dir comes before AGENT_PLUGIN_PATH, that before what is built and installed") {
  const Tree tree;
  const std::string extra = (tree.root / "extra").string();
  const SearchPath search = tree.search({"/first", "/second"}, (extra + "::/third").c_str());
  CHECK(search.directories() == std::vector<fs::path>{"/first", "/second", extra, "/third",
                                                      tree.root / "lib/agent-plugins",
                                                      tree.root / "lib/x86_64-linux-gnu/agent-plugins"});
}

TEST_CASE("a name is found as NAME.so in the first folder that has it") {
  const Tree tree;
  tree.file("lib/x86_64-linux-gnu/agent-plugins/kafka_events.so");
  CHECK(tree.search().find("kafka_events").value() == tree.root / "lib/x86_64-linux-gnu/agent-plugins/kafka_events.so");
  tree.file("lib/agent-plugins/kafka_events.so");
  CHECK(tree.search().find("kafka_events").value() == tree.root / "lib/agent-plugins/kafka_events.so");
  tree.file("extra/kafka_events.so");
  CHECK(tree.search({(tree.root / "extra").string()}).find("kafka_events").value() ==
        tree.root / "extra/kafka_events.so");
}

TEST_CASE("a value with a slash or ending in .so is a path") {
  const Tree tree;
  tree.file("extra/mine.so");
  CHECK(tree.search().find((tree.root / "extra/mine.so").string()).value() == tree.root / "extra/mine.so");
  const auto missing = tree.search().find("mine.so");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().status == AGENT_E_NOT_FOUND);
  CHECK(missing.error().message == "there is no file mine.so");
  CHECK_FALSE(tree.search().find(""));
}

TEST_CASE("a name that is nowhere is answered with every place, and the nearest name") {
  const Tree tree;
  tree.file("lib/agent-plugins/kafka_events.so");
  tree.file("lib/agent-plugins/readme.txt");
  const auto missing = tree.search({"/somewhere"}).find("kafka_event");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().message == "there is no plugin kafka_event (looked for kafka_event.so in /somewhere, " +
                                       (tree.root / "lib/agent-plugins").string() + ", " +
                                       (tree.root / "lib/x86_64-linux-gnu/agent-plugins").string() +
                                       "); did you mean kafka_events?");
  const auto far = tree.search().find("something_else");
  CHECK(far.error().message.find("did you mean") == std::string::npos);
}

TEST_CASE("the names of all modules are listed once") {
  const Tree tree;
  tree.file("lib/agent-plugins/b.so");
  tree.file("extra/a.so");
  tree.file("extra/b.so");
  CHECK(tree.search({(tree.root / "extra").string()}).names() == std::vector<std::string>{"a", "b"});
}

TEST_CASE("the running executable is known") { CHECK(fs::exists(executable_path())); }

}  // namespace host_stub
