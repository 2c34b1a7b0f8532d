// All checks in their order. A rule is named by the header or the folder where it is written.
#include "checks/checks.h"

namespace plugin_validator {
namespace {

constexpr const char* entry_rule = "entry.h: a module exports one function and nothing else";
constexpr const char* unload_rule = "plugin.h: a module can be unloaded after destroy()";
constexpr const char* block_rule = "plugin.h: the block is checked before anything is called";
constexpr const char* struct_rule = "abi.h 3: members past `size` are not there; texts end at their size";
constexpr const char* handover_rule = "ext/handover.h: one version takes over from another";
constexpr const char* state_rule = "ext/handover.h: a version must expect anything as a state";
constexpr const char* life_rule = "plugin.h: the life of an instance";
constexpr const char* global_rule = "plugin.h: a module keeps no process-wide state";

constexpr Check checks[] = {
    {"elf-shared-object", "entry.h: a plugin is a shared object for the host's machine", "", true, check_shared_object},
    {"exports-one-symbol", entry_rule, "elf-shared-object", true, check_one_symbol},
    {"no-gnu-unique", entry_rule, "elf-shared-object", true, check_no_gnu_unique},
    {"no-text-relocations", "cmake/agent_plugin.cmake: position-independent code", "elf-shared-object", true,
     check_no_text_relocations},
    {"no-static-tls", unload_rule, "elf-shared-object", true, check_no_static_tls},
    {"no-nodelete", unload_rule, "elf-shared-object", true, check_no_nodelete},
    {"loads", "entry.h: a host looks the entry up by name", "elf-shared-object", true, check_loads},
    {"block-layout", block_rule, "loads", true, check_block_layout},
    {"block-texts", "plugin.h: name, version and build id", "block-layout", true, check_block_texts},
    {"entry-constant", "entry.h: the same pointer at every call; the block is constant", "block-layout", true,
     check_entry_constant},
    {"create-and-destroy", "plugin.h: create() and destroy()", "block-layout", true, check_create_and_destroy},
    {"no-null-functions", "abi.h 4: a function pointer of version 1.0 is never NULL", "create-and-destroy", true,
     check_no_null_functions},
    {"extension-ids", "plugin.h: an extension of exactly this id, or NULL", "no-null-functions", true,
     check_extension_ids},
    {"lifecycle", life_rule, "no-null-functions", false, check_lifecycle},
    {"start-stop-cycles", life_rule, "lifecycle", false, check_start_stop_cycles},
    {"drain-without-time", "plugin.h: drain() keeps its timeout; its report may be NULL", "lifecycle", false,
     check_drain_without_time},
    {"stop-twice", "plugin.h: stop() is idempotent", "lifecycle", false, check_stop_twice},
    {"destroy-in-every-state", "plugin.h: destroy() is allowed in every state", "lifecycle", false,
     check_destroy_in_every_state},
    {"two-instances", "plugin.h: several instances live side by side", "lifecycle", false, check_two_instances},
    {"health-and-metrics", "ext/health.h, ext/metrics.h: callable in any state", "lifecycle", false,
     check_health_and_metrics},
    {"events-completed", "ext/event_bus.h: each event that was taken is completed, each reference given back",
     "lifecycle", false, check_events_completed},
    {"routes-answered", "ext/admin_routes.h: each exchange is answered exactly once", "lifecycle", false,
     check_routes_answered},
    {"host-calls-allowed", "abi.h 7: the threads and states in which a function may be called", "lifecycle", false,
     check_host_calls_allowed},
    {"host-extension-missing", "host.h: an extension that is missing is no crash", "lifecycle", false,
     check_host_extension_missing},
    {"host-structs-larger", struct_rule, "lifecycle", false, check_host_structs_larger},
    {"host-structs-exact", struct_rule, "lifecycle", false, check_host_structs_exact},
    {"borrowed-arguments", "abi.h 5: an argument is borrowed until the function returns", "lifecycle", false,
     check_borrowed_arguments},
    {"host-callbacks-fail", "abi.h 6: a failing host is answered with a status", "lifecycle", false,
     check_host_callbacks_fail},
    {"bad-configuration", "plugin.h: configure() reports every problem and its place", "lifecycle", false,
     check_bad_configuration},
    {"handover-describe-and-prepare", handover_rule, "lifecycle", false, check_handover_describe_and_prepare},
    {"handover-resume", handover_rule, "lifecycle", false, check_handover_resume},
    {"handover-there-and-back", handover_rule, "lifecycle", false, check_handover_there_and_back},
    {"handover-save-fails", handover_rule, "lifecycle", false, check_handover_save_fails},
    {"handover-any-state", state_rule, "lifecycle", false, check_handover_any_state},
    {"threads-only-while-active", "plugin.h: create() and configure() start nothing, stop() ends all", "lifecycle",
     false, check_threads_only_while_active},
    {"global-settings", global_rule, "lifecycle", false, check_global_settings},
    {"nothing-left", "plugin.h: after destroy() nothing of the instance is left", "lifecycle", false,
     check_nothing_left},
    {"memory-bounded", "plugin.h: destroy() frees the instance", "lifecycle", false, check_memory_bounded},
    {"unmapped-after-work", unload_rule, "lifecycle", false, check_unmapped_after_work},
    {"unmapped", unload_rule, "create-and-destroy", true, check_unmapped},
};

}  // namespace

std::span<const Check> all_checks() noexcept { return checks; }

const Check* find_check(std::string_view name) noexcept {
  for (const Check& check : checks) {
    if (name == check.name) return &check;
  }
  return nullptr;
}

const char* name_of(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::passed:
      return "passed";
    case Outcome::warning:
      return "warning";
    case Outcome::skipped:
      return "skipped";
    case Outcome::failed:
      return "failed";
    case Outcome::crashed:
      return "crashed";
    case Outcome::timed_out:
      return "timed_out";
  }
  return "";
}

bool is_refusal(Outcome outcome) noexcept { return outcome >= Outcome::failed; }

}  // namespace plugin_validator
