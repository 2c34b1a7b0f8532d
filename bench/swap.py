#!/usr/bin/env python3
"""bench_swap --bootstrap HOST:PORT: what a swap under load costs publishers and handlers, one JSON object a figure."""

import contextlib
import json
import statistics
import sys

from clients import create_topic
from swap_cases import CASES
from swap_run import SwapRun, Terms

SWAPS = 60
OUT_RATE, IN_RATE = 20_000, 10_000


class ExistingKafka(contextlib.AbstractContextManager):
    """Somebody else's broker, as SwapRun wants its cluster."""

    def __init__(self, bootstrap: str):
        self.bootstrap = bootstrap
        self.brokers: list = []

    def __exit__(self, *_) -> None:
        pass

    def create_topic(self, topic: str, partitions: int) -> None:
        create_topic(self.bootstrap, topic, partitions)


def figures(name: str, run: SwapRun, result: dict) -> list[tuple[str, float, float | None, str]]:
    """Name, ours, the same without a swap, unit."""
    pause = statistics.median(swap["pause_ms"] for swap in run.swaps)
    return [(f"{name}.publish_p99_9", result["publish_us_swap"]["p99.9"], result["publish_us"]["p99.9"], "us"),
            (f"{name}.gap_out_median", result["gap_out_ms"]["median"], result["gap_out_ms_quiet"]["median"], "ms"),
            (f"{name}.gap_in_median", result["gap_in_ms"]["median"], result["gap_in_ms_quiet"]["median"], "ms"),
            (f"{name}.pause_median", pause, None, "ms"),
            (f"{name}.memory", result["growth"]["malloc_bytes_per_swap"], None, "bytes")]


def main() -> int:
    bootstrap = sys.argv[sys.argv.index("--bootstrap") + 1]
    conditions = {"swaps": SWAPS, "out_per_second": OUT_RATE, "in_per_second": IN_RATE}
    for name in ("swap_fast", "swap_long"):
        with SwapRun(name, Terms(swaps=SWAPS, out_rate=OUT_RATE, in_rate=IN_RATE), cluster=ExistingKafka(bootstrap)) as run:
            result = CASES[name].body(run)
        if result["violations"]:
            print("; ".join(result["violations"]), file=sys.stderr)
            return 1
        for label, ours, reference, unit in figures(name, run, result):
            compared = {} if reference is None else {"reference": reference}
            print(json.dumps({"bench": label, "ours": ours, **compared, "unit": unit, "conditions": conditions}), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
