"""What a process holds: memory, threads, descriptors, mapped modules; and whether that grows from swap to swap."""

import os
import re
from pathlib import Path

MODULE = re.compile(r"kafka_events|agent-plugin")


def footprint(pid: int) -> dict[str, int]:
    status = Path(f"/proc/{pid}/status").read_text()
    figure = {name: int(re.search(rf"^{name}:\s+(\d+)", status, re.M)[1]) for name in ("VmRSS", "Threads")}
    return {"resident": figure["VmRSS"] * 1024, "threads": figure["Threads"],
            "descriptors": len(os.listdir(f"/proc/{pid}/fd")), "modules": len(mapped_modules(pid))}


def mapped_modules(pid: int) -> set[str]:
    """Files that look like a version of the plugin, by device and inode, each once however many segments it has."""
    found = set()
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        fields = line.split(maxsplit=5)
        if len(fields) == 6 and "x" in fields[1] and MODULE.search(fields[5]) and "swap_load" not in fields[5]:
            found.add(f"{fields[3]}:{fields[4]} {fields[5]}")
    return found


def slope(values: list[float]) -> float:
    """Growth from one to the next, by least squares."""
    count = len(values)
    if count < 2:
        return 0.0
    middle, mean = (count - 1) / 2, sum(values) / count
    above = sum((index - middle) * (value - mean) for index, value in enumerate(values))
    return above / sum((index - middle) ** 2 for index in range(count))


class Growth:
    """One sample after each swap; those of the warm-up do not count."""

    def __init__(self, warm_up: int):
        self._warm_up = warm_up
        self.samples: list[dict[str, int]] = []

    def add(self, pid: int, in_use: int) -> None:
        self.samples.append({**footprint(pid), "in_use": in_use})

    def result(self) -> dict[str, float]:
        counted = self.samples[self._warm_up:] or self.samples
        first, last = counted[0], counted[-1]
        return {"resident_bytes_per_swap": round(slope([sample["resident"] for sample in counted])),
                "malloc_bytes_per_swap": round(slope([sample["in_use"] for sample in counted])),
                "threads": last["threads"] - first["threads"], "descriptors": last["descriptors"] - first["descriptors"],
                "modules_mapped": max(sample["modules"] for sample in counted),
                "resident_mb": round(last["resident"] / 1e6, 1)}
