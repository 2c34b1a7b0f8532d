"""Lost, doubled, reordered: what came out at the far ends, compared with what was put in."""

MEANINGS = {
    "lost": "of what went in, and never came out",
    "doubled": "came out twice",
    "reordered": "came out after a later one of its key",
    "corrupt": "with a wrong checksum or key",
    "alien": "came out, and never went in",
}


def compare(found: dict, put_in: list[int]) -> dict[str, int]:
    """A ledger's JSON (number_ledger.h) against the highest number of each key that went in."""
    behind = sum(max(0, wanted - last) for wanted, last in zip(put_in, found["last"]))
    beyond = sum(max(0, last - wanted) for wanted, last in zip(put_in, found["last"]))
    return {"records": found["records"], "lost": found["missing"] + behind, "doubled": found["doubled"],
            "reordered": found["reordered"], "corrupt": found["corrupt"], "alien": beyond}


def examples(direction: str, ledger: dict) -> list[str]:
    return [*(f"{direction}: {text} absent" for text in ledger.get("absent", [])[:5]),
            *(f"{direction}: {text}" for text in ledger["examples"])]


class SwapVerdict:
    """`report` of GET /load/report, `written` of the writer, `topic` the ledger of the topic that the events went to."""

    def __init__(self, report: dict, written: dict, topic: dict | None):
        self.examples: list[str] = []
        self.counts: dict[str, dict] = {"in": compare(report["receiver"]["ledger"], written["last"])}
        self.examples += examples("in", report["receiver"]["ledger"])
        self.sentences = [f"the harness's own writer failed: {written['first_failure']}"] if written["failed"] else []
        publisher = report.get("publisher")
        if publisher and topic is not None:
            self.counts["out"] = compare(topic, publisher["last"])
            self.examples += examples("out", topic)
            self._judge_completions(publisher, report["outstanding"])

    def _judge_completions(self, publisher: dict, outstanding: int) -> None:
        self.counts["published"] = publisher["published"]
        self.counts["busy"] = publisher["busy"]
        judged = {"silent": outstanding, "failed": publisher["failed"], "unheard": publisher["unheard"],
                  "completed twice": publisher["twice"], "refused by publish()": publisher["refused"],
                  "called busy after publish() took them": publisher["told_busy"] - publisher["busy"]}
        for what, count in judged.items():
            if count:
                why = f", the first because of: {publisher['first_failure']}" if what == "failed" else ""
                self.sentences.append(f"{count} published events {what}{why}")

    def violations(self, allowed: tuple[str, ...] = ()) -> list[str]:
        found = [f"{direction}: {counts[name]} {name} ({meaning})"
                 for direction in ("in", "out") if (counts := self.counts.get(direction))
                 for name, meaning in MEANINGS.items() if counts[name] and f"{direction} {name}" not in allowed]
        if found:
            found.append("such as " + ", ".join(self.examples[:10]))
        return found + self.sentences
