"""100,000 records become 100,000 events, each once and in order; another 100,000 that came while the host was down
are worked off after the start from where its group had stopped."""

import time

from clients import committed, create_topic, produce, unique
from host import HostStub
from processes import wait_until
from shared_broker import connect

COUNT = 100_000
BATCH = 10_000  # the host keeps so many events, and more, for a reader that is slower than it
PARTITIONS = 4
NAME = unique("inmany")
KAFKA_TOPIC = f"acapy-inbound-{NAME}"


def records(first: int, count: int) -> list[dict]:
    return [{"value": str(number), "partition": number % PARTITIONS} for number in range(first, first + count)]


def check(events: list) -> None:
    last = [-1] * PARTITIONS
    for event in events:
        number = int(event.payload)
        partition = number % PARTITIONS
        assert last[partition] < number, f"partition {partition}: {number} after {last[partition]}"
        last[partition] = number
    assert len(events) == COUNT and sum(last) == 4 * COUNT - 10, f"{len(events)} events, the last are {last}"


def one_by_one(bootstrap: str, config: dict) -> None:
    with HostStub(config) as host:
        stream = host.events(f"^acapy::inbound::{NAME}$")
        began = time.monotonic()
        for first in range(0, COUNT, BATCH):
            produce(bootstrap, KAFKA_TOPIC, records(first, BATCH))
            stream.wait_for(first + BATCH, 30, "records as events")
        print(f"{COUNT} records produced and seen as events in {time.monotonic() - began:.1f} s")
        wait_until(lambda: committed(bootstrap, NAME, KAFKA_TOPIC, PARTITIONS) >= COUNT, 20, "the group's offsets")
        check(stream.all())


def backlog(bootstrap: str, config: dict) -> None:
    produce(bootstrap, KAFKA_TOPIC, records(COUNT, COUNT))
    began = time.monotonic()
    with HostStub(config) as host:
        done = lambda: host.metric("kafka_events_consumed_total", result="done")
        wait_until(lambda: done() >= COUNT, 60, "the backlog", 0.05)
        print(f"backlog of {COUNT} records worked off {time.monotonic() - began:.1f} s after the start")
        wait_until(lambda: committed(bootstrap, NAME, KAFKA_TOPIC, PARTITIONS) >= 2 * COUNT, 20, "the group's offsets")
        assert done() == COUNT, f"{done()} records instead of {COUNT}"


with connect() as address:
    create_topic(address, KAFKA_TOPIC, PARTITIONS)
    configuration = {"bootstrap_servers": address, "inbound": {"topics": [f"^{KAFKA_TOPIC}$"]},
                     "consumer-config": {"group_id": NAME, "auto_offset_reset": "earliest", "auto_commit_interval_ms": 200}}
    one_by_one(address, configuration)
    assert committed(address, NAME, KAFKA_TOPIC, PARTITIONS) == COUNT
    backlog(address, configuration)
    assert committed(address, NAME, KAFKA_TOPIC, PARTITIONS) == 2 * COUNT
print("each of them arrived once, in order, and is committed")
