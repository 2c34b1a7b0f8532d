#!/usr/bin/env python3
"""bench_instructions [--count EVENTS] [--only TEXT]: instructions that an event takes, counted by callgrind over a fixed run
against the mock cluster; one JSON object a figure.

Counted and not timed: two runs differ by about a percent, whatever else the machine does. A profiler's run takes some 20 s."""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

TIMEOUT = 600  # seconds, for a run
RUNS = 2  # of the events that a program is asked for: one to warm up, one pair
LINE = re.compile(r"^\s*([\d,]+) \([^)]*\)\s+[^:]*:(.*)$")  # of callgrind_annotate: count, share, file, function


@dataclass(frozen=True)
class Case:
    figure: str
    program: str
    only: str
    count: int
    functions: tuple[str, ...]  # with all that they call; none of them calls another one
    words: str


PUBLISHER = ("bench::EventPublisher::publish(", "kafka_events::Producer::serve(")
CONSUMER = ("kafka_events::ConsumerLoop::turn(",)
CASES = (
    Case("instructions_publish_100", "bench_publish", "publish_100$", 100_000, PUBLISHER,
         "publisher's thread and delivery thread, librdkafka's part included"),
    Case("instructions_publish_1024", "bench_publish", "publish_1024$", 50_000, PUBLISHER,
         "publisher's thread and delivery thread, librdkafka's part included"),
    Case("instructions_publish_100_status_listener", "bench_publish", "publish_100_status_listener$", 100_000, PUBLISHER,
         "publisher's thread and delivery thread, which hands out a status event for each, librdkafka's part included"),
    Case("instructions_consume_100", "bench_consume", "consume_100$", 100_000, CONSUMER,
         "the worker's thread, librdkafka's part included"),
    Case("instructions_consume_1024", "bench_consume", "consume_1024$", 50_000, CONSUMER,
         "the worker's thread, librdkafka's part included"),
)


def profile(case: Case, count: int, profile_file: Path) -> None:
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile_file}",
               str(Path(os.environ["KAFKA_EVENTS_BUILD"]) / "bin" / case.program),
               "--only", case.only, "--pairs", str(RUNS - 1), "--count", str(count), "--side", "ours", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT)
    if done.returncode != 0:
        sys.exit(f"{case.program} under valgrind ended with {done.returncode}:\n{done.stderr[-2000:]}")


def instructions(case: Case, profile_file: Path) -> dict[str, int]:
    """Of each of the case's functions, with all that it calls."""
    listing = subprocess.run(["callgrind_annotate", "--inclusive=yes", "--threshold=100", str(profile_file)],
                             capture_output=True, text=True, timeout=TIMEOUT, check=True).stdout
    found: dict[str, int] = {}
    for line in listing.splitlines():
        match = LINE.match(line)
        function = next((name for name in case.functions if match and match[2].startswith(name)), None)
        if function:
            found.setdefault(function, int(match[1].replace(",", "")))
    missing = [name for name in case.functions if name not in found]
    if missing:
        sys.exit(f"{case.figure}: callgrind saw no call of {', '.join(missing)}")
    return found


def measure(case: Case, count: int) -> dict:
    with tempfile.TemporaryDirectory(prefix="kafka_events-instructions-") as directory:
        profile_file = Path(directory) / "profile"
        profile(case, count, profile_file)
        found = instructions(case, profile_file)
    parts = {name.rpartition("::")[0].rpartition("::")[2]: round(value / count / RUNS) for name, value in found.items()}
    return {"bench": case.figure, "unit": "instructions/event", "ours": round(sum(found.values()) / count / RUNS),
            "conditions": {"kafka": "mock cluster, own process", "events": count * RUNS, "counted": case.words, **parts}}


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench_instructions")
    parser.add_argument("--only", default="")
    parser.add_argument("--count", type=int)
    for ignored in ("--bootstrap", "--pairs"):
        parser.add_argument(ignored, help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not shutil.which("valgrind"):
        sys.exit("bench_instructions needs valgrind: apt-get install valgrind")
    for case in CASES:
        if options.only in case.figure:
            print(json.dumps(measure(case, options.count or case.count)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
