// Every file that is no plugin for this host is refused, each with its own words, and leaves nothing mapped.
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>

#include "loading_helpers.h"

namespace host_stub::testing {
namespace {

struct Refusal {
  const char* fixture;
  std::int32_t status;
  std::vector<const char*> words;
};

const std::vector<Refusal> refusals = {
    {"not_a_plugin", AGENT_E_INVALID, {"is not an agent plugin", "exports no agent_plugin_entry"}},
    {"null_entry", AGENT_E_INVALID, {"agent_plugin_entry() returned NULL"}},
    {"wrong_magic", AGENT_E_INVALID, {"\"XGNTPLU?\"", "\"AGNTPLUG\""}},
    {"wrong_abi_major", AGENT_E_UNSUPPORTED, {"plugin ABI 2.1", "this host has 1.1"}},
    {"wrong_pointer_width", AGENT_E_UNSUPPORTED, {"32-bit pointers", "64 bits"}},
    {"small_block", AGENT_E_INVALID, {"its block has 64 bytes", "ABI 1.0 has"}},
    {"bad_name", AGENT_E_INVALID, {"its name is \"Bad-Name\"", "a-z"}},
    {"bad_version", AGENT_E_INVALID, {"its version is \"one\"", "semantic version"}},
    {"no_build_id", AGENT_E_INVALID, {"its build id", "must not be empty"}},
    {"no_create", AGENT_E_INVALID, {"no create function"}},
    {"unresolved", AGENT_E_FAILED, {"cannot load", "undefined symbol: a_function_that_nobody_has"}},
};

std::string content_of(const std::filesystem::path& file) {
  std::ifstream from(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(from), {}};
}

Failure refused(const std::filesystem::path& file) {
  auto loaded = LoadedModule::load(file);
  REQUIRE_FALSE(loaded);
  CHECK(contains(loaded.error().message, file.string()));
  return loaded.error();
}

Failure refused_content(const std::string& content) {
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "module.so";
  std::ofstream(file, std::ios::binary) << content;
  return refused(file);
}

}  // namespace

TEST_CASE("a module that does not fit is refused by name, with both values, and unmapped") {
  for (const Refusal& refusal : refusals) {
    CAPTURE(refusal.fixture);
    const Failure failure = refused(fixture(refusal.fixture));
    CHECK(failure.status == refusal.status);
    for (const char* word : refusal.words) CHECK_MESSAGE(contains(failure.message, word), failure.message);
    CHECK(mappings_of(refusal.fixture) == 0);
  }
}

TEST_CASE("a file that cannot be read is refused with the reason") {
  CHECK(refused("/no/such/module.so").status == AGENT_E_NOT_FOUND);
  CHECK(contains(refused(FIXTURES).message, "is not a regular file"));
  if (::geteuid() != 0) {  // root may read everything
    const TemporaryFolder folder;
    const std::filesystem::path file = folder.path() / "secret.so";
    std::filesystem::copy_file(fixture("good"), file);
    ::chmod(file.c_str(), 0);
    CHECK(contains(refused(file).message, "Permission denied"));
  }
}

TEST_CASE("a file that is no shared object of this machine is refused before the dynamic linker sees it") {
  std::string content = content_of(fixture("good"));
  REQUIRE(content.size() > 64);
  CHECK(contains(refused_content("").message, "not an ELF shared object"));
  CHECK(contains(refused_content("#!/bin/sh\necho hello\n").message, "not an ELF shared object"));
  CHECK(contains(refused_content(content.substr(0, 40)).message, "cut short"));
  CHECK(contains(refused_content(content.substr(0, content.size() / 2)).message, "cut short"));  // else: SIGBUS
  CHECK(contains(refused_content(content.substr(0, content.size() - 1)).message, "cut short"));
  std::string other = content;
  other[4] = 1;
  CHECK(contains(refused_content(other).message, "32-bit module; this host has 64 bits"));
  other = content;
  other[16] = 1;  // relocatable, not shared
  CHECK(contains(refused_content(other).message, "not a shared object"));
  other = content;
  other[18] = static_cast<char>(0xF3);  // RISC-V
  CHECK(contains(refused_content(other).message, "another processor (ELF machine 243)"));
}

TEST_CASE("an executable is not taken for a module") {
  CHECK(contains(refused("/proc/self/exe").message, "/proc/self/exe"));
}

TEST_CASE("an unknown name lists all places and the nearest name that is there") {
  TestHost host;
  const auto loaded = host.plugins.load("goood");
  REQUIRE_FALSE(loaded);
  CHECK(loaded.error().status == AGENT_E_NOT_FOUND);
  CHECK(contains(loaded.error().message, "looked for goood.so in " FIXTURES));
  CHECK(contains(loaded.error().message, "did you mean good?"));
}

}  // namespace host_stub::testing
