"""The figures of benchmarks as JSON lines; of one figure on one kind of Kafka the latest counts."""

import json
import os
import re
from datetime import datetime, timezone
from pathlib import Path

LESS_IS_BETTER = ("ns", "us", "ms", "s", "bytes", "KB", "MB", "allocations", "instructions")  # "ns/event" as well


class History:
    """What instructions an event took, a line for each time that a figure had changed: so that a regression shows."""

    SAME = 0.005  # a run differs from another by less

    def __init__(self, lines: Path):
        self._lines = lines

    def take(self, figure: dict) -> None:
        before = [json.loads(line) for line in self._lines.read_text().splitlines()] if self._lines.exists() else []
        last = next((line for line in reversed(before) if line["bench"] == figure["bench"]), None)
        if last and abs(last["ours"] - figure["ours"]) <= self.SAME * last["ours"]:
            return
        with open(self._lines, "a") as file:
            file.write(json.dumps({"date": today(), "bench": figure["bench"], "ours": figure["ours"],
                                   **({"before": last["ours"]} if last else {})}) + "\n")


class Results:
    """What a file of lines holds, and what is merged into it. A figure that no program prints any more stays until
    somebody deletes its line."""

    def __init__(self, lines: Path):
        self._lines = lines
        self._latest: dict[tuple[str, str], dict] = {}
        if lines.exists():
            for line in lines.read_text().splitlines():
                self._take(json.loads(line))

    def merge(self, figure: dict) -> None:
        self._take({**figure, "date": today(), "machine": machine()})

    def save(self) -> None:
        """All or nothing: a run that is interrupted leaves the file as it was before or as it is now."""
        new = self._lines.with_suffix(".new")
        new.write_text("".join(json.dumps(figure) + "\n" for figure in self.figures()))
        new.replace(self._lines)

    def figures(self) -> list[dict]:
        return [self._latest[key] for key in sorted(self._latest, key=lambda key: natural(" ".join(key)))]

    def _take(self, figure: dict) -> None:
        self._latest[figure["bench"], kind_of_kafka(figure)] = figure


def today() -> str:
    return datetime.now(timezone.utc).date().isoformat()


def is_figure(value) -> bool:
    return isinstance(value, dict) and isinstance(value.get("bench"), str) and isinstance(value.get("ours"), (int, float))


def kind_of_kafka(figure: dict) -> str:
    return str(figure.get("conditions", {}).get("kafka", ""))


def ratio_of(figure: dict) -> tuple[float, float, float] | None:
    """The median and the lowest and highest of the pairs; above 1 is better than the reference. A program that has no pairs
    gives no ratio: then it is that of its two values."""
    if "ratio" in figure:
        return figure["ratio"], figure.get("ratio_min", figure["ratio"]), figure.get("ratio_max", figure["ratio"])
    ours, reference = figure["ours"], figure.get("reference")
    if not reference or ours <= 0:
        return None
    ratio = reference / ours if less_is_better(figure) else ours / reference
    return ratio, ratio, ratio


def less_is_better(figure: dict) -> bool:
    return figure.get("unit", "").partition("/")[0] in LESS_IS_BETTER and not figure.get("unit", "").endswith("/s")


def natural(text: str) -> list[tuple[int, str]]:
    """So that publish_1024 comes before publish_10240."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", text)]


def machine() -> str:
    model = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    count = os.cpu_count() or 1
    return f"{model[1].strip() if model else 'unknown processor'}, {count} processor{'s' if count != 1 else ''}"
