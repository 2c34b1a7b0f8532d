"""Swaps of what has more to hand over: the outbox, transactions, retries, paused partitions; and with a broker that restarts."""

import threading
import time
from dataclasses import replace

from clients import produce
from processes import wait_until
from swap_cases import case, pair
from swap_run import PARTITIONS, SwapRun
from swap_verdict import MEANINGS, compare

FAIL_EVERY, FAIL_TIMES = 250, 2


@case(full_swaps=100)
def swap_outbox_always(run: SwapRun) -> dict:
    """Every event goes through the outbox; one swap in four takes the long way"""
    return with_outbox(run, "always")


@case(full_swaps=100)
def swap_outbox_when_needed(run: SwapRun) -> dict:
    """The outbox stands by; one swap in four takes the long way"""
    return with_outbox(run, "when_needed")


def with_outbox(run: SwapRun, mode: str) -> dict:
    run.overrides["outbox"] = {"path": str(run.directory / "outbox"), "mode": mode, "max_bytes": "1GiB"}
    run.start()
    mixed_swaps(run)
    return run.finish()


def mixed_swaps(run: SwapRun) -> None:
    """Back and forth, one in four the long way."""
    versions = pair()
    for number in range(run.terms.swaps):
        run.swap(versions[number % 2], close_connections=number % 4 == 3)
        run.growth.add(run.host.process.pid, run.report()["memory"]["in_use"])


@case(full_swaps=100)
def swap_exactly_once(run: SwapRun) -> dict:
    """Consume, handle, publish in transactions; one swap in four takes the long way"""
    run.overrides |= {"outbox": {"path": str(run.directory / "outbox")},
                      "inbound": {"topics": [run.inbound], "qos": "exactly_once"},
                      "outbound": [{"match": f"^load::{run.id}$", "topic": run.outbound, "qos": "exactly_once"},
                                   {"match": f"^echo::{run.id}$", "topic": run.echoed, "qos": "exactly_once"}]}
    run.load["answer"] = "echo"
    run.handled_twice_is_allowed = True
    run.start()
    mixed_swaps(run)
    result = run.finish()
    return with_echo(run, result)


@case(full_swaps=100)
def swap_echo(run: SwapRun) -> dict:
    """Handlers publish what comes in again, and are done when Kafka has it; one swap in four takes the long way"""
    run.load["answer"] = "echo"
    run.start()
    mixed_swaps(run)
    return with_echo(run, run.finish())


def with_echo(run: SwapRun, result: dict) -> dict:
    """What the handlers published must be what was written."""
    counts = compare(run.check_topic(run.echoed), run.written["last"])
    result["echo"] = counts
    result["violations"] += [f"echo: {counts[name]} {name} ({meaning})" for name, meaning in MEANINGS.items() if counts[name]]
    return result


