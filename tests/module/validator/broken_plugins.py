#!/usr/bin/env python3
"""Every check of plugin_validator is seen to fail: each broken plugin is refused by the check that it was made for.

usage: broken_plugins.py VALIDATOR FOLDER-OF-BROKEN-MODULES
"""
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# Module -> the checks that refuse it, and how. Several for one module only where one defect breaks several rules; `#` says why.
EXPECTED = {
    "sound": {},
    "extra_symbol": {"exports-one-symbol": "failed"},
    "gnu_unique": {"no-gnu-unique": "failed"},
    "text_relocation": {"no-text-relocations": "failed"},
    "static_tls": {"no-static-tls": "failed"},
    "nodelete": {"no-nodelete": "failed", "unmapped": "failed", "unmapped-after-work": "failed"},  # the flag, and what it does
    "unresolved": {"loads": "failed"},
    "no_entry": {"exports-one-symbol": "failed", "loads": "failed"},  # in the file, and once it is loaded
    "null_entry": {"block-layout": "failed"},
    "entry_crashes": {"block-layout": "crashed"},
    "wrong_magic": {"block-layout": "failed"},
    "wrong_abi_major": {"block-layout": "failed"},
    "wrong_pointer_width": {"block-layout": "failed"},
    "small_block": {"block-layout": "failed"},
    "no_create": {"block-layout": "failed"},
    "bad_name": {"block-texts": "failed"},
    "bad_version": {"block-texts": "failed"},
    "no_build_id": {"block-texts": "failed"},
    "bad_text": {"block-texts": "failed"},
    "entry_changes": {"entry-constant": "failed"},
    "block_changes": {"entry-constant": "failed"},
    "create_gives_nothing": {"create-and-destroy": "failed"},
    "create_without_message": {"create-and-destroy": "failed"},
    "create_throws": {"create-and-destroy": "failed"},
    "create_hangs": {"create-and-destroy": "timed_out"},
    "create_crashes_later": {"create-and-destroy": "crashed"},
    "destroy_crashes": {"create-and-destroy": "crashed"},
    "null_function": {"no-null-functions": "failed"},
    "small_table": {"no-null-functions": "failed"},
    "null_extension_function": {"no-null-functions": "failed"},
    "revisions": {"no-null-functions": "failed"},
    "near_miss": {"extension-ids": "failed"},
    "unknown_id_crashes": {"extension-ids": "crashed"},
    "start_fails": {"lifecycle": "failed"},
    "start_throws": {"lifecycle": "failed"},
    "start_positive": {"lifecycle": "failed"},
    "stop_hangs": {"lifecycle": "timed_out"},
    "third_start_fails": {"start-stop-cycles": "failed"},
    "drain_needs_report": {"drain-without-time": "crashed"},
    "drain_takes_its_time": {"drain-without-time": "failed"},
    "stop_once": {"stop-twice": "failed"},
    "destroy_leaves_subscription": {"destroy-in-every-state": "failed"},
    "one_at_a_time": {"two-instances": "failed"},
    "health_text": {"health-and-metrics": "failed"},
    "health_live": {"health-and-metrics": "failed"},
    "metrics_order": {"health-and-metrics": "failed"},
    "metrics_name": {"health-and-metrics": "failed"},
    "later_never": {"events-completed": "failed"},
    "completes_twice": {"events-completed": "failed"},
    "retains": {"events-completed": "failed"},
    "answers_nonsense": {"events-completed": "failed"},
    "route_silent": {"routes-answered": "failed"},
    "route_answers_twice": {"routes-answered": "failed"},
    "route_left": {"routes-answered": "failed"},
    "publishes_in_create": {"host-calls-allowed": "failed"},
    "release_in_module": {"host-calls-allowed": "failed"},
    "writes_bad_text": {"host-calls-allowed": "failed"},
    "calls_after_stop": {"host-calls-allowed": "failed"},
    "needs_log": {"host-extension-missing": "crashed"},
    "wants_this_size": {"host-structs-larger": "failed"},
    "reads_to_nul": {"host-structs-exact": "crashed"},
    "keeps_pointer": {"borrowed-arguments": "crashed"},
    "cannot_fail": {"host-callbacks-fail": "crashed"},
    "failed_start_leaves_thread": {"host-callbacks-fail": "failed"},
    "config_without_place": {"bad-configuration": "failed"},
    "config_crashes": {"bad-configuration": "crashed"},
    "config_forgets": {"bad-configuration": "failed"},
    "reload_policy": {"handover-describe-and-prepare": "failed"},
    "prepare_reads_on": {"handover-describe-and-prepare": "crashed"},
    # Each of these resumes at some point.
    "resume_fails": {"handover-resume": "failed", "handover-save-fails": "failed", "handover-there-and-back": "failed",
                     "handover-any-state": "failed"},
    "save_keeps_subscription": {"handover-there-and-back": "failed"},
    "deposit_in_module": {"handover-there-and-back": "failed"},
    "deposit_from_thread": {"handover-there-and-back": "failed"},
    "save_ignores_writer": {"handover-save-fails": "failed"},
    "load_reads_once": {"handover-any-state": "failed"},
    "load_trusts": {"handover-any-state": "crashed"},
    "load_newer": {"handover-any-state": "failed"},
    "configure_starts_thread": {"threads-only-while-active": "failed"},
    "configure_subscribes": {"threads-only-while-active": "failed"},
    "signal": {"global-settings": "failed"},
    "locale": {"global-settings": "failed"},
    "environment": {"global-settings": "failed"},
    "leaks_descriptor": {"nothing-left": "failed"},
    "leaks_key": {"nothing-left": "failed"},
    "leaks_memory": {"memory-bounded": "failed"},
    # Pinned from the beginning, and still after it has worked.
    "pins_itself": {"unmapped": "failed", "unmapped-after-work": "failed"},
}
TIME_LIMITS = {"create_hangs": 1, "stop_hangs": 1}
FINE = {"passed", "skipped", "warning"}


