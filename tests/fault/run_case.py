#!/usr/bin/env python3
"""run_case.py CASE [--qos Q] [--outbox MODE] [--count N] [--rate R] [--full] [--json FILE]: runs one case once.

Exit status 0: the guarantees held; 1: they did not, or the case could not be brought to its end; 77: not possible here.
"""

import argparse
import json
import signal
import sys

import cases_broker  # noqa: F401 - these four register themselves
import cases_host  # noqa: F401
import cases_inbound  # noqa: F401
import cases_network  # noqa: F401
from case_table import CASES, Skip
from ledger import FINDINGS
from network_namespace import NotPossible
from run import Run, Terms

SKIPPED = 77


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="One fault case: publishes numbered events, injects the fault, counts.")
    parser.add_argument("case", choices=sorted(CASES))
    parser.add_argument("--qos", choices=["at_most_once", "at_least_once", "exactly_once"], default="at_least_once")
    parser.add_argument("--outbox", choices=["off", "when_needed", "always"], default="off")
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--rate", type=float, default=2_000)
    parser.add_argument("--full", action="store_true", help="more faults")
    parser.add_argument("--json", help="append the result to this file, as one line")
    return parser.parse_args()


def show(result: dict) -> None:
    """For people; the JSON line is for programs."""
    print(f"{result['case']} {result['qos']} outbox {result['outbox']}: {result['published']:,} published, "
          f"{result['taken']:,} taken, {result['records']:,} records, {result['faults']} faults, {result['seconds']} s")
    counted = [*FINDINGS, "busy", "missed", "resident_mb"]
    print("  " + ", ".join(f"{name} {result[name]:,}" for name in counted))
    for name, value in result["notes"].items():
        print(f"  {name}: {value}")
    for violation in result["violations"]:
        print(f"  VIOLATED: {violation}")


def main() -> int:
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything is cleaned up
    chosen = CASES[options.case]
    terms = Terms(options.qos, options.outbox, options.count, options.rate, options.full)
    try:
        with Run(chosen.name, terms, chosen.nodes, chosen.way) as run:
            result = chosen.body(run)
    except (NotPossible, Skip) as reason:
        print(f"skipped: {reason}")
        return SKIPPED
    show(result)
    if options.json:
        with open(options.json, "a") as file:
            file.write(json.dumps(result) + "\n")
    return 1 if result["violations"] else 0


if __name__ == "__main__":
    sys.exit(main())
