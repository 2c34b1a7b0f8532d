"""Two consumers, as of two versions of the module, hand a worker to each other under load: none of its records is lost,
comes twice or overtakes another, and with the client the membership in the group changes hands, as the broker saw it."""

import os
import re
import subprocess
from pathlib import Path

from clients import create_topic, unique
from kafka import KafkaBroker

PROGRAM = Path(os.environ.get("KAFKA_EVENTS_BUILD", "build/release")) / "bin" / "consumer_handover"
PARTITIONS = 4
# Medians. On a machine that does nothing else it is about 2 and 50 ms.
FAST_GAP_MS = 25
LONG_GAP_MS = 500


def run(bootstrap: str, scenario: str, rounds: int, rate: int = 5000) -> tuple[str, float]:
    """Returns the group and the median of the gaps."""
    name = unique(scenario.replace("_", ""))
    create_topic(bootstrap, name, PARTITIONS)
    command = [PROGRAM, bootstrap, scenario, name, name, str(rounds), str(rate)]
    result = subprocess.run(command, text=True, capture_output=True, timeout=120)
    print(f"-- {scenario}, {rounds} times\n{result.stdout.strip()}", flush=True)
    assert result.returncode == 0, result.stderr
    return name, float(re.search(r"gap +median ([0-9.]+)", result.stdout)[1])


def rebalances(broker: KafkaBroker, group: str) -> int:
    """Those that were caused while it was not empty. The first member's arrival counts, and the last one's leaving."""
    return len(re.findall(f"Preparing to rebalance group {group} in state", broker.log.read_text()))


with KafkaBroker(partitions=PARTITIONS) as broker:
    group, gap = run(broker.bootstrap, "fast", 100, 10_000)
    assert gap <= FAST_GAP_MS, f"the gap was {gap} ms"
    assert rebalances(broker, group) == 2, "the group saw more than the first one come and the last one leave"
    for scenario in ("retry", "at_most_once", "exactly_once"):
        group, _ = run(broker.bootstrap, scenario, 20)
        assert rebalances(broker, group) == 2, scenario
    for scenario in ("retry_long_way", "exactly_once_long_way", "fixed", "dynamic", "static"):
        group, gap = run(broker.bootstrap, scenario, 10)
        assert gap <= LONG_GAP_MS, f"{scenario}: the gap was {gap} ms"
    assert rebalances(broker, group) == 1, "static members came and went, and the group noticed"
print("consumers change hands")
