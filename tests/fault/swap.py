#!/usr/bin/env python3
"""swap.py [CASE…] [--full]: runs the swap cases, one program each, and writes what was counted and measured.

Short runs (30 swaps) leave their table in the build directory; --full (500 swaps, 100 the long way, hours) in docs/.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from cache import ROOT
from host import build_directory
from processes import die_with_parent
from swap_case import CASES
from swap_results import Results

TIMEOUT_SECONDS = {False: 400, True: 7200}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="dev swap", description="Swaps of the running plugin under load, with a ledger.",
                                     epilog="Cases: " + ", ".join(CASES))
    parser.add_argument("case", nargs="*", help="only these")
    parser.add_argument("--full", action="store_true", help="500 swaps; the table goes to docs/swap-results.md")
    parser.add_argument("--list", action="store_true", help="the cases, and what each does")
    options = parser.parse_args()
    unknown = [name for name in options.case if name not in CASES]
    if unknown:
        parser.error(f"no case {', '.join(unknown)}; there are: {', '.join(CASES)}")
    return options


def run_one(name: str, full: bool, lines: Path) -> int:
    program = Path(__file__).with_name("swap_case.py")
    command = [sys.executable, str(program), name, "--json", str(lines), *(["--full"] if full else [])]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          preexec_fn=die_with_parent()) as process:
        try:
            output, _ = process.communicate(timeout=TIMEOUT_SECONDS[full])
        except subprocess.TimeoutExpired:
            process.terminate()  # it cleans up
            output, _ = process.communicate()
            output += "\nit did not end in time"
    print(output, flush=True)
    return process.returncode


def main() -> int:
    options = arguments()
    if options.list:
        for name, case in CASES.items():
            print(f"{name:26}{case.summary}")
        return 0
    directory = ROOT / "docs" if options.full else build_directory() / "swap"
    directory.mkdir(parents=True, exist_ok=True)
    lines = directory / "swap-results.jsonl"
    chosen, failed = options.case or list(CASES), []
    for number, name in enumerate(chosen, 1):
        print(f"[{number}/{len(chosen)}] {name}", file=sys.stderr, flush=True)
        if run_one(name, options.full, lines) != 0:
            failed.append(name)
        Results(lines).write_table(directory / "swap-results.md")
    print(json.dumps({"runs": len(chosen), "failed": failed}))
    print(f"table: {os.path.relpath(directory / 'swap-results.md')}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
