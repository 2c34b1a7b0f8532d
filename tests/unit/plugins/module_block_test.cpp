// The block of a module: what is accepted. The refusals are tested with real modules in tests/module/loading.
#include "plugins/module_block.h"

#include <cstring>
#include <doctest/doctest.h>

#include "core/abi_text.h"

namespace host_stub {
namespace {

agent_plugin_module fitting() {
  agent_plugin_module block{};
  block.size = sizeof(block);
  block.pointer_bits = 8 * sizeof(void*);
  const char magic[8] = AGENT_PLUGIN_MAGIC;
  std::memcpy(block.magic, magic, sizeof(magic));
  block.abi_major = AGENT_ABI_MAJOR;
  block.name = to_text("kafka_events");
  block.version = to_text("1.0.0");
  block.build_id = to_text("abc");
  block.create = [](const agent_host*, agent_plugin**, agent_error*) -> std::int32_t { return AGENT_OK; };
  return block;
}

bool accepted(const agent_plugin_module& block) { return check_module_block(&block, "m.so").ok(); }

}  // namespace

TEST_CASE("a block of this version is accepted, and of later ones with more members or a larger minor number") {
  agent_plugin_module block = fitting();
  CHECK(accepted(block));
  block.size += 64;
  block.abi_minor = 7;
  CHECK(accepted(block));
}

TEST_CASE("texts that cannot be read are refused without reading too far") {
  agent_plugin_module block = fitting();
  block.name = {nullptr, 5};
  CHECK_FALSE(accepted(block));
  block = fitting();
  block.version = {"1.0.0", ~std::size_t{0}};
  CHECK_FALSE(accepted(block));
  block = fitting();
  block.description = to_text("\xff");
  CHECK_FALSE(accepted(block));
}

TEST_CASE("names of plugins") {
  CHECK(is_plugin_name("kafka_events"));
  CHECK(is_plugin_name("a1"));
  CHECK_FALSE(is_plugin_name(""));
  CHECK_FALSE(is_plugin_name("1a"));
  CHECK_FALSE(is_plugin_name("_a"));
  CHECK_FALSE(is_plugin_name("a-b"));
  CHECK_FALSE(is_plugin_name("../a"));
  CHECK_FALSE(is_plugin_name(std::string(65, 'a')));
}

TEST_CASE("semantic versions") {
  for (const char* good : {"0.0.1", "1.2.3", "10.20.30", "1.0.0-rc.1", "1.0.0+build.5", "1.0.0-a-b+c"}) {
    CHECK_MESSAGE(is_semantic_version(good), good);
  }
  for (const char* bad : {"", "1", "1.2", "1.2.3.4", "v1.2.3", "1.2.x", "1.2.3-", "1.2.3+", "1.2.3 ", "1..3"}) {
    CHECK_MESSAGE(!is_semantic_version(bad), bad);
  }
}

TEST_CASE("a name of a UTF-8 text is cut at a character's border") {
  agent_error error = AGENT_ERROR_INIT;
  CHECK(fill_error(&error, AGENT_E_FAILED, std::string(1022, 'x') + "ä") == AGENT_E_FAILED);
  CHECK(std::string(error.message) == std::string(1022, 'x'));
  CHECK(fill_error(nullptr, AGENT_E_BUSY, "nobody listens") == AGENT_E_BUSY);
}

}  // namespace host_stub
