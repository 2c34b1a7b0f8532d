"""What a swap costs its neighbours, from the times that swap_load.so wrote: publish latency, and gaps between deliveries.

All times are of the steady clock, in seconds; `Span` is one swap from the beginning of quiesce to the end of release.
"""

import bisect
import statistics
from array import array
from dataclasses import dataclass
from pathlib import Path

SLOT_SECONDS = 0.01
INTERVAL_FLOOR_MS = 1.0  # shorter intervals are not in the files
CALL_FLOOR_US = 50.0


@dataclass(frozen=True)
class Span:
    begin: float
    end: float


class LongTimes:
    """Ends and durations, ascending by their end."""

    def __init__(self, files: list[Path]):
        pairs = []
        for file in files:
            numbers = array("q")
            numbers.frombytes(file.read_bytes())
            pairs += zip(numbers[0::2], numbers[1::2])
        pairs.sort()
        self.ends = [end / 1e9 for end, _ in pairs]
        self.durations = [duration / 1e9 for _, duration in pairs]

    def longest_over(self, span: Span) -> float:
        """Of those that lie in the span, or over one of its ends; 0: each is below the floor."""
        longest, index = 0.0, bisect.bisect_left(self.ends, span.begin)
        while index < len(self.ends) and self.ends[index] - self.durations[index] <= span.end:
            longest = max(longest, self.durations[index])
            index += 1
        return longest

    def begun_in(self, spans: list[Span]) -> list[float]:
        durations = []
        for span in spans:
            index = bisect.bisect_left(self.ends, span.begin)
            while index < len(self.ends) and self.ends[index] - self.durations[index] <= span.end:
                if self.ends[index] - self.durations[index] >= span.begin:
                    durations.append(self.durations[index])
                index += 1
        return durations


def quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def gaps(times: LongTimes, spans: list[Span]) -> dict[str, float]:
    """Milliseconds, of the longest interval between two deliveries in or over each span, the floor at least."""
    longest = [max(INTERVAL_FLOOR_MS, times.longest_over(span) * 1e3) for span in spans]
    return {name: round(quantile(longest, share), 2) for name, share in (("median", 0.5), ("p95", 0.95), ("max", 1.0))}


def between(spans: list[Span], last_end: float) -> list[Span]:
    """Spans of the same lengths without a swap: each in the middle of the time to the next one, if it fits there."""
    following = [*(span.begin for span in spans[1:]), last_end]
    quiet = []
    for span, until in zip(spans, following):
        length, room = span.end - span.begin, until - span.end
        if room > 3 * length + 0.02:
            begin = span.end + (room - length) / 2
            quiet.append(Span(begin, begin + length))
    return quiet


class PublishTimes:
    """Of publish(), by any thread."""

    def __init__(self, directory: Path, began_ns: int):
        self._long = LongTimes(sorted(directory.glob("publish.*.long")))
        self._began = began_ns / 1e9
        self._slots = [self._read(file) for file in sorted(directory.glob("publish.*.slots"))]

    @staticmethod
    def _read(file: Path) -> array:
        slots = array("I")
        slots.frombytes(file.read_bytes())
        return slots

    def _calls(self, span: Span) -> float:
        """About so many began in it."""
        total, place = 0.0, span.begin
        while place < span.end:
            index = int((place - self._began) / SLOT_SECONDS)
            until = min(span.end, self._began + (index + 1) * SLOT_SECONDS)
            share = max(1e-9, until - place) / SLOT_SECONDS
            total += share * sum(slots[index] for slots in self._slots if 0 <= index < len(slots))
            place = max(until, place + 1e-6)
        return total

    def latency(self, spans: list[Span] | None = None) -> dict[str, float]:
        """Microseconds; quantiles below the floor are given as the floor."""
        if spans is None:
            calls, durations = float(sum(sum(slots) for slots in self._slots)), list(self._long.durations)
        else:
            calls, durations = sum(self._calls(span) for span in spans), self._long.begun_in(spans)
        durations.sort(reverse=True)
        result = {"calls": round(calls)}
        for name, share in (("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)):
            beyond = int(calls * (1 - share))
            result[name] = round(durations[beyond] * 1e6) if beyond < len(durations) else CALL_FLOOR_US
        result["max"] = round(durations[0] * 1e6) if durations else CALL_FLOOR_US
        return result


def spans_of(swaps: list[dict]) -> list[Span]:
    """Of those that came so far. A report is kept with `offset`, what is to be added to its clock, and `returned`."""
    spans = []
    for swap in swaps:
        steps = [step for step in swap["steps"] if step["direction"] == "forward"]
        names = [step["name"] for step in steps]
        if "quiesce" not in names or "release" not in names:
            continue
        chosen = steps[names.index("quiesce"):names.index("release") + 1]
        if "began_us" in swap and "at_ms" in chosen[0]:
            began = swap["began_us"] / 1e6 + swap["offset"]
            end_ms = chosen[-1]["at_ms"] + chosen[-1]["milliseconds"]
            spans.append(Span(began + chosen[0]["at_ms"] / 1e3, began + end_ms / 1e3))
        else:
            spans.append(Span(swap["active_at"] - sum(step["milliseconds"] for step in chosen) / 1e3, swap["active_at"]))
    return sorted(spans, key=lambda span: span.begin)


def median_steps(swaps: list[dict]) -> dict[str, float]:
    """Milliseconds of each step forward, and of the pause."""
    steps: dict[str, list[float]] = {}
    for swap in swaps:
        steps.setdefault("pause", []).append(swap["pause_ms"])
        for step in swap["steps"]:
            if step["direction"] == "forward":
                steps.setdefault(step["name"], []).append(step["milliseconds"])
    return {name: round(statistics.median(values), 2) for name, values in steps.items()}


def measure(directory: Path, report: dict, swaps: list[dict], loaded: tuple[float, float]) -> dict:
    """All figures of a run, whose load went from `loaded[0]` to `loaded[1]`."""
    spans = spans_of(swaps)
    quiet = between(spans, loaded[1])
    if not swaps:  # what is not disturbed: as if there had been swaps, two a second
        ends = [loaded[1] - 2 - 0.5 * number for number in range(2 * int(loaded[1] - loaded[0] - 3))]
        quiet = spans = [Span(end - 0.03, end) for end in reversed(ends)]
    result: dict = {"step_ms": median_steps(swaps)}
    publisher = report.get("publisher")
    if publisher and publisher["began_ns"]:
        calls = PublishTimes(directory, publisher["began_ns"])
        completions = LongTimes([directory / "completions.long"])
        result |= {"publish_us": calls.latency(), "publish_us_swap": calls.latency(spans),
                   "gap_out_ms": gaps(completions, spans), "gap_out_ms_quiet": gaps(completions, quiet)}
    if report["receiver"]["received"]:
        received = LongTimes([directory / "received.long"])
        result |= {"gap_in_ms": gaps(received, spans), "gap_in_ms_quiet": gaps(received, quiet)}
    return result
