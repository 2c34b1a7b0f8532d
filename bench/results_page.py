#!/usr/bin/env python3
"""results_page.py: docs/bench-results.md and its plots anew from docs/bench-results.jsonl. `./dev bench --record` does it too."""

from pathlib import Path

import conditions
import plots
from families import Family, by_family
from results import Results, ratio_of

DOCS = Path(__file__).resolve().parent.parent / "docs"
LINES, PAGE, PLOTS = "bench-results.jsonl", "bench-results.md", "bench"
HEAD = """# What was measured

<!-- Made by `./dev bench --record` from bench-results.jsonl; the words are in bench/results_page.py and bench/families.py. -->

Measured by `./dev bench --record` (programs: `bench/`), which takes long: it builds, starts a real Apache Kafka on this machine,
runs every program, and writes this page anew from [bench-results.jsonl](bench-results.jsonl). `./dev bench --record publish latency`
measures these programs only and leaves the other figures as they are; `--only TEXT` measures figures whose name has that text;
`--mock` takes librdkafka's mock cluster instead of Kafka. Nothing else should run meanwhile.

A program runs its reference and ours in turn within one run, after a pair that does not count, so that what the machine does by
itself meets both. **Ratio** is the median of these pairs, with the lowest and the highest; **above 1 is better than the reference**,
whatever the unit: twice the events a second is 2, and so is half the time. Without a reference there is only a value. The broker, the
host, the load and whoever reads back share the processors, so the values are those of this machine and the ratios the better
guide. Processor time does not depend on what else the machine does.
"""


def write(docs: Path, results: Results) -> None:
    """The page and its plots; plots of families that are gone are removed."""
    groups = by_family(results.figures())
    folder = docs / PLOTS
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {folder / f"{family.name}.svg": plots.plot(family.title, figures) for family, figures in groups}
    for old in set(folder.glob("*.svg")) - set(wanted):
        old.unlink()
    for file, text in wanted.items():
        file.write_text(text)
    (docs / PAGE).write_text(HEAD + "".join(section(family, figures) for family, figures in groups))


def section(family: Family, figures: list[dict]) -> str:
    common = conditions.shared(figures)
    said = conditions.sentence(common)
    return (f"\n## {family.title}\n\n{family.words}\n\n" + (f"{said[0].upper()}{said[1:]}.\n\n" if said else "") +
            f"![{family.title}: {plots.what(figures)}]({PLOTS}/{family.name}.svg)\n\n{table(figures)}{notes(figures, common)}")


def table(figures: list[dict]) -> str:
    columns = {"figure": [label(figure, figures) for figure in figures], "unit": [figure.get("unit", "") for figure in figures],
               "ours": [number(figure["ours"]) for figure in figures],
               "reference": [number(figure.get("reference")) for figure in figures],
               "ratio (lowest to highest)": [ratio(figure) for figure in figures],
               "added": [added(figure) for figure in figures],
               "processor time an event, ours and reference": [processor_time(figure) for figure in figures]}
    shown = {name: cells for name, cells in columns.items() if any(cells)}
    text_columns = ("figure", "unit")
    rows = [list(shown), ["---" if name in text_columns else "---:" for name in shown], *zip(*shown.values())]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def notes(figures: list[dict], common: dict) -> str:
    """The conditions that not all share, once for the figures that have the same."""
    groups: dict[str, list[str]] = {}
    for figure in figures:
        groups.setdefault(conditions.rest(figure, common), []).append(label(figure, figures))
    lines = [f"- {', '.join(labels)}: {said}\n" for said, labels in groups.items() if said]
    return "\n" + "".join(lines) if lines else ""


def label(figure: dict, beside: list[dict]) -> str:
    return plots.name(figure, beside).replace(figure["bench"], f"`{figure['bench']}`", 1)


def number(value: float | None) -> str:
    return "" if value is None else plots.short(value)


def ratio(figure: dict) -> str:
    found = ratio_of(figure)
    if not found:
        return ""
    middle, lowest, highest = map(number, found)
    return f"**{middle}**" + (f" ({lowest} to {highest})" if lowest != highest else "")


def added(figure: dict) -> str:
    value = figure.get("conditions", {}).get("added_us")
    return f"{value:+,.0f} us" if isinstance(value, (int, float)) else ""


def processor_time(figure: dict) -> str:
    found = figure.get("conditions", {})
    return f"{found['cpu_ns_ours']:,} / {found['cpu_ns_reference']:,} ns" if "cpu_ns_ours" in found else ""


if __name__ == "__main__":
    write(DOCS, Results(DOCS / LINES))
