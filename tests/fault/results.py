"""The results of cases as JSON lines and as a Markdown table; of one case, qos and outbox mode the latest counts."""

import json
from pathlib import Path

BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"
COLUMNS = ["case", "qos", "outbox", "brokers", "faults", "published", "taken", "records", "lost", "doubled", "reordered",
           "corrupt", "lies", "silent", "refused", "maybe_written", "late", "unknown", "resident_mb", "seconds"]
TEXT_COLUMNS = 3


class Results:
    def __init__(self, lines: Path):
        self._lines = lines
        self._latest: dict[tuple[str, str, str], dict] = {}
        if lines.exists():
            for line in lines.read_text().splitlines():
                result = json.loads(line)
                self._latest[result["case"], result["qos"], result["outbox"]] = result

    def holds(self, case: str, qos: str, outbox: str) -> bool:
        return (case, qos, outbox) in self._latest

    def write_table(self, file: Path) -> None:
        """Into the place marked for it if the file has one; and only the latest lines are kept."""
        ordered = [self._latest[key] for key in sorted(self._latest)]
        if ordered:
            self._lines.write_text("".join(json.dumps(result) + "\n" for result in ordered))
        text = file.read_text() if file.exists() else f"# Fault cases\n\n{BEGIN}\n{END}\n"
        before, _, rest = text.partition(BEGIN)
        _, _, after = rest.partition(END)
        file.write_text(f"{before}{BEGIN}\n{table(ordered)}{END}{after or chr(10)}")


def table(ordered: list[dict]) -> str:
    rows = [" | ".join(COLUMNS), " | ".join(["---"] * TEXT_COLUMNS + ["---:"] * (len(COLUMNS) - TEXT_COLUMNS))]
    rows += [" | ".join(cell(result, column) for column in COLUMNS) for result in ordered]
    text = "".join(f"| {row} |\n" for row in rows)
    noted = [result for result in ordered if result["notes"] or result["violations"]]
    for result in noted:
        notes = [f"{name} {value}" for name, value in result["notes"].items()]
        notes += [f"**{violation}**" for violation in result["violations"]]
        text += f"\n- {result['case']}, {result['qos']}, outbox {result['outbox']}: {'; '.join(notes)}"
    return text + ("\n" if noted else "")


def cell(result: dict, column: str) -> str:
    value = result[column]
    text = f"{value:,}" if isinstance(value, int) else str(value)
    if column == "case" and result["violations"]:
        return f"**{text}** (broken)"
    return text
