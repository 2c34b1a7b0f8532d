"""Versions that fail on purpose, at every step and in every way: each swap ends in the old version, at work."""

import os
from dataclasses import replace
from pathlib import Path

from swap_cases import case
from swap_run import SwapRun, module

ANYHOW = ("error", "exception", "hang")
# Steps of the new version, with the ways to fail in them. What follows a `+` is a second line of the plan.
NEW_FAILS = {"create": ANYHOW, "configure": (*ANYHOW, "bad_config"), "describe": ANYHOW, "prepare": ANYHOW, "load": ANYHOW,
             "start": (*ANYHOW, "leak_thread+health not_live"), "health": ("not_ready", "not_live", "hang")}
# Steps of the old one. A hang of it is not in here: see swap_failures_hang.
OLD_FAILS = {"describe": ("error", "exception"), "quiesce": ("error", "exception"), "save": ("error", "exception")}
OLD_FAILS_AFTERWARDS = ("exception", "leak_thread", "hang")  # destroy() of a version that was replaced
OLD_HANGS = ("describe", "quiesce", "save")
LIMITS = {"timeout_ms": 3000, "probation_ms": 1500}
NOT_READY_PROBATION_MS = 8000  # a version may be unready for 5 s
NOT_SWAPPED = ("refused", "rolled_back")


class Plan:
    """The control file of kafka_events_failing.so."""

    def __init__(self, directory: Path):
        self._file = directory / "plan"
        self.clear()
        os.environ["KAFKA_EVENTS_FAIL_FILE"] = str(self._file)

    def set(self, step: str, how: str) -> None:
        self._write(f"{step} {how}".replace("+", "\n") + "\n")

    def clear(self) -> None:
        self._write("")

    def _write(self, text: str) -> None:
        """At once: the module must not read half of it."""
        temporary = self._file.with_suffix(".new")
        temporary.write_text(text)
        temporary.rename(self._file)


def prepare_run(run: SwapRun) -> Plan:
    plan = Plan(run.directory)
    run.arguments += ["--swap-timeout", "5"]
    run.must_unmap = False
    return plan


def must_not_swap(run: SwapRun, what: str, path: Path, running: str, **limits) -> None:
    """The report must say that the old version runs, and so must the traffic."""
    report = run.swap(path, expect=None, **{**LIMITS, **limits})
    run.notes[what] = f"{report['outcome']}: {report['reason']}"
    if report["outcome"] not in NOT_SWAPPED:
        run.problems.append(f"{what}: {report['outcome']}, {report['reason']}")
    if report["running"] != running:
        run.problems.append(f"{what}: now {report['running'] or 'nothing'} runs, not {running}")


def still_works(run: SwapRun, what: str) -> None:
    try:
        run.wait_for_flow()
    except (TimeoutError, AssertionError) as error:
        run.problems.append(f"{what}: then no event flows: {error}")
        raise
    if run.host.ready_status() != 200:
        run.problems.append(f"{what}: then the host is not ready: {run.host.request('GET', '/status/ready')[1]}")


@case(full_swaps=0)
def swap_failures(run: SwapRun) -> dict:
    """The new version fails at every step, by error, exception, hang, refused configuration, health, a thread left behind"""
    plan = prepare_run(run)
    run.start()
    running = run.swap(module("kafka_events"))["to"]["version"]
    for step, ways in NEW_FAILS.items():
        for how in ways:
            plan.set(step, how)
            limits = {"probation_ms": NOT_READY_PROBATION_MS} if how == "not_ready" else {}
            must_not_swap(run, f"new {step} {how}", module("kafka_events_failing"), running, **limits)
            plan.clear()
            still_works(run, f"new {step} {how}")
    return run.finish()


@case(full_swaps=0)
def swap_failures_old(run: SwapRun) -> dict:
    """The old version fails when it is to give up, by error and exception; then its destroy() does"""
    plan = prepare_run(run)
    run.start()
    running = run.swap(module("kafka_events_failing"))["to"]["version"]
    for step, ways in OLD_FAILS.items():
        for how in ways:
            plan.set(step, how)
            must_not_swap(run, f"old {step} {how}", module("kafka_events"), running)
            plan.clear()
            still_works(run, f"old {step} {how}")
    for how in OLD_FAILS_AFTERWARDS:
        plan.set("destroy", how)
        report = run.swap(module("kafka_events"), **LIMITS)
        run.notes[f"old destroy {how}"] = f"unmapped {report['unmapped']}, {report['why_mapped']}"
        if report["unmapped"] and how != "exception":
            run.problems.append(f"old destroy {how}: the module is said to be unmapped")
        plan.clear()
        still_works(run, f"old destroy {how}")
        run.swap(module("kafka_events_failing"))
    return run.finish()


@case(full_swaps=0)
def swap_failures_twice(run: SwapRun) -> dict:
    """The way back fails as well: resume() of the old version, then the same host swaps to a good one"""
    plan = prepare_run(run)
    run.start()
    run.swap(module("kafka_events_failing"))
    plan.set("save", "error+resume error")
    report = run.swap(module("kafka_events"), expect=None, **LIMITS)
    run.notes["old save and resume error"] = f"{report['outcome']}: {report['reason']}"
    plan.clear()
    run.swap(module("kafka_events"), expect=None)
    run.notes["then"] = f"{run.swaps[-1]['outcome']}: {run.swaps[-1]['reason']}"
    still_works(run, "old save and resume error")
    return run.finish()


@case(full_swaps=0)
def swap_failures_hang(run: SwapRun) -> dict:
    """The old version hangs when it is to give up: the host says so, lives, and says what runs"""
    plan = prepare_run(run)
    run.terms = replace(run.terms, out_rate=0, in_rate=0)
    for step in OLD_HANGS:
        run.start()
        run.swap(module("kafka_events_failing"))
        plan.set(step, "hang")
        report = run.swap(module("kafka_events"), expect=None, **LIMITS)
        run.notes[f"old {step} hang"] = f"{report['outcome']}, {report['running'] or 'nothing'} runs: {report['reason']}"
        if run.host.request("GET", "/status/live")[0] not in (200, 503):
            run.problems.append(f"old {step} hang: the host does not answer")
        plan.clear()
        run.host.kill()
    run.start()
    return run.finish()
