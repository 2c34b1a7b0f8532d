"""What the Avro tests share: confluent-kafka's serializers as the other side, and a host with codec avro."""

import json
import struct

from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from event_stream import EventStream
from host import HostStub
from processes import wait_until
from registry import SchemaRegistry


class Confluent:
    """The serializers that most of the world writes and reads Avro with."""

    def __init__(self, registry: SchemaRegistry):
        self._client = SchemaRegistryClient({"url": registry.url})
        self._readers = {}

    def write(self, topic: str, schema: dict | str | list, value, field: str = MessageField.VALUE) -> bytes:
        """Registers the schema under the topic's subject if it is not there."""
        return self.writer(schema)(value, SerializationContext(topic, field))

    def writer(self, schema, **settings) -> AvroSerializer:
        return AvroSerializer(self._client, schema if isinstance(schema, str) else json.dumps(schema), conf=settings or None)

    def read(self, topic: str, data: bytes, reader_schema: dict | None = None, field: str = MessageField.VALUE):
        text = json.dumps(reader_schema) if reader_schema else None
        reader = self._readers.setdefault(text, AvroDeserializer(self._client, text))
        return reader(data, SerializationContext(topic, field))


def schema_id(data: bytes) -> int:
    magic, number = struct.unpack(">bI", data[:5])
    assert magic == 0, data[:5]
    return number


def config(bootstrap: str, registry: SchemaRegistry, group: str, routes: list[dict], inbound: dict | None = None,
           workers: list[dict] | None = None, **registry_settings) -> dict:
    """Routes and workers get codec avro unless they say otherwise."""
    result = {
        "bootstrap_servers": bootstrap, "consumer-config": {"group_id": group, "auto_offset_reset": "earliest"},
        "schema_registry": {"url": registry.url, **registry_settings},
        "loop_guard": {"accept_own": True},  # some tests read what the host itself has written
        "inbound": {"codec": "avro", **(inbound or {"topics": []})},
        "outbound": [{"codec": "avro", **route} for route in routes],
    }
    if workers:
        result["workers"] = [{"codec": "avro", **worker} for worker in workers]
    return result


def publish(host: HostStub, events: list[dict]) -> list[dict]:
    """Until all are delivered: an event whose schema is still being asked for is refused for now."""
    results = {}

    def attempt() -> bool:
        left = [number for number in range(len(events)) if number not in results]
        for number, result in zip(left, host.publish([events[number] for number in left])):
            if result["outcome"] == "done":
                results[number] = result
            else:
                attempt.last = result
        return len(results) == len(events)

    attempt.last = None
    wait_until(attempt, 30, f"delivery of {len(events)} events", 0.1, lambda: f"(the last failure: {attempt.last}) {host.log()}")
    return [results[number] for number in range(len(events))]


def refused(host: HostStub, stream: EventStream, event: dict, words: tuple[str, ...]) -> str:
    """Publishes an event that never fits, until an undeliverable event says so in these words, and returns the reason."""
    reasons = []

    def attempt():
        [result] = host.publish([event])
        assert result["outcome"] != "done", f"{event} was delivered"
        reasons[:] = [status.header("reason") for status in stream.all() if status.header("event-id") == result["id"]]
        return [reason for reason in reasons if all(word in reason for word in words)]

    return wait_until(attempt, 30, f"a refusal with {words}", 0.1, lambda: f"{reasons} {host.log()}")[0]


def worker(host: HostStub, name: str = "inbound") -> dict:
    return next(each for each in host.get("/kafka/status")["workers"] if each["name"] == name)


def letters(host: HostStub) -> list[dict]:
    return host.get("/kafka/dead-letters?worker=inbound&limit=1000")["dead_letters"]