@case(full_swaps=100)
def swap_retries(run: SwapRun) -> dict:
    """Handlers fail some records, which wait across swaps to be tried again; a partition is paused, another worker rests"""
    run.overrides["inbound"] = {"topics": [run.inbound], "retries": {"attempts": 5, "backoff_ms": 60}}
    run.terms = replace(run.terms, in_rate=2000)  # a record that waits rests its partition
    run.load |= {"fail_every": FAIL_EVERY, "fail_times": FAIL_TIMES, "answer": "later"}
    run.start()
    second = f"second-{run.id}"
    wait_until(lambda: len(worker(run, "second")["assignment"]) == PARTITIONS, 20, "the second worker's assignment", 0.05)
    run.host.post("/kafka/consumers/second/pause")
    produce(run.cluster.bootstrap, second, [{"value": str(number), "partition": number % PARTITIONS} for number in range(60)])
    stream = run.host.events("^second::in$")
    versions = pair()
    for number in range(run.terms.swaps):
        if number % 5 == 1:
            run.host.post("/kafka/consumers/inbound/pause", {"topic": run.inbound, "partition": 0})
        run.swap(versions[number % 2], close_connections=number % 4 == 3)
        [partition] = [each for each in worker(run, "inbound")["assignment"] if each["partition"] == 0] or [{}]
        if partition and partition["paused_by_operator"] != (number % 5 in (1, 2, 3)):
            run.problems.append(f"swap {number + 1}: partition 0 is {partition}")
        if number % 5 == 3:
            run.host.post("/kafka/consumers/inbound/resume", {"topic": run.inbound, "partition": 0})
    if run.swaps and (not worker(run, "second")["paused_by_operator"] or stream.all()):
        run.problems.append(f"the second worker was paused, and gave {len(stream.all())} records")
    run.host.post("/kafka/consumers/inbound/resume", {"topic": run.inbound, "partition": 0})
    run.host.post("/kafka/consumers/second/resume")
    stream.wait_for(60, 20, "what the paused worker had left")
    run.host.post("/kafka/consumers/second/seek", {"topic": second, "partition": 0, "offset": "beginning"})
    run.swap(versions[run.terms.swaps % 2])
    stream.wait_for(70, 20, "what was sought back to")
    result = run.finish()
    if len(stream.all()) != 70:
        result["violations"].append(f"the second worker gave {len(stream.all())} records, not 70")
    return with_failures(run, result)


def worker(run: SwapRun, name: str) -> dict:
    return next(each for each in run.host.get("/kafka/status")["workers"] if each["name"] == name)


def with_failures(run: SwapRun, result: dict) -> dict:
    """Attempts are neither forgotten nor invented: a handler that fails a record twice sees it three times."""
    wanted = sum((last + key) // FAIL_EVERY for key, last in enumerate(run.written["last"])) * FAIL_TIMES
    run.notes["handlings_failed"] = run.last_report["receiver"]["failed"]
    if run.notes["handlings_failed"] != wanted:
        result["violations"].append(f"{run.notes['handlings_failed']} handlings failed, not {wanted}")
    return result


@case(full_swaps=100, nodes=3)
def swap_broker_restart(run: SwapRun) -> dict:
    """Swaps while one of three brokers restarts, in turn; one swap in four takes the long way"""
    run.start()
    ending, restarted = threading.Event(), []
    failure: list[BaseException] = []

    def restart_in_turn() -> None:
        try:
            while not ending.is_set():
                broker = run.cluster.brokers[len(restarted) % 3]
                broker.stop()
                broker.launch()
                broker.wait_for_brokers(3)
                run.cluster.wait_in_sync()
                restarted.append(time.monotonic())
                ending.wait(3)
        except BaseException as error:  # noqa: BLE001 - told below
            failure.append(error)

    # The brokers die with the thread that starts them (die_with_parent), so it stays until the case's end.
    done = threading.Event()
    thread = threading.Thread(target=lambda: (restart_in_turn(), done.set(), finished.wait()), daemon=True)
    finished = threading.Event()
    thread.start()
    try:
        mixed_swaps(run)
    finally:
        ending.set()
        done.wait(120)
    run.notes["restarts"] = len(restarted)
    if failure:
        run.problems.append(f"restarting a broker: {failure[0]}")
    if not restarted:
        run.problems.append("no broker restarted: this case tested nothing")
    result = run.finish()
    finished.set()
    return result


@case(full_swaps=100)
def swap_stopped(run: SwapRun) -> dict:
    """A plugin that its operator stopped stays stopped over a swap, and starts again when told to"""
    run.start()
    versions = pair()
    for number in range(max(2, run.terms.swaps // 5)):
        run.host.post("/load/stop")
        run.wait_quiet()
        run.host.post("/kafka/stop")
        run.swap(versions[number % 2])
        state = run.host.get("/kafka/status")["state"]
        if state != "stopped":
            run.problems.append(f"swap {number + 1}: it was stopped by its operator, and now is {state}")
        run.host.post("/kafka/start")
        run.host.post("/load/start")
        run.wait_for_flow()
    return run.finish()
