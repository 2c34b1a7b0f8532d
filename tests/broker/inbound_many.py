"""100,000 records become 100,000 events: none lost, none twice, in order, and the group's offsets say so."""

import time

from clients import committed, create_topic, produce, unique
from host import HostStub
from processes import wait_until
from shared_broker import connect

COUNT = 100_000
PARTITIONS = 4
NAME = unique("inmany")
KAFKA_TOPIC = f"acapy-inbound-{NAME}"


def check(events: list) -> None:
    last = [-1] * PARTITIONS
    numbers = set()
    for event in events:
        number = int(event.payload)
        partition = number % PARTITIONS
        assert last[partition] < number, f"partition {partition}: {number} after {last[partition]}"
        last[partition] = number
        numbers.add(number)
    assert len(events) == len(numbers) == COUNT, f"{len(events)} events of {len(numbers)} records"


with connect() as bootstrap:
    create_topic(bootstrap, KAFKA_TOPIC, PARTITIONS)
    config = {"bootstrap_servers": bootstrap, "inbound": {"topics": [f"^{KAFKA_TOPIC}$"]},
              "consumer-config": {"group_id": NAME, "auto_offset_reset": "earliest", "auto_commit_interval_ms": 200}}
    with HostStub(config) as host:
        stream = host.events(f"^acapy::inbound::{NAME}$")
        began = time.monotonic()
        produce(bootstrap, KAFKA_TOPIC, [{"value": str(number), "partition": number % PARTITIONS} for number in range(COUNT)])
        events = stream.wait_for(COUNT, 60, "records as events")
        print(f"{COUNT} records produced and seen as events in {time.monotonic() - began:.1f} s")
        wait_until(lambda: committed(bootstrap, NAME, KAFKA_TOPIC, PARTITIONS) >= COUNT, 20, "the group's offsets")
        check(stream.all())
    assert committed(bootstrap, NAME, KAFKA_TOPIC, PARTITIONS) == COUNT
print("each of them arrived once, in order, and is committed")
