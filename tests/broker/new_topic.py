"""A topic that is created after the start is picked up within 2 s and read from its beginning, even with `latest`."""

import time

from clients import create_topic, produce, unique
from host import HostStub
from shared_broker import connect

NAME = unique("new")
RECORDS = 200
LIMIT_SECONDS = 2.0


def appears(bootstrap: str, stream, number: int) -> float:
    """Creates a topic, fills it at once, and returns after how many seconds all its records had arrived as events."""
    topic = f"acapy-inbound-{NAME}-{number}"
    before = len(stream.all())
    create_topic(bootstrap, topic)
    created = time.monotonic()
    produce(bootstrap, topic, [{"key": str(record), "value": str(record)} for record in range(RECORDS)])
    arrived = stream.wait_for(before + RECORDS, 20, f"records of the new topic {topic}")[before:]
    assert {event.topic for event in arrived} == {topic.replace("-", "::")}, arrived[0]
    assert sorted(int(event.payload) for event in arrived) == list(range(RECORDS)), "not from the beginning"
    return max(event.arrived for event in arrived) - created


with connect() as address:
    create_topic(address, f"acapy-inbound-{NAME}-0")
    config = {"bootstrap_servers": address, "consumer-config": {"group_id": NAME, "auto_offset_reset": "latest"},
              "inbound": {"topics": [f"^acapy-inbound-{NAME}-.*"]}}
    with HostStub(config) as host:
        events = host.events(f"^acapy::inbound::{NAME}::.*")
        took = [appears(address, events, number) for number in (1, 2, 3)]
print("seconds from creation to the last record:", ", ".join(f"{seconds:.2f}" for seconds in took))
assert max(took) <= LIMIT_SECONDS, f"slower than {LIMIT_SECONDS} s"
