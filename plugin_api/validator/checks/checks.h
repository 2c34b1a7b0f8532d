// The functions behind the table in checks/catalogue.cpp. Each returns if the module passed and throws a Finding if not.
#pragma once

#include "check.h"
#include "life.h"
#include "subject.h"

namespace plugin_validator {

// Of the file, without loading it (elf_checks.cpp)
void check_shared_object(Subject& subject);
void check_one_symbol(Subject& subject);
void check_no_gnu_unique(Subject& subject);
void check_no_text_relocations(Subject& subject);
void check_no_static_tls(Subject& subject);
void check_no_nodelete(Subject& subject);

// Of the loaded module (block_checks.cpp)
void check_loads(Subject& subject);
void check_block_layout(Subject& subject);
void check_block_texts(Subject& subject);
void check_entry_constant(Subject& subject);

// Of instances that are not started (instance_checks.cpp)
void check_create_and_destroy(Subject& subject);
void check_no_null_functions(Subject& subject);
void check_extension_ids(Subject& subject);

// Of the life of an instance (life_checks.cpp)
void check_lifecycle(Subject& subject);
void check_start_stop_cycles(Subject& subject);
void check_drain_without_time(Subject& subject);
void check_stop_twice(Subject& subject);
void check_destroy_in_every_state(Subject& subject);
void check_two_instances(Subject& subject);

// Of what it does (work_checks.cpp)
void check_health_and_metrics(Subject& subject);
void check_events_completed(Subject& subject);
void check_routes_answered(Subject& subject);
void check_host_calls_allowed(Subject& subject);

// Of hosts that are not as expected (host_checks.cpp)
void check_host_extension_missing(Subject& subject);
void check_host_structs_larger(Subject& subject);
void check_host_structs_exact(Subject& subject);
void check_borrowed_arguments(Subject& subject);
void check_host_callbacks_fail(Subject& subject);

// Of configurations (config_checks.cpp)
void check_bad_configuration(Subject& subject);

// Of agent.handover/1 (handover_checks.cpp, handover_state_checks.cpp)
void check_handover_describe_and_prepare(Subject& subject);
void check_handover_resume(Subject& subject);
void check_handover_there_and_back(Subject& subject);
void check_handover_save_fails(Subject& subject);
void check_handover_any_state(Subject& subject);

// Of what stays behind (leftover_checks.cpp)
void check_threads_only_while_active(Subject& subject);
void check_global_settings(Subject& subject);
void check_nothing_left(Subject& subject);
void check_memory_bounded(Subject& subject);
void check_unmapped_after_work(Subject& subject);
void check_unmapped(Subject& subject);

/// Some events of many shapes, offered to every handler of the host's instance. Returns how often a handler was called.
std::size_t deliver_samples(TestHost& host);
/// Everything that an active instance can be asked for: events, requests, health, figures.
void exercise(Life& life);

}  // namespace plugin_validator
