#!/usr/bin/env python3
"""bench.py DIRECTORY [NAME…] [OPTION…]: runs its programs bench_NAME, all of them without names.

Each program prints one JSON object a figure; without --json they are shown as lines for people. All share one Kafka, which is
replaced after a program that failed: it might have left it with work to do.
"""

import argparse
import contextlib
import json
import subprocess
import sys
import threading
from pathlib import Path

from cache import ROOT, SupportError
from kafka import KafkaBroker
from processes import die_with_parent

sys.path.append(str(ROOT / "bench"))
import results_page  # noqa: E402
from results import History, Results, is_figure  # noqa: E402

PROGRAM_SECONDS = 7200  # then it hangs
NEEDS_KAFKA = ("bench_swap",)  # starts no mock cluster


class SharedKafka(contextlib.AbstractContextManager):
    """Started for the first program that needs it."""

    def __init__(self):
        self._broker: KafkaBroker | None = None

    def __exit__(self, *_) -> None:
        self.throw_away()

    def bootstrap(self) -> str:
        if self._broker and self._broker.process.poll() is not None:
            self.throw_away()
        if not self._broker:
            self._broker = KafkaBroker().__enter__()
        return self._broker.bootstrap

    def throw_away(self) -> None:
        if self._broker:
            self._broker.close()
        self._broker = None


class Record:
    """The page of results and what it is made from; nothing at all without --record."""

    def __init__(self, wanted: bool):
        self._results = Results(results_page.DOCS / results_page.LINES) if wanted else None
        self._history = History(results_page.DOCS / "bench-instructions.jsonl")

    def take(self, figure) -> None:
        if self._results and is_figure(figure):
            self._results.merge(figure)
            self._results.save()
            if figure.get("unit") == "instructions/event":
                self._history.take(figure)

    def write_page(self) -> None:
        if self._results:
            results_page.write(results_page.DOCS, self._results)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench", description="Benchmarks: each figure beside its reference, in one run.")
    parser.add_argument("directory", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("names", nargs="*", metavar="NAME", help="programs (bench_NAME); all of them without")
    parser.add_argument("--json", action="store_true", help="the figures as JSON, one a line")
    parser.add_argument("--mock", action="store_true", help="librdkafka's mock cluster instead of a real Kafka")
    parser.add_argument("--record", action="store_true", help="write docs/bench-results.md anew with these figures")
    passed_on = parser.add_argument_group("for the programs")
    passed_on.add_argument("--only", metavar="TEXT", help="only figures whose name contains it")
    passed_on.add_argument("--count", metavar="EVENTS", help="events a run")
    passed_on.add_argument("--pairs", metavar="N", help="runs of the reference and of ours")
    return parser.parse_intermixed_args()


def programs(directory: Path, names: list[str]) -> list[Path]:
    there = {path.name.removeprefix("bench_"): path for path in sorted(directory.glob("bench_*"))}
    unknown = [name for name in names if name not in there]
    if unknown or not there:
        raise SupportError(f"no benchmark {', '.join(unknown)}; there are: {', '.join(there) or 'none'}")
    return [there[name] for name in names] if names else list(there.values())


def parsed(line: str):
    try:
        return json.loads(line)
    except ValueError:
        return None


def show(line: str, figure, as_json: bool) -> None:
    if as_json or not isinstance(figure, dict):
        print(line, end="", flush=True)
        return
    numbers = {name: figure[name] for name in ("ours", "reference", "ratio", "ratio_min", "ratio_max") if name in figure}
    print(f"{figure.get('bench', '?'):28}", *(f"{name} {value:,.6g}" for name, value in numbers.items()),
          figure.get("unit", ""), *(f"{name}={value}" for name, value in figure.get("conditions", {}).items()), flush=True)


def command(program: Path, options: argparse.Namespace, kafka: SharedKafka) -> list[str]:
    passed_on = [word for name in ("only", "count", "pairs") if getattr(options, name)
                 for word in (f"--{name}", getattr(options, name))]
    return [str(program), "--json", *([] if options.mock else ["--bootstrap", kafka.bootstrap()]), *passed_on]


def run(words: list[str], as_json: bool, record: Record) -> int:
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                          preexec_fn=die_with_parent()) as process:
        deadline = threading.Timer(PROGRAM_SECONDS, process.kill)
        deadline.start()
        try:
            for line in process.stdout:
                figure = parsed(line)
                show(line, figure, as_json)
                record.take(figure)
        finally:
            deadline.cancel()
    return process.returncode


def run_all(options: argparse.Namespace) -> list[str]:
    """The names of those that failed."""
    wanted, failed, record = programs(options.directory, options.names), [], Record(options.record)
    with SharedKafka() as kafka, contextlib.ExitStack() as at_the_end:
        at_the_end.callback(record.write_page)
        for number, program in enumerate(wanted, 1):
            if sys.stderr.isatty():
                print(f"[{number}/{len(wanted)}] {program.name}", file=sys.stderr, flush=True)
            if options.mock and program.name in NEEDS_KAFKA:
                print(f"{program.name} needs a real Kafka: left out", file=sys.stderr)
            elif run(command(program, options, kafka), options.json, record) != 0:
                failed.append(program.name)
                kafka.throw_away()
    return failed


def main() -> int:
    try:
        failed = run_all(arguments())
    except SupportError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        return 130
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
