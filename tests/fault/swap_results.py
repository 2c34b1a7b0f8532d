"""The results of swap cases as JSON lines and as a Markdown table; of one case the latest counts."""

import json
from pathlib import Path

BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"
COLUMNS = ["case", "swaps", "events out", "records in", "lost", "doubled", "reordered", "publish p99.9 in swaps",
           "publish p99.9 always", "gap out (median, p95, max)", "the same without a swap", "gap in (median, p95, max)",
           "the same without a swap", "memory a swap", "threads, descriptors", "still mapped"]


class Results:
    def __init__(self, lines: Path):
        self._lines = lines
        self._latest: dict[str, dict] = {}
        if lines.exists():
            for line in lines.read_text().splitlines():
                result = json.loads(line)
                self._latest[result["case"]] = result

    def write_table(self, file: Path) -> None:
        """Into the place marked for it if the file has one; and only the latest lines are kept."""
        ordered = [self._latest[name] for name in sorted(self._latest)]
        if ordered:
            self._lines.write_text("".join(json.dumps(result) + "\n" for result in ordered))
        text = file.read_text() if file.exists() else f"# Swaps under load\n\n{BEGIN}\n{END}\n"
        before, _, rest = text.partition(BEGIN)
        _, _, after = rest.partition(END)
        file.write_text(f"{before}{BEGIN}\n{table(ordered)}{END}{after or chr(10)}")


def table(ordered: list[dict]) -> str:
    rows = [" | ".join(COLUMNS), " | ".join(["---"] + ["---:"] * (len(COLUMNS) - 1))]
    rows += [" | ".join(cells(result)) for result in ordered]
    text = "".join(f"| {row} |\n" for row in rows)
    for result in ordered:
        notes = [f"{name}: {value}" for name, value in result["notes"].items()]
        notes += [f"**{violation}**" for violation in result["violations"]]
        text += "".join(f"\n- {result['case']}: {note}" for note in notes)
    return text + ("\n" if text and not text.endswith("\n") else "")


def cells(result: dict) -> list[str]:
    directions = [result[name] for name in ("in", "out", "echo") if name in result]
    total = lambda name: f"{sum(counts[name] for counts in directions):,}"
    growth = result.get("growth", {})
    return [f"**{result['case']}** (broken)" if result["violations"] else result["case"], str(result["swaps_done"]),
            f"{result.get('out', {}).get('records', 0):,}", f"{result['in']['records']:,}", total("lost"), total("doubled"),
            total("reordered"), microseconds(result.get("publish_us_swap")), microseconds(result.get("publish_us")),
            milliseconds(result.get("gap_out_ms")), milliseconds(result.get("gap_out_ms_quiet")),
            milliseconds(result.get("gap_in_ms")), milliseconds(result.get("gap_in_ms_quiet")),
            f"{growth['malloc_bytes_per_swap']:,} B ({growth['resident_bytes_per_swap']:,} B resident)" if growth else "",
            f"{growth['threads']:+}, {growth['descriptors']:+}" if growth else "", str(result["still_mapped"])]


def microseconds(latency: dict | None) -> str:
    return f"{latency['p99.9']:,.0f} µs" if latency and latency["calls"] else ""


def milliseconds(gap: dict | None) -> str:
    return f"{gap['median']:g}, {gap['p95']:g}, {gap['max']:g} ms" if gap else ""
