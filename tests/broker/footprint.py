"""Host and plugin with a broker present: exec to ready within 300 ms, at most 30 MB resident when idle."""

import statistics

from clients import unique
from host import HostStub
from processes import wait_until
from shared_broker import connect

STARTS = 5
READY_MS = 300
RESIDENT_MB = 30


def measure(bootstrap: str) -> tuple[float, float]:
    name = unique("footprint")
    config = {"bootstrap_servers": bootstrap, "consumer-config": {"group_id": name},
              "inbound": {"topics": [f"^acapy-inbound-{name}.*"]}}
    with HostStub(config) as host:
        wait_until(lambda: host.ready_status() == 200, 20, "/status/ready")
        return host.ready_after * 1000, host.resident_bytes() / 1e6


with connect() as address:
    ready, resident = zip(*(measure(address) for _ in range(STARTS)))
print("exec to ready, ms:", ", ".join(f"{value:.0f}" for value in ready))
print("resident, MB:", ", ".join(f"{value:.1f}" for value in resident))
assert statistics.median(ready) <= READY_MS, f"median over {READY_MS} ms"
assert statistics.median(resident) <= RESIDENT_MB, f"median over {RESIDENT_MB} MB"
