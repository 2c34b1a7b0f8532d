"""100,000 events become 100,000 records: none lost, none twice, in order for each tenant."""

import subprocess
import time

from clients import consume, create_topic, unique
from host import HostStub
from shared_broker import connect

COUNT = 100_000
TENANTS = [f"wallet-{number:02}" for number in range(16)]
NAME = unique("outmany")
KAFKA_TOPIC = f"acapy-outbound-{NAME}"


def events() -> list[dict]:
    return [{"topic": f"acapy::outbound::{NAME}", "tenant": TENANTS[number % len(TENANTS)], "payload": {"n": number}}
            for number in range(COUNT)]


def check(records: list) -> None:
    assert len(records) == COUNT, len(records)
    last = {}
    numbers = set()
    for record in records:
        number = int(record.value()[5:-1])
        tenant = TENANTS[number % len(TENANTS)]
        assert record.key() == tenant.encode(), record.key()
        assert last.get(tenant, -1) < number, f"{tenant}: {number} after {last[tenant]}"
        last[tenant] = number
        numbers.add(number)
    assert len(numbers) == COUNT, f"{COUNT - len(numbers)} events are missing"


def kcat_count(bootstrap: str) -> int:
    reader = subprocess.run(["kcat", "-C", "-b", bootstrap, "-t", KAFKA_TOPIC, "-o", "beginning", "-e", "-q", "-f", "%p\\n"],
                            stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=60)
    return reader.stdout.count(b"\n")


with connect() as bootstrap:
    create_topic(bootstrap, KAFKA_TOPIC)
    config = {"bootstrap_servers": bootstrap, "consumer-config": {"group_id": NAME},
              "inbound": {"topics": [f"^acapy-inbound-{NAME}.*"]}}
    with HostStub(config) as host:
        began = time.monotonic()
        host.publish_all(events())
        print(f"{COUNT} events published and acknowledged in {time.monotonic() - began:.1f} s")
        check(consume(bootstrap, KAFKA_TOPIC, COUNT))
        assert host.metric("kafka_events_produced_total", result="delivered") == COUNT
    assert kcat_count(bootstrap) == COUNT
print("each of them is there once, in order")
