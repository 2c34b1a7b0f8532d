"""Events become records whose value, key, headers and partition two independent consumers read as they were published."""

import base64
import json

from clients import consume, kcat_consume, unique
from host import HostStub
from shared_broker import connect

NAME = unique("out")
TOPIC = f"acapy::outbound::{NAME}"
KAFKA_TOPIC = f"acapy-outbound-{NAME}"
TENANTS = ["11111111-0000-4000-8000-000000000001", "22222222-0000-4000-8000-000000000002", "Zürich ✓"]
EVERY_OCTET = bytes(range(256))

EVENTS = [
    {"topic": TOPIC, "tenant": TENANTS[0], "payload": {"a": [1, True, None, "ä"], "text": "línea\n\"q\""}},
    {"topic": TOPIC, "tenant": TENANTS[0], "payload": "текст · 文字 · 🙂", "headers": {"id": "abc", "note": "grün", "empty": ""}},
    {"topic": TOPIC, "tenant": TENANTS[1], "payload_base64": base64.b64encode(EVERY_OCTET).decode()},
    {"topic": TOPIC, "tenant": TENANTS[1], "payload": "", "headers": {"z": "1", "a": "2", "m": "3"}},
    {"topic": TOPIC, "tenant": TENANTS[2], "payload": [1, 2, 3], "headers": [
        {"name": "twice", "value": "first"}, {"name": "binary", "value_base64": "/wD+"}, {"name": "twice", "value": "second"}]},
    {"topic": TOPIC, "tenant": TENANTS[2], "key": "a key of its own", "payload": 42},
    {"topic": TOPIC, "tenant": TENANTS[2], "payload": None},  # a tombstone
]


def expected_value(event: dict) -> bytes | None:
    if "payload_base64" in event:
        return base64.b64decode(event["payload_base64"])
    payload = event["payload"]
    if payload is None:
        return None
    return (payload if isinstance(payload, str) else json.dumps(payload, ensure_ascii=False, separators=(",", ":"))).encode()


def expected_key(event: dict) -> bytes:
    return event.get("key", event["tenant"]).encode()


def expected_headers(event: dict) -> list[tuple[str, bytes]]:
    """The event's own; before them the tenant, if the key does not say it."""
    headers = event.get("headers", {})
    if isinstance(headers, dict):
        headers = [{"name": name, "value": value} for name, value in headers.items()]
    own = [(header["name"], base64.b64decode(header["value_base64"]) if "value_base64" in header else header["value"].encode())
           for header in headers]
    return ([("agent-tenant", event["tenant"].encode())] if "key" in event else []) + own


def check_confluent(records: list) -> dict[bytes, tuple[int, int]]:
    """Returns where each value lies: partition and offset."""
    by_value = {record.value(): record for record in records}
    for event in EVENTS:
        record = by_value.get(expected_value(event))
        assert record is not None, f"no record holds {expected_value(event)!r}, there are {list(by_value)}"
        assert record.key() == expected_key(event), (event, record.key())
        assert (record.headers() or []) == expected_headers(event), (event, record.headers())
    partitions = {}
    for record in records:
        assert partitions.setdefault(record.key(), record.partition()) == record.partition(), f"{record.key()} is spread"
    return {value: (record.partition(), record.offset()) for value, record in by_value.items()}


def check_kcat(places: dict[bytes, tuple[int, int]]) -> None:
    by_place = {(record["partition"], record["offset"]): record for record in kcat_consume(KAFKA_BOOTSTRAP, KAFKA_TOPIC)}
    for event in EVENTS:
        if "payload_base64" in event or isinstance(event.get("headers"), list):
            continue  # kcat writes JSON, which has no way to say 0xff
        record = by_place[places[expected_value(event)]]
        assert (record["payload"] or "") == (expected_value(event) or b"").decode(), record
        assert record["key"].encode() == expected_key(event), record
        names_and_values = [text for name, value in expected_headers(event) for text in (name, value.decode())]
        assert record.get("headers", []) == names_and_values, record


def check_status_events(status_events: list, results: list[dict], places: dict[bytes, tuple[int, int]]) -> None:
    by_source = {status.header("event-id"): status for status in status_events}
    assert len(by_source) == len(status_events) == len(EVENTS), [status.headers for status in status_events]
    for event, result in zip(EVENTS, results):
        status = by_source[result["id"]]
        where = (int(status.header("kafka-partition")), int(status.header("kafka-offset")))
        assert status.header("kafka-topic") == KAFKA_TOPIC, status
        assert where == places[expected_value(event)], (event, where)
        assert status.payload == expected_value(event) and status.tenant == event["tenant"], status


def check_topic_that_cannot_be_undone(host: HostStub) -> None:
    host.publish_all([{"topic": f"{TOPIC}::present-proof", "tenant": "t", "payload": "x"}])
    [record] = consume(KAFKA_BOOTSTRAP, f"{KAFKA_TOPIC}-present-proof", 1)
    assert ("agent-topic", f"{TOPIC}::present-proof".encode()) in (record.headers() or []), record.headers()


with connect() as KAFKA_BOOTSTRAP:
    config = {"bootstrap_servers": KAFKA_BOOTSTRAP, "consumer-config": {"group_id": NAME},
              "inbound": {"topics": [f"^acapy-inbound-{NAME}.*"]}}
    with HostStub(config) as stub:
        stream = stub.events(f"^{TOPIC}::sent_to_external_queue$")
        delivered = stub.publish_all(EVENTS)
        found = check_confluent(consume(KAFKA_BOOTSTRAP, KAFKA_TOPIC, len(EVENTS)))
        check_kcat(found)
        check_status_events(stream.wait_for(len(EVENTS), 10, "status events"), delivered, found)
        check_topic_that_cannot_be_undone(stub)
print(f"{len(EVENTS)} events: values, keys, headers, partitions and status events agree")
