"""Records of two independent producers become events: topic, payload, key, headers as they were, in order per partition."""

import re

from clients import create_topic, kcat_produce, produce, unique
from host import HostStub
from shared_broker import connect

NAME = unique("in")
KAFKA_TOPIC = f"acapy-inbound-{NAME}"
TOPIC = f"acapy::inbound::{NAME}"
PARTITIONS = 4
PER_PARTITION = 250
NOT_UTF8 = b"\xff\x00\xfe"
HEADERS = [("b", b"1"), ("a", b"2"), ("b", b"3"), ("binary", NOT_UTF8), ("empty", b""), ("b", "4 · ü".encode())]


def check_headers(event, expected: list[tuple[str, bytes]]) -> None:
    """The plugin may add headers of its own (where the record came from); those of the record are there, in their order."""
    names = {name for name, _ in expected}
    assert [(name, value or b"") for name, value in event.headers if name in names] == expected, event.headers


def from_kcat(bootstrap: str, stream) -> None:
    headers = [("b", "1"), ("a", "2"), ("b", "3")]
    kcat_produce(bootstrap, KAFKA_TOPIC, "от kcat · 你好", "schlüssel", headers)
    [event] = stream.wait_for(1, 10, "the record of kcat")
    assert event.topic == TOPIC and event.key == "schlüssel".encode(), event
    assert event.payload == "от kcat · 你好".encode(), event
    check_headers(event, [(name, value.encode()) for name, value in headers])


def from_confluent(bootstrap: str, stream) -> None:
    before = len(stream.all())
    produce(bootstrap, KAFKA_TOPIC, [
        {"key": "k1", "value": '{"state": "aktiv"}', "headers": HEADERS, "partition": 0},
        {"key": NOT_UTF8, "value": NOT_UTF8, "partition": 0},
        {"value": "no key", "partition": 0},
    ])
    with_headers, binary, without_key = stream.wait_for(before + 3, 10, "the records of confluent-kafka")[before:]
    assert with_headers.key == b"k1" and with_headers.payload == '{"state": "aktiv"}'.encode(), with_headers
    check_headers(with_headers, HEADERS)
    assert binary.key == NOT_UTF8 and binary.payload == NOT_UTF8, binary
    assert without_key.key is None and without_key.payload == b"no key", without_key


def past_a_tombstone(bootstrap: str, stream) -> None:
    before = len(stream.all())
    produce(bootstrap, KAFKA_TOPIC, [{"key": "gone", "value": None, "partition": 1},
                                     {"key": "after", "value": "after", "partition": 1}])
    arrived = stream.wait_for(before + 2, 10, "a tombstone and the record after it")[before:]
    assert [(event.key, event.payload) for event in arrived] == [(b"gone", None), (b"after", b"after")], arrived


def in_order(bootstrap: str, stream) -> None:
    before = len(stream.all())
    produce(bootstrap, KAFKA_TOPIC, [{"value": f"{partition} {number}", "partition": partition}
                                     for number in range(PER_PARTITION) for partition in range(PARTITIONS)])
    arrived = stream.wait_for(before + PARTITIONS * PER_PARTITION, 20, "numbered records")[before:]
    for partition in range(PARTITIONS):
        numbers = [int(number) for where, number in (event.payload.split() for event in arrived) if int(where) == partition]
        assert numbers == list(range(PER_PARTITION)), f"partition {partition}: {numbers[:20]} …"
    ids = [event.id for event in stream.all()]
    assert len(set(ids)) == len(ids) and all(re.fullmatch(rf"{KAFKA_TOPIC}:\d:\d+", id) for id in ids), ids[:3]


with connect() as address:
    create_topic(address, KAFKA_TOPIC, PARTITIONS)
    config = {"bootstrap_servers": address, "consumer-config": {"group_id": NAME, "auto_offset_reset": "earliest"},
              "inbound": {"topics": [f"^{KAFKA_TOPIC}$"]}}
    with HostStub(config) as host:
        with_events = host.events(f"^{TOPIC}$")
        from_kcat(address, with_events)
        from_confluent(address, with_events)
        past_a_tombstone(address, with_events)
        in_order(address, with_events)
print("values, keys, headers and order agree")
