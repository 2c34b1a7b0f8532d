#!/usr/bin/env python3
"""swap_case.py CASE [--swaps N] [--out-rate R] [--in-rate R] [--full] [--json FILE]: runs one swap case once.

Exit status 0: nothing lost, doubled or reordered, and each swap ended as it should; 1: not so.
"""

import argparse
import json
import signal
import sys

import swap_cases_failures  # noqa: F401 - these three register themselves
import swap_cases_guarantees  # noqa: F401
import swap_cases_reload  # noqa: F401
from swap_cases import CASES
from swap_run import SwapRun, Terms

CI_SWAPS = 30


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="One swap case: load in both directions, swaps, and a ledger.")
    parser.add_argument("case", choices=sorted(CASES))
    parser.add_argument("--swaps", type=int)
    parser.add_argument("--out-rate", type=int)
    parser.add_argument("--in-rate", type=int)
    parser.add_argument("--probation-ms", type=int, default=150)
    parser.add_argument("--pause", type=float, default=0.0, help="seconds between two swaps")
    parser.add_argument("--validator", default="", help="PATH or none; unset: the one beside the host")
    parser.add_argument("--full", action="store_true", help="the figures of the table: 500 swaps, or 100 the long way")
    parser.add_argument("--json", help="append the result to this file, as one line")
    return parser.parse_args()


def terms(options: argparse.Namespace) -> Terms:
    swaps = options.swaps if options.swaps is not None else CASES[options.case].full_swaps if options.full else CI_SWAPS
    rates = (20_500, 10_250) if options.full else (10_000, 5_000)
    given = lambda value, otherwise: otherwise if value is None else value
    return Terms(swaps=swaps, out_rate=given(options.out_rate, rates[0]), in_rate=given(options.in_rate, rates[1]),
                 full=options.full, probation_ms=options.probation_ms, pause=options.pause, validator=options.validator)


def show(result: dict) -> None:
    """For people; the JSON line is for programs."""
    print(f"{result['case']}: {result['swaps_done']} swaps, {result['seconds']} s")
    hidden = {"case", "violations", "notes"}
    for name, value in result.items():
        if name not in hidden and isinstance(value, dict):
            print(f"  {name}: " + ", ".join(f"{key} {number:,}" if isinstance(number, int) else f"{key} {number}"
                                            for key, number in value.items()))
    for name, value in result["notes"].items():
        print(f"  {name}: {value}")
    for violation in result["violations"]:
        print(f"  VIOLATED: {violation}")


def main() -> int:
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything is cleaned up
    chosen = CASES[options.case]
    with SwapRun(options.case, terms(options), chosen.nodes) as run:
        result = chosen.body(run)
    show(result)
    if options.json:
        with open(options.json, "a") as file:
            file.write(json.dumps(result) + "\n")
    return 1 if result["violations"] else 0


if __name__ == "__main__":
    sys.exit(main())
