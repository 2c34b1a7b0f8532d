#!/usr/bin/env python3
"""bench.py DIRECTORY [NAME…] [--json]: runs its programs bench_NAME, each with a fresh Kafka; all of them without names.

Each program prints one JSON object a figure; without --json they are shown as lines for people.
"""

import json
import subprocess
import sys
from pathlib import Path

from cache import SupportError
from kafka import KafkaBroker
from processes import die_with_parent


def programs(directory: Path, names: list[str]) -> list[Path]:
    there = {path.name.removeprefix("bench_"): path for path in sorted(directory.glob("bench_*"))}
    unknown = [name for name in names if name not in there]
    if unknown or not there:
        raise SupportError(f"no benchmark {', '.join(unknown)}; there are: {', '.join(there) or 'none'}")
    return [there[name] for name in names] if names else list(there.values())


def show(line: str, as_json: bool) -> None:
    try:
        figure = json.loads(line)
    except ValueError:
        figure = None
    if as_json or not isinstance(figure, dict):
        print(line, end="", flush=True)
        return
    numbers = {name: figure[name] for name in ("ours", "reference", "ratio", "ratio_min", "ratio_max") if name in figure}
    print(f"{figure.get('bench', '?'):28}", *(f"{name} {value:,.6g}" for name, value in numbers.items()),
          figure.get("unit", ""), *(f"{name}={value}" for name, value in figure.get("conditions", {}).items()), flush=True)


def run(program: Path, as_json: bool) -> int:
    with KafkaBroker() as broker:
        command = [str(program), "--bootstrap", broker.bootstrap]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                              preexec_fn=die_with_parent()) as process:
            for line in process.stdout:
                show(line, as_json)
        return process.returncode


def main() -> int:
    names = [argument for argument in sys.argv[2:] if argument != "--json"]
    try:
        failed = [program.name for program in programs(Path(sys.argv[1]), names) if run(program, "--json" in sys.argv)]
    except SupportError as error:
        sys.exit(str(error))
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