def validate(validator: str, module: Path) -> str:
    """What differs from the expectation, or ''."""
    expected = EXPECTED[module.stem]
    limit = str(TIME_LIMITS.get(module.stem, 20))
    done = subprocess.run([validator, "--json", "--time-limit", limit, str(module)], capture_output=True, text=True, timeout=90)
    report = json.loads(done.stdout)
    found = {check["name"]: check["outcome"] for check in report["checks"] if check["outcome"] not in FINE}
    problems = []
    if found != expected:
        details = {check["name"]: check["detail"] for check in report["checks"] if check["outcome"] not in FINE}
        problems.append(f"expected {expected}, found {found}: {details}")
    if done.returncode != (1 if expected else 0) or report["verdict"] != ("failed" if expected else "passed"):
        problems.append(f"exit status {done.returncode}, verdict {report['verdict']}")
    if any(not check["detail"] for check in report["checks"] if check["outcome"] != "passed"):
        problems.append("an outcome other than passed says nothing about why")
    return f"{module.stem}: " + "; ".join(problems) if problems else ""


def main() -> int:
    validator, folder = sys.argv[1], Path(sys.argv[2])
    modules = [folder / f"{name}.so" for name in EXPECTED]
    listed = json.loads(subprocess.run([validator, "--list", "--json"], capture_output=True, text=True, check=True).stdout)
    # No broken plugin is needed for this one: program.py gives it a file that is no shared object.
    never_seen = {check["name"] for check in listed} - {name for refused in EXPECTED.values() for name in refused}
    problems = [] if never_seen == {"elf-shared-object"} else [f"no broken plugin for {never_seen}"]
    unexpected = {module.stem for module in folder.glob("*.so")} - set(EXPECTED)
    problems += [f"modules without an expectation: {unexpected}"] if unexpected else []
    with ThreadPoolExecutor(3) as pool:
        problems += [problem for problem in pool.map(lambda module: validate(validator, module), modules) if problem]
    for problem in problems:
        print(problem)
    print(f"{len(modules)} plugins, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
