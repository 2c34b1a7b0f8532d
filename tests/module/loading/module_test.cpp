// A loaded module: leaves memory when it is unloaded, leaves no file, and does not care what becomes of its file.
#include <fstream>

#include "loading_helpers.h"

namespace host_stub::testing {
namespace {

std::string version_in(const LoadedModule& module) {
  return {module.block().version.data, module.block().version.size};
}

std::unique_ptr<LoadedModule> load(const std::filesystem::path& file) {
  auto loaded = LoadedModule::load(file);
  REQUIRE_MESSAGE(loaded.ok(), loaded.error().message);
  return std::move(loaded).value();
}

}  // namespace

std::size_t mappings_of(const std::string& fixture) {
  std::size_t count = 0;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) count += contains(line, "/" + fixture + ".") ? 1 : 0;
  return count;
}

TEST_CASE("a module is mapped while it is loaded, and not afterwards") {
  const auto module = load(fixture("good"));
  CHECK(module->still_mapped());
  CHECK(mappings_of("good") > 0);
  CHECK(module->unload());
  CHECK_FALSE(module->still_mapped());
  CHECK(mappings_of("good") == 0);
  CHECK(module->unload());  // once more does no harm
}

TEST_CASE("its destructor unloads it, and no copy of its file is left") {
  const TemporaryFolder folder;
  const char* before = std::getenv("TMPDIR");
  const std::string kept = before == nullptr ? "" : before;
  ::setenv("TMPDIR", folder.path().c_str(), 1);
  {
    const auto module = load(fixture("good"));
    CHECK(std::filesystem::is_empty(folder.path()));
  }
  before == nullptr ? ::unsetenv("TMPDIR") : ::setenv("TMPDIR", kept.c_str(), 1);
  CHECK(std::filesystem::is_empty(folder.path()));
  CHECK(mappings_of("good") == 0);
}

TEST_CASE("loading a path again gives what the file holds now, also while the old code is still loaded") {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "versioned.so";
  std::filesystem::copy_file(fixture("version_1"), file);
  const auto first = load(file);
  // In place, same inode: this is what a careless copy over a running plugin does.
  std::filesystem::copy_file(fixture("version_2"), file, std::filesystem::copy_options::overwrite_existing);
  const auto second = load(file);
  CHECK(version_in(*first) == "1.0.0");
  CHECK(version_in(*second) == "2.0.0");
  std::filesystem::resize_file(file, 0);
  CHECK(version_in(*first) == "1.0.0");
  CHECK(first->unload());
  CHECK(version_in(*second) == "2.0.0");
  CHECK(second->unload());
}

TEST_CASE("two loads of one file are two modules") {
  const auto first = load(fixture("good"));
  const auto second = load(fixture("good"));
  CHECK(&first->block() != &second->block());
}

TEST_CASE("a module that cannot be unmapped is found out") {
  const auto module = load(fixture("stays"));
  CHECK_FALSE(module->unload());
  CHECK(module->still_mapped());
}

}  // namespace host_stub::testing
