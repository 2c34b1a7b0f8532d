"""The swap harness sees what it is there to see: records that are lost, doubled or late on purpose, at both ends."""

import json
import os
import subprocess

from clients import create_topic, unique
from host import HostStub, build_directory
from processes import wait_until
from shared_broker import connect
from swap_measure import LongTimes, Span
from swap_run import KEYS, module
from swap_verdict import SwapVerdict, compare

RECORDS = 10_000
DAMAGES = {"none": {}, "lose": {"lost": 1}, "twice": {"doubled": 1}, "late": {"reordered": 1}}


def records(*arguments: str) -> dict:
    command = [str(build_directory() / "bin" / "swap_records"), *arguments, f"keys={KEYS}"]
    run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def write(bootstrap: str, topic: str, damage: str) -> dict:
    """With the input open, so that it is the count that ends it."""
    extra = [] if damage == "none" else [f"{damage}=5000"]
    command = [str(build_directory() / "bin" / "swap_records"), "write", bootstrap, topic, f"keys={KEYS}", "rate=0",
               f"most={RECORDS}", *extra]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        written = json.loads(process.stdout.readline())
    return written


def faults(counts: dict[str, int]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count and name != "records"}


def in_a_topic(bootstrap: str) -> None:
    for damage, expected in DAMAGES.items():
        topic = unique(f"ledger{damage}")
        create_topic(bootstrap, topic)
        written = write(bootstrap, topic, damage)
        found = faults(compare(records("check", bootstrap, topic), written["last"]))
        assert found == expected, f"{damage} in a topic is seen as {found}"


def by_a_handler(bootstrap: str) -> None:
    for damage, expected in DAMAGES.items():
        name = unique(f"handled{damage}")
        create_topic(bootstrap, f"acapy-inbound-{name}")
        os.environ["SWAP_LOAD"] = f"pattern=^acapy::inbound::{name}$ keys={KEYS}"
        config = {"bootstrap_servers": bootstrap, "consumer-config": {"group_id": name, "auto_offset_reset": "earliest"},
                  "inbound": {"topics": [f"acapy-inbound-{name}"]}}
        with HostStub(config, ("--plugin", str(module("swap_load")))) as host:
            written = write(bootstrap, f"acapy-inbound-{name}", damage)
            wanted = RECORDS + {"lose": -1, "twice": 1}.get(damage, 0)
            wait_until(lambda: host.get("/load/report")["receiver"]["received"] >= wanted, 30, "all records", 0.1)
            report = host.get("/load/report")
        found = faults(SwapVerdict(report, written, None).counts["in"])
        assert found == expected, f"{damage}, handled, is seen as {found}"


def in_counts() -> None:
    """What did not come to its end is lost; what nobody wrote is alien."""
    ledger = {"records": 10, "missing": 0, "doubled": 0, "reordered": 0, "corrupt": 0, "last": [5, 5]}
    assert faults(compare(ledger, [5, 5])) == {}
    assert faults(compare(ledger, [7, 5])) == {"lost": 2}
    assert faults(compare(ledger, [5, 4])) == {"alien": 1}
    publisher = {"last": [5, 5], "published": 10, "busy": 1, "told_busy": 1, "failed": 0, "unheard": 0, "twice": 0, "refused": 0,
                 "first_failure": ""}
    report = {"receiver": {"ledger": {**ledger, "examples": []}}, "publisher": publisher, "outstanding": 0}
    written = {"last": [5, 5], "failed": 0}
    topic = {**ledger, "examples": []}
    assert SwapVerdict(report, written, topic).violations() == []
    for name, count in (("failed", 1), ("unheard", 1), ("twice", 1), ("refused", 1), ("told_busy", 2)):
        damaged = {**report, "publisher": {**publisher, name: count}}
        assert len(SwapVerdict(damaged, written, topic).violations()) == 1, f"{name} is not seen"
    assert SwapVerdict({**report, "outstanding": 1}, written, topic).violations(), "an event without a completion is not seen"


def in_times() -> None:
    """The longest interval that touches a span, wherever it begins."""
    times = LongTimes([])
    times.ends, times.durations = [1.0, 2.0, 5.0], [0.1, 0.3, 1.0]
    assert times.longest_over(Span(1.5, 1.8)) == 0.3
    assert times.longest_over(Span(2.1, 3.9)) == 0.0
    assert times.longest_over(Span(0.0, 9.0)) == 1.0
    assert times.longest_over(Span(4.5, 4.6)) == 1.0


in_counts()
in_times()
with connect() as address:
    in_a_topic(address)
    by_a_handler(address)
print("lost, doubled and late records are seen, in a topic and by a handler")
