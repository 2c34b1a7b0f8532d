#!/usr/bin/env python3
"""fault.py [CASE…] [--full]: runs the table of cases, one program each, and writes what was counted.

Short runs (20,000 events a case) leave their table in the build directory; --full (200,000 and more faults, hours) in docs/.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import results
from cache import ROOT
from case_table import CASES
from host import build_directory
from processes import die_with_parent
from run_case import SKIPPED

SHORT = ["--count", "20000", "--rate", "2000"]
FULL = ["--count", "200000", "--rate", "5000", "--full"]
TIMEOUT_SECONDS = {False: 300, True: 2400}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="dev fault", description="Fault cases on a real Kafka, counted by a ledger.",
                                     epilog="Cases: " + ", ".join(CASES))
    parser.add_argument("case", nargs="*", help="only these")
    parser.add_argument("--full", action="store_true", help="200,000 events a case; the table goes to docs/fault-results.md")
    parser.add_argument("--qos", help="only this quality of service")
    parser.add_argument("--outbox", help="only this outbox mode")
    parser.add_argument("--continue", dest="go_on", action="store_true", help="leave out what the results already hold")
    parser.add_argument("--list", action="store_true", help="the cases, and what each does")
    options = parser.parse_args()
    unknown = [name for name in options.case if name not in CASES]
    if unknown:
        parser.error(f"no case {', '.join(unknown)}; there are: {', '.join(CASES)}")
    return options


def plan(options: argparse.Namespace, known: results.Results) -> list[tuple[str, str, str]]:
    return [(case.name, qos, outbox) for case in CASES.values() for qos, outbox in case.pairs
            if case.name in (options.case or CASES) and qos in (options.qos or qos) and outbox in (options.outbox or outbox)
            and not (options.go_on and known.holds(case.name, qos, outbox))]


def run_one(name: str, qos: str, outbox: str, options: argparse.Namespace, lines: Path) -> int:
    program = Path(__file__).with_name("run_case.py")
    command = [sys.executable, str(program), name, "--qos", qos, "--outbox", outbox, "--json", str(lines),
               *(FULL if options.full else SHORT)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          preexec_fn=die_with_parent()) as process:
        try:
            output, _ = process.communicate(timeout=TIMEOUT_SECONDS[options.full])
        except subprocess.TimeoutExpired:
            process.terminate()  # it cleans up
            output, _ = process.communicate()
            output += "\nit did not end in time"
    if process.returncode not in (0, SKIPPED):
        print(output, flush=True)
    elif process.returncode == SKIPPED:
        print(f"    {output.strip().splitlines()[-1]}", flush=True)
    return process.returncode


def main() -> int:
    options = arguments()
    if options.list:
        for case in CASES.values():
            print(f"{case.name:22}{case.summary}\n{'':22}" + ", ".join(f"{qos}/{outbox}" for qos, outbox in case.pairs))
        return 0
    directory = ROOT / "docs" if options.full else build_directory() / "fault"
    directory.mkdir(parents=True, exist_ok=True)
    lines = directory / "fault-results.jsonl"
    known = results.Results(lines)
    runs = plan(options, known)
    failed, began = [], time.monotonic()
    for number, (name, qos, outbox) in enumerate(runs, 1):
        left = (time.monotonic() - began) / max(1, number - 1) * (len(runs) - number + 1)
        eta = f", about {left / 60:.0f} min left" if number > 1 else ""
        print(f"[{number}/{len(runs)}{eta}] {name} {qos} outbox {outbox}", file=sys.stderr, flush=True)
        status = run_one(name, qos, outbox, options, lines)
        if status not in (0, SKIPPED):
            failed.append(f"{name} {qos} {outbox}")
        known = results.Results(lines)
        known.write_table(directory / "fault-results.md")
    print(json.dumps({"runs": len(runs), "failed": failed}))
    print(f"table: {os.path.relpath(directory / 'fault-results.md')}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
