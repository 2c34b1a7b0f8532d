// Instances that are made and freed, and what they say they offer.
#include "agent_plugin/agent_plugin.h"

#include "checks/checks.h"

namespace plugin_validator {
namespace {

constexpr int creations = 100;
constexpr int quick_creations = 5;

/// A struct of the contract, looked at as what it is made of: its size first, then `functions` pointers at the end.
struct Shape {
  const char* name;
  std::size_t size;
  std::vector<std::pair<const char*, bool>> functions;  // name, is there
};

void must_be_whole(const Shape& shape, std::uint32_t claimed) {
  if (claimed < shape.size) {
    fail("the struct ", shape.name, " says it has ", claimed, " bytes; ABI 1.0 has ", shape.size,
         "; set `size` to sizeof");
  }
  for (const auto& [function, is_there] : shape.functions) {
    if (!is_there) fail(shape.name, "->", function, " is NULL");
  }
}

void check_plugin_table(const agent_plugin& plugin) {
  must_be_whole({"agent_plugin",
                 sizeof(agent_plugin),
                 {{"get_extension", plugin.get_extension != nullptr},
                  {"configure", plugin.configure != nullptr},
                  {"start", plugin.start != nullptr},
                  {"drain", plugin.drain != nullptr},
                  {"stop", plugin.stop != nullptr},
                  {"destroy", plugin.destroy != nullptr}}},
                plugin.size);
}

void check_handover_table(const agent_handover& handover) {
  must_be_whole({"agent_handover",
                 sizeof(agent_handover),
                 {{"describe", handover.describe != nullptr},
                  {"prepare", handover.prepare != nullptr},
                  {"quiesce", handover.quiesce != nullptr},
                  {"resume", handover.resume != nullptr},
                  {"save", handover.save != nullptr},
                  {"load", handover.load != nullptr},
                  {"reload_policy", handover.reload_policy != nullptr}}},
                handover.size);
  if (handover.oldest_revision < 1 || handover.oldest_revision > handover.newest_revision) {
    fail("agent_handover offers the revisions ", handover.oldest_revision, " to ", handover.newest_revision,
         "; they begin at 1 and the newest one is the larger");
  }
}

}  // namespace

void check_create_and_destroy(Subject& subject) {
  TestHost& host = host_for(subject);
  const int times = subject.quick() ? quick_creations : creations;
  for (int number = 1; number <= times; ++number) {
    Life life(subject, host, text_of("instance ", number));
    life.must_create();
    if (life.plugin()->size < sizeof(agent_plugin) || life.plugin()->destroy == nullptr) {
      return;  // told by no-null-functions
    }
    life.destroy();
  }
}

void check_no_null_functions(Subject& subject) {
  Life life(subject, host_for(subject));
  life.must_create();
  check_plugin_table(*life.plugin());
  if (const auto* health = static_cast<const agent_health*>(life.extension(AGENT_EXT_HEALTH)); health != nullptr) {
    must_be_whole({"agent_health", sizeof(agent_health), {{"check", health->check != nullptr}}}, health->size);
  }
  if (const auto* metrics = static_cast<const agent_metrics*>(life.extension(AGENT_EXT_METRICS)); metrics != nullptr) {
    must_be_whole({"agent_metrics", sizeof(agent_metrics), {{"collect", metrics->collect != nullptr}}}, metrics->size);
  }
  if (const agent_handover* handover = life.handover(); handover != nullptr) check_handover_table(*handover);
  life.destroy();
}

void check_extension_ids(Subject& subject) {
  Life life(subject, host_for(subject));
  life.must_create();
  for (const char* known : {AGENT_EXT_HEALTH, AGENT_EXT_METRICS, AGENT_EXT_HANDOVER}) {
    if (life.extension(known) != life.extension(known))
      fail("get_extension(\"", known, "\") gives another pointer each time");
  }
  for (const char* unknown : {"",
                              " ",
                              "a",
                              "agent",
                              "agent.",
                              "agent.health",
                              "agent.health/",
                              "agent.health/2",
                              "agent.health/11",
                              "agent.health/1 ",
                              " agent.health/1",
                              "AGENT.HEALTH/1",
                              "agent.metrics",
                              "agent.metrics/0",
                              "agent.metrics/2",
                              "agent.metrics/1\n",
                              "agent.handover",
                              "agent.handover/2",
                              "agent.handover/1.0",
                              "agent.handover/1/1",
                              "agent.health/1agent.metrics/1",
                              "validator.unknown/1"}) {
    if (life.extension(unknown) != nullptr) {
      fail("get_extension(\"", unknown, "\") gave an extension; compare the whole id and answer NULL to every other");
    }
  }
  const std::string endless(100'000, 'x');
  if (life.extension(endless.c_str()) != nullptr) fail("get_extension() gave an extension for 100000 times x");
  life.destroy();
}

}  // namespace plugin_validator
